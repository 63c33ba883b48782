"""Aggregates in and out of their rows: the version guard, the event log and the members of a case, nowhere else."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import changed_meanwhile, not_found
from services.common.kernel.events import Aggregate
from services.common.kernel.steps import breathe
from services.common.storage import aggregates
from services.common.storage.carrying import with_unknown
from services.common.storage.codec import fields_from_json, from_json, to_json
from services.common.storage.content import Kind, Values, digest_of_rows
from services.common.storage.statement import Row, paging, selecting, selecting_many
from services.common.storage.transaction import Transaction
from services.mediation.domain.case import Case
from services.mediation.domain.parties import Particulars
from services.mediation.domain.vocabulary import ConflictStatus
from services.mediation.storage.kinds import CASES
from services.mediation.storage.tables import case_members, party_particulars

A = TypeVar("A", bound=Aggregate)

NOBODY = UUID(int=0)
_CLEARED = (ConflictStatus.CLEAR, ConflictStatus.WAIVED)


class Repository(Generic[A]):
    """One kind of aggregate. What the viewer may not see does not exist here."""

    def __init__(
        self,
        tx: Transaction,
        logged: Kind,
        kind: type[A],
        columns: Callable[[A], dict[str, Any]],
    ) -> None:
        self.table = logged.table
        self._tx = tx
        self._logged = logged
        self._kind = kind
        self._columns = columns
        self._loaded: dict[UUID, Any] = {}
        """The JSON of what was loaded here: what this code does not know of it goes back with it."""

    async def get(self, id: UUID, version: int | None = None, *, lock: bool = False) -> A:
        """Raises NOT_FOUND, STALE_VERSION when it is no longer the version that the caller read."""
        row = await selecting(self.table, lock=lock).first(self._tx.driver, id=id)
        if row is None:
            raise not_found()
        found = self.build(row)
        await breathe()
        if version is not None and found.version != version:
            raise changed_meanwhile()
        return found

    async def find(self, *, lock: bool = False, **columns: UUID | str) -> A | None:
        """The newest with these values in its columns, if the viewer may see it."""
        query = selecting(self.table, tuple(columns), lock=lock, newest=True)
        row = await query.first(self._tx.driver, **columns)
        if row is None:
            return None
        found = self.build(row)
        await breathe()
        return found

    async def page(self, *, limit: int, after: UUID | None = None, **columns: UUID | str) -> list[A]:
        """The first of those with these values in their columns, in the order of creation."""
        query = paging(self.table, tuple(columns))
        rows = await query.rows(self._tx.driver, page_after=after or NOBODY, page_size=limit, **columns)
        return [self.build(row) for row in rows]

    async def all(self, *, at_once: int = 500, **columns: UUID | str) -> list[A]:
        """All with these values in their columns, in the order of creation; ``at_once`` are fetched at a time."""
        found = part = await self.page(limit=at_once, after=None, **columns)
        while len(part) == at_once:
            part = await self.page(limit=at_once, after=part[-1].id, **columns)
            found = [*found, *part]
        return found

    async def add(self, aggregate: A) -> A:
        """A new one."""
        await aggregates.add(self._tx, self._logged, aggregate, self._values(aggregate), self._parts(aggregate))
        return aggregate

    async def save(self, aggregate: A) -> A:
        """Raises STALE_VERSION when somebody else saved it since it was read."""
        await aggregates.save(self._tx, self._logged, aggregate, self._values(aggregate), self._parts(aggregate))
        return aggregate

    def build(self, row: Row) -> A:
        self._loaded[row["id"]] = row["data"]
        return self._kind(
            id=row["id"],
            organisation_id=row["organisation_id"],
            version=row["version"],
            head=bytes(row["head"]),
            **fields_from_json(self._kind, row["data"]),
        )

    def _values(self, aggregate: A) -> dict[str, Any]:
        data = with_unknown(self._kind, self._loaded.get(aggregate.id), self._data(aggregate))
        self._loaded[aggregate.id] = data
        return {"data": data, **self._columns(aggregate)}

    def _data(self, aggregate: A) -> Any:
        return to_json(aggregate)

    def _parts(self, aggregate: A) -> aggregates.Parts:
        return {}


class CaseRepository(Repository[Case]):
    """Cases with their members, by whom row-level security decides who sees what."""

    def __init__(self, tx: Transaction, elevated: Callable[[], Any]) -> None:
        super().__init__(tx, CASES, Case, self._searched)
        self._elevated = elevated
        self._particulars: dict[UUID, bytes] = {}
        """The digest of the full particulars by case: whoever saves a case may see masked ones only."""
        self._members: dict[UUID, Sequence[tuple[UUID, UUID, str]]] = {}

    def build(self, row: Row) -> Case:
        case = super().build(row)
        self._members[case.id] = members_of(case)
        self._particulars[case.id] = bytes(row["particulars_digest"])
        return case

    async def get(self, id: UUID, version: int | None = None, *, lock: bool = False) -> Case:
        return (await self._in_full([await super().get(id, version, lock=lock)]))[0]

    async def find(self, *, lock: bool = False, **columns: UUID | str) -> Case | None:
        found = await super().find(lock=lock, **columns)
        return None if found is None else (await self._in_full([found]))[0]

    async def page(self, *, limit: int, after: UUID | None = None, **columns: UUID | str) -> list[Case]:
        return await self._in_full(await super().page(limit=limit, after=after, **columns))

    async def of_ids(self, ids: Sequence[UUID]) -> dict[UUID, Case]:
        """Several cases in two queries."""
        rows = await selecting_many(self.table).rows(self._tx.driver, wanted=ids)
        return {case.id: case for case in await self._in_full([self.build(row) for row in rows])}

    async def add(self, aggregate: Case) -> Case:
        particulars = _particulars_of(aggregate)
        self._particulars[aggregate.id] = digest_of_rows(particulars)
        await super().add(aggregate)
        await self._write_members(aggregate)
        await self._write_particulars(particulars)
        return aggregate

    async def save(self, aggregate: Case) -> Case:
        await super().save(aggregate)
        if self._members.get(aggregate.id) != members_of(aggregate):
            await self._write_members(aggregate)
        return aggregate

    def _data(self, aggregate: Case) -> Any:
        """The case itself holds masked particulars only: the full ones have rows, and viewers, of their own."""
        case = super()._data(aggregate)
        for party, data in zip(aggregate.parties, case["parties"], strict=True):
            data["particulars"] = to_json(party.particulars.masked())
        return case

    async def _in_full(self, found: list[Case]) -> list[Case]:
        """With the full particulars of the parties whose the viewer may see."""
        if not found:
            return found
        query = selecting_many(party_particulars, "case_id")
        rows = await query.rows(self._tx.driver, wanted=[case.id for case in found])
        known = {(row["case_id"], row["party"]): from_json(Particulars, row["data"]) for row in rows}
        for case in found:
            case.parties = tuple(
                replace(party, particulars=known.get((case.id, party.id), party.particulars)) for party in case.parties
            )
        return found

    def _searched(self, case: Case) -> dict[str, Any]:
        return {
            "state": case.state.name,
            "origin": case.origin,
            "particulars_digest": self._particulars[case.id],
        }

    def _parts(self, aggregate: Case) -> aggregates.Parts:
        return {"members": _member_rows(aggregate)}

    async def _write_particulars(self, rows: Sequence[Values]) -> None:
        if rows:
            async with self._elevated():
                await self._tx.connection.execute(insert(party_particulars), rows)

    async def _write_members(self, case: Case) -> None:
        rows = _member_rows(case)
        async with self._elevated():
            await self._tx.connection.execute(delete(case_members).where(case_members.c.case_id == case.id))
            if rows:
                await self._tx.connection.execute(insert(case_members), rows)
        self._members[case.id] = members_of(case)


def _particulars_of(case: Case) -> list[Values]:
    return [
        {
            "case_id": case.id,
            "party": party.id,
            "organisation_id": case.organisation_id,
            "data": to_json(party.particulars),
        }
        for party in case.parties
    ]


def _member_rows(case: Case) -> list[Values]:
    return [
        {"case_id": case.id, "account": account, "party": party, "role": role}
        for account, party, role in members_of(case)
    ]


def members_of(case: Case) -> tuple[tuple[UUID, UUID, str], ...]:
    """Who may see something of the case: (account, party, role), without repetition. A recused mediator is named last."""
    found: dict[tuple[UUID, UUID], str] = {}
    for party in case.parties:
        if party.account is not None:
            found[party.account, party.id] = "PARTY"
        for each in party.representatives:
            found.setdefault((each.account, party.id), "REPRESENTATIVE")
    if case.mediator_account is not None:
        check = case.conflict_check
        cleared = check is not None and check.status in _CLEARED
        found[case.mediator_account, NOBODY] = "MEDIATOR" if cleared else "DISCLOSING"
    for account in case.recused_accounts:
        found[account, NOBODY] = "RECUSED"
    return tuple((account, party, role) for (account, party), role in found.items())
