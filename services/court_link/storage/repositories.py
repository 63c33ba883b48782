"""Aggregates to rows and back. A command reads its aggregate with a lock: acts on one object come one after another."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from services.common.kernel.errors import changed_meanwhile, not_found
from services.common.kernel.events import Aggregate
from services.common.storage import aggregates
from services.common.storage.carrying import with_unknown
from services.common.storage.codec import fields_from_json, from_json, to_json
from services.common.storage.content import Kind, digest_of_rows
from services.common.storage.statement import Row, Statement, inserting, selecting, selecting_many
from services.common.storage.transaction import Transaction
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import ENDED_WITHOUT_RULING, Application, ApplicationState
from services.court_link.domain.court import Court
from services.court_link.domain.material import Supplied
from services.court_link.domain.referral import Referral
from services.court_link.domain.ruling import Ruling
from services.court_link.domain.window import ApplicationWindow
from services.court_link.storage import kinds, tables

A = TypeVar("A", bound=Aggregate)


class Aggregates(Generic[A]):
    """The rows of one kind of aggregate; ``searched`` gives the columns beside its content."""

    def __init__(self, tx: Transaction, logged: Kind, kind: type[A], searched: Callable[[A], dict[str, Any]]) -> None:
        self._tx = tx
        self._table = logged.table
        self._logged = logged
        self._kind = kind
        self._searched = searched
        self._loaded: dict[UUID, Any] = {}
        """The JSON of what was loaded here: what this code does not know of it goes back with it."""

    async def find(self, id: UUID, *, lock: bool = False) -> A | None:
        """The aggregate, None when there is none that the caller may see."""
        row = await selecting(self._table, lock=lock).first(self._tx.driver, id=id)
        return self._aggregate(row) if row else None

    async def get(self, id: UUID, *, lock: bool = False) -> A:
        """The aggregate, or NOT_FOUND."""
        found = await self.find(id, lock=lock)
        if found is None:
            raise not_found()
        return found

    async def of(self, version: int, id: UUID) -> A:
        """The locked aggregate at the version its caller read. Raises NOT_FOUND, STALE_VERSION."""
        found = await self.get(id, lock=True)
        if found.version != version:
            raise changed_meanwhile()
        return found

    async def save(self, aggregate: A) -> None:
        """Writes the row and hands the events on. Raises STALE_VERSION when somebody else wrote meanwhile."""
        content = with_unknown(self._kind, self._loaded.get(aggregate.id), to_json(aggregate))
        self._loaded[aggregate.id] = content
        values = {**self._searched(aggregate), "content": content}
        write = aggregates.save if aggregate.version else aggregates.add
        await write(self._tx, self._logged, aggregate, values, self._parts(aggregate))

    def _parts(self, aggregate: A) -> aggregates.Parts:
        return {}

    async def listed(self, query: Select[Any]) -> list[A]:
        """The aggregates of a query over this table."""
        return [self._aggregate(row) for row in (await self._tx.connection.execute(query)).mappings()]

    async def page(self, condition: ColumnElement[bool], size: int, before: UUID | None) -> list[A]:
        """So many aggregates, newest first, older than ``before``."""
        if before is not None:
            condition = condition & (self._table.c.id < before)
        return await self.listed(select(self._table).where(condition).order_by(self._table.c.id.desc()).limit(size))

    def _aggregate(self, row: Any) -> A:
        self._loaded[row["id"]] = row["content"]
        base = {name: row[name] for name in ("id", "organisation_id", "version", "head")}
        return self._kind(**base, **fields_from_json(self._kind, row["content"]))


class Courts(Aggregates[Court]):
    """Courts; everybody may see them."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, kinds.COURTS, Court, lambda court: {"region_codes": list(court.region_codes)})

    async def of_organisation(self, organisation_id: UUID) -> Court | None:
        found = await self.listed(select(tables.courts).where(tables.courts.c.organisation_id == organisation_id))
        return found[0] if found else None

    async def serving(self, places: Sequence[str]) -> list[Court]:
        """Courts whose territory may hold one of the places: the code itself, its city, its province."""
        codes = {code for place in places for code in (place, f"{place[:4]}00", f"{place[:2]}0000") if place}
        return await self.listed(
            select(tables.courts)
            .where(tables.courts.c.region_codes.overlap(sorted(codes)))
            .order_by(tables.courts.c.id)
        )

    async def listing(self, size: int, after: UUID | None) -> list[Court]:
        query = select(tables.courts).order_by(tables.courts.c.id).limit(size)
        return await self.listed(query.where(tables.courts.c.id > after) if after else query)


class Windows(Aggregates[ApplicationWindow]):
    """Windows, by the id of their agreement."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(
            tx,
            kinds.APPLICATION_WINDOWS,
            ApplicationWindow,
            lambda window: {"state": window.state.value},
        )


class Applications(Aggregates[Application]):
    """Joint applications with the accounts that may see them."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, kinds.APPLICATIONS, Application, self._columns)
        self._members: dict[UUID, bytes] = {}
        """The digest of the members by application: one of them does not see the others."""

    def _aggregate(self, row: Any) -> Application:
        self._members[row["id"]] = bytes(row["members_digest"])
        return super()._aggregate(row)

    def _columns(self, application: Application) -> dict[str, Any]:
        return {**_searched_application(application), "members_digest": self._members[application.id]}

    async def admit(self, application_id: UUID, accounts: frozenset[UUID]) -> None:
        """Lets the accounts see the application. Called before it is saved: otherwise its own row is out of sight."""
        rows = [{"application_id": application_id, "account_id": account} for account in sorted(accounts)]
        self._members[application_id] = digest_of_rows(rows)
        await self._tx.connection.execute(insert(tables.application_members).values(rows).on_conflict_do_nothing())

    async def is_member(self, application_id: UUID, account: UUID | None) -> bool:
        query = selecting(tables.application_members, ("application_id", "account_id"))
        values = {"application_id": application_id, "account_id": account}
        return await query.first(self._tx.driver, **values) is not None

    async def supplied_by(self, account: UUID, since: datetime) -> Supplied:
        """What the account has supplied since the time (aware UTC), to whatever applications."""
        row = await self._tx.driver.fetchrow(_SUPPLIED_BY, account, str(account), since)
        return Supplied(files=row["files"], size=int(row["size"])) if row else Supplied()

    async def states_of(self, agreement: UUID) -> tuple[ApplicationState, ...]:
        """The states of every application for an agreement, in the order they were made."""
        rows = await _STATES.rows(self._tx.driver, agreement=agreement)
        return tuple(ApplicationState(row["state"]) for row in rows)

    async def under_way(self, agreement: UUID) -> Application | None:
        """The one application that has not ended without a ruling, locked."""
        row = await _UNDER_WAY.first(self._tx.driver, agreement=agreement)
        return self._aggregate(row) if row else None

    async def reachable(
        self,
        courts: Sequence[UUID],
        account: UUID | None,
        state: ApplicationState | None,
        size: int,
        before: UUID | None,
    ) -> list[Application]:
        """Those before the caller's courts and those its account takes part in."""
        row, member = tables.applications.c, tables.application_members.c
        mine = row.id.in_(select(member.application_id).where(member.account_id == account))
        condition = (row.filed & row.organisation_id.in_(courts)) | mine
        return await self.page(condition & (row.state == state.value) if state else condition, size, before)


_SUPPLIED_BY = """
SELECT count(*) AS files, coalesce(sum((each->>'size')::bigint), 0) AS size
FROM applications JOIN application_members ON application_id = applications.id,
     jsonb_array_elements(content->'supplements') AS each
WHERE account_id = $1 AND each->>'account' = $2 AND (each->>'supply_time')::timestamptz > $3
"""
_AGREEMENT = tables.applications.c.agreement_id == bindparam("agreement", type_=Uuid)
_STATES = Statement(select(tables.applications.c.state).where(_AGREEMENT).order_by(tables.applications.c.attempt))
_UNDER_WAY = Statement(
    select(tables.applications)
    .where(_AGREEMENT, and_(*(tables.applications.c.state != state.value for state in ENDED_WITHOUT_RULING)))
    .with_for_update()
)


def _searched_application(application: Application) -> dict[str, Any]:
    return {
        "agreement_id": application.agreement,
        "attempt": application.attempt,
        "state": application.state.value,
        "filed": application.before_court,
    }


class Rulings(Aggregates[Ruling]):
    """Rulings; a party sees one when it is issued."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(
            tx,
            kinds.RULINGS,
            Ruling,
            lambda ruling: {"application_id": ruling.application, "state": ruling.state.value},
        )

    async def of_application(self, application_id: UUID) -> Ruling | None:
        """The application's ruling, None when there is none that the caller may see."""
        query = selecting(tables.rulings, ("application_id",))
        row = await query.first(self._tx.driver, application_id=application_id)
        return self._aggregate(row) if row else None

    async def spend(self, token_id: str) -> bool:
        """Whether the proof was unspent; from now on it is spent, if this transaction commits."""
        row = {"token_id": token_id, "spend_time": self._tx.now}
        return bool(await inserting(tables.spent_proofs, tuple(row), anew=False).run(self._tx.driver, **row))


class Referrals(Aggregates[Referral]):
    """Referrals with the accounts that joined them."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx, kinds.REFERRALS, Referral, lambda referral: {"state": referral.state.value})

    def _parts(self, aggregate: Referral) -> aggregates.Parts:
        accounts = {party.account for party in aggregate.parties if party.account is not None}
        return {"members": [{"referral_id": aggregate.id, "account_id": account} for account in accounts]}

    async def admit(self, referral_id: UUID, account: UUID) -> None:
        row = {"referral_id": referral_id, "account_id": account}
        await self._tx.connection.execute(insert(tables.referral_members).values(row).on_conflict_do_nothing())

    async def of_courts(self, courts: Sequence[UUID], size: int, before: UUID | None) -> list[Referral]:
        return await self.page(tables.referrals.c.organisation_id.in_(courts), size, before)


class Agreements:
    """This service's copies of sealed agreements."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def find(self, id: UUID, *, lock: bool = False) -> SealedAgreement | None:
        """The agreement, None when none is sealed that the caller may see."""
        row = await selecting(tables.agreements, lock=lock).first(self._tx.driver, id=id)
        return _agreement(row) if row else None

    async def get(self, id: UUID) -> SealedAgreement:
        found = await self.find(id)
        if found is None:
            raise not_found()
        return found

    async def of_many(self, ids: Sequence[UUID]) -> dict[UUID, SealedAgreement]:
        rows = await selecting_many(tables.agreements).rows(self._tx.driver, wanted=ids)
        found = [_agreement(row) for row in rows]
        return {agreement.agreement: agreement for agreement in found}

    async def keep(self, agreement: SealedAgreement, dossier_digest: bytes) -> None:
        """Stores the copy and who may see it; a second time changes nothing."""
        members = [{"agreement_id": agreement.agreement, "account_id": each} for each in sorted(agreement.accounts)]
        if members:
            statement = insert(tables.agreement_members).values(members).on_conflict_do_nothing()
            await self._tx.connection.execute(statement)
        row = {
            "id": agreement.agreement,
            "organisation_id": agreement.organisation,
            "dossier_digest": dossier_digest,
            "store_time": self._tx.now,
            "content": to_json(agreement),
        }
        await self._tx.connection.execute(insert(tables.agreements).values(row).on_conflict_do_nothing())


def _agreement(row: Row) -> SealedAgreement:
    agreement: SealedAgreement = from_json(SealedAgreement, row["content"])
    return agreement
