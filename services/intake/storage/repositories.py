"""Matters in and out of the database. The version guard is here and nowhere else."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    Uuid,
    any_,
    bindparam,
    cast,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.common.kernel.errors import not_found
from services.common.kernel.ids import new_id
from services.common.storage import aggregates
from services.common.storage.content import digest_of_rows
from services.common.storage.statement import Row, Statement, inserting, selecting
from services.intake.application.ports import Dossier, FilingRoom
from services.intake.domain.likeness import complainant_keys
from services.intake.domain.matter import Matter
from services.intake.domain.values import Contact, Party
from services.intake.storage import filing, rows
from services.intake.storage.kinds import MATTERS
from services.intake.storage.tables import contacts, dossiers, likenesses, matter_viewers, matters, particulars, parties

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


class Matters:
    """The matters that the transaction's viewer may see."""

    def __init__(self, tx: "IntakeTransaction") -> None:
        self._tx = tx
        self._digests: dict[UUID, dict[str, bytes]] = {}
        """Of the rows of a matter that not everybody sees who may save it."""

    async def add(self, matter: Matter, contacts_dossier: Dossier, room: FilingRoom) -> bool:
        """Stores a new matter with its parties and their contact dossier, and counts it, in one statement.

        Whether there was room for it; if not, nothing is stored. Filings of one account do not wait for each other
        (ADR 35).
        """
        values = {
            **self._recorded(matter),
            "likeness_keys": list(complainant_keys(matter)),
            "viewers": [f"accounts/{party.account}" for party in matter.parties if party.account],
            "digest": contacts_dossier.digest,
            "dossier": contacts_dossier.data,
        }
        return await filing.add(self._tx.driver, values, matter.parties, room)

    async def add_imported(self, new: Sequence[tuple[Matter, Dossier]]) -> None:
        """Stores new matters of people without accounts, with their parties and contact dossiers, a table at a time."""
        recorded = [self._recorded(matter) for matter, _ in new]
        entered = [(matter, party) for matter, _ in new for party in matter.parties]
        await _NEW_MATTERS.run_many(self._tx.driver, recorded)
        await _NEW_PARTIES.run_many(
            self._tx.driver, [{"matter_id": matter.id, **_shown(party)} for matter, party in entered]
        )
        await _NEW_PARTICULARS.run_many(
            self._tx.driver, [row for matter, _ in new for row in rows.particulars_values(matter)]
        )
        await _NEW_LIKENESSES.run_many(self._tx.driver, [row for matter, _ in new for row in _likenesses(matter)])
        frozen = [self._frozen(matter.id, contacts_dossier) for matter, contacts_dossier in new]
        await _NEW_DOSSIERS.run_many(self._tx.driver, frozen)

    def _recorded(self, matter: Matter) -> dict[str, Any]:
        """The row of a new matter, whose events are in the log with this."""
        particulars_digest, contacts_digest = digest_of_rows(rows.particulars_values(matter)), digest_of_rows(())
        digests = {"particulars_digest": particulars_digest, "contacts_digest": contacts_digest}
        self._digests[matter.id] = digests
        content = {**rows.lasting_values(matter), **rows.changed_values(matter), **digests}
        content |= {"id": matter.id, "organisation_id": matter.organisation_id}
        self._tx.record(matter, MATTERS.collection, MATTERS.digest(content, _parts(matter)))
        return {
            "id": matter.id,
            "organisation_id": matter.organisation_id,
            "version": matter.version,
            "head": matter.head,
            "state": matter.state.value,
            "shared_version": matter.shared_version,
            **rows.lasting_values(matter),
            **digests,
        }

    def _frozen(self, matter_id: UUID, dossier: Dossier) -> dict[str, Any]:
        return {
            "digest": dossier.digest,
            "kind": dossier.kind.value,
            "matter_id": matter_id,
            "bytes": dossier.data,
            "create_time": self._tx.now,
        }

    async def get(self, matter_id: UUID) -> Matter:
        """One matter. Raises NOT_FOUND for what is not there or not to be seen."""
        found = await self.get_many([matter_id])
        if not found:
            raise not_found()
        return found[0]

    async def hold(self, matter_id: UUID) -> Matter:
        """One matter, kept from others until the commit: two events about it come one after the other. NOT_FOUND."""
        row = await selecting(matters, lock=True).first(self._tx.driver, id=matter_id)
        if row is None:
            raise not_found()
        return (await self._matters([row]))[0]

    async def get_many(self, matter_ids: Sequence[UUID]) -> list[Matter]:
        """The matters of these ids, the newest first, in three queries."""
        return await self._matters(await _MATTERS.rows(self._tx.driver, wanted=matter_ids))

    async def summaries(self, matter_ids: Sequence[UUID]) -> list[Matter]:
        """The same without facts, request, source facts and contacts: each may be large, and a list shows many."""
        found = await _SUMMARIES.rows(self._tx.driver, wanted=matter_ids)
        by_matter = await self._parties(matter_ids)
        return [rows.matter_from(row, by_matter[row["id"]], ()) for row in found]

    async def of_case(self, case: str) -> Matter | None:
        """The matter whose mediation is this case, held."""
        row = await selecting(matters, ("case_name",)).first(self._tx.driver, case_name=case)
        return await self.hold(row["id"]) if row else None

    async def save(self, matter: Matter) -> None:
        """Stores what changed. Raises STALE_VERSION when somebody was faster."""
        digests = self._digests[matter.id]
        if matter.new_contacts:  # Made by staff, who see all of them.
            digests["contacts_digest"] = digest_of_rows(rows.contact_values(matter, each) for each in matter.contacts)
        values = {**rows.changed_values(matter), **digests}
        lasting = rows.lasting_values(matter)
        await aggregates.save(self._tx, MATTERS, matter, values, _parts(matter), lasting=lasting)
        await self._save_contacts(matter)

    async def save_party(self, matter: Matter, party: Party) -> None:
        """Stores one party of a matter that is saved in the same transaction, and who may now see it."""
        values = {
            "account_id": party.account,
            "invitation": party.invitation,
            "invitation_problem": party.invitation_problem,
            "mediation_consent_time": party.mediation_consent_time,
            "online_consent_time": party.online_consent_time,
        }
        execute = self._tx.connection.execute
        await execute(update(parties).where(parties.c.id == party.id).values(**values))
        if party.account is not None:
            mine = particulars.c.party_id == party.id
            await execute(update(particulars).where(mine).values(account_id=party.account))
            row = {"viewer": f"accounts/{party.account}", "matter_id": matter.id}
            await execute(insert(matter_viewers).values(row).on_conflict_do_nothing())

    async def others_of_complainant(self, matter: Matter, size: int) -> list[Matter]:
        """The newest other matters of the same complainant at the same organisation."""
        found = await OTHERS.rows(
            self._tx.driver,
            organisation=matter.organisation_id,
            keys=list(complainant_keys(matter)),
            itself=matter.id,
            size=size,
        )
        return await self.get_many([row["matter_id"] for row in found]) if found else []

    async def add_dossier(self, matter_id: UUID, dossier: Dossier) -> bytes:
        """Keeps an immutable snapshot and gives its digest."""
        row = self._frozen(matter_id, dossier)
        await self._tx.connection.execute(insert(dossiers).values(row).on_conflict_do_nothing())
        return dossier.digest

    async def dossier(self, matter_id: UUID, kind: str, digest: bytes) -> bytes:
        """A snapshot by its digest. Raises NOT_FOUND."""
        mine = (dossiers.c.matter_id == matter_id) & (dossiers.c.kind == kind) & (dossiers.c.digest == digest)
        found = (await self._tx.connection.execute(select(dossiers.c.bytes).where(mine))).scalar()
        if found is None:
            raise not_found()
        return bytes(found)

    async def _matters(self, found: Sequence[Row]) -> list[Matter]:
        seen = [row["id"] for row in found]
        if not seen:
            return []
        self._digests |= {row["id"]: {name: bytes(row[name]) for name in _DIGESTS} for row in found}
        by_matter, calls = await self._parties(seen), await self._contacts(seen)
        return [rows.matter_from(row, by_matter[row["id"]], calls[row["id"]]) for row in found]

    async def _parties(self, matter_ids: Sequence[UUID]) -> dict[UUID, list[Party]]:
        found: dict[UUID, list[Party]] = defaultdict(list)
        for row in await _PARTIES.rows(self._tx.driver, wanted=matter_ids):
            found[row["matter_id"]].append(rows.party_from(row))
        return found

    async def _contacts(self, matter_ids: Sequence[UUID]) -> dict[UUID, list[Contact]]:
        found: dict[UUID, list[Contact]] = defaultdict(list)
        for row in await _CONTACTS.rows(self._tx.driver, wanted=matter_ids):
            found[row["matter_id"]].append(rows.contact_from(row))
        return found

    async def _save_contacts(self, matter: Matter) -> None:
        for contact in matter.new_contacts:
            row = {"id": new_id(), **rows.contact_values(matter, contact)}
            await self._tx.connection.execute(insert(contacts).values(row))
        matter.new_contacts.clear()


_DIGESTS = ("particulars_digest", "contacts_digest")


def _parts(matter: Matter) -> aggregates.Parts:
    return {"parties": rows.party_values(matter), "viewers": rows.viewer_values(matter)}


def _likenesses(matter: Matter) -> list[dict[str, Any]]:
    return [
        {"organisation_id": matter.organisation_id, "complainant_key": key, "matter_id": matter.id}
        for key in complainant_keys(matter)
    ]


def _shown(party: Party) -> dict[str, Any]:
    return {
        "id": party.id,
        "side": party.side.value,
        "display_name": party.display_name,
        "kind": party.kind.value,
        "identity_head": party.identity_head,
    }


_NOT_PRIVATE = ("party_id", "matter_id", "account_id")
_PRIVATE = [column for column in particulars.c if column.name not in _NOT_PRIVATE]


# Each key reads the end of one stretch of the primary key; ids of matters rise with time.
OTHERS = Statement(
    text(
        """
    SELECT DISTINCT matter_id FROM unnest(CAST(:keys AS bytea[])) AS wanted (complainant_key)
    CROSS JOIN LATERAL (
        SELECT matter_id FROM likenesses
        WHERE organisation_id = CAST(:organisation AS uuid) AND likenesses.complainant_key = wanted.complainant_key
            AND matter_id <> CAST(:itself AS uuid)
        ORDER BY matter_id DESC LIMIT CAST(:size AS integer)
    ) AS found
    ORDER BY matter_id DESC LIMIT CAST(:size AS integer)
    """
    )
)
_WANTED = any_(bindparam("wanted", type_=ARRAY(Uuid)))
_MATTERS = Statement(select(matters).where(matters.c.id == _WANTED).order_by(matters.c.id.desc()))
_TOLD = {"facts": literal(""), "request": literal(""), "source_facts": cast(literal("{}"), JSONB)}
_SUMMARIES = Statement(
    select(*(_TOLD[each.name].label(each.name) if each.name in _TOLD else each for each in matters.c))
    .where(matters.c.id == _WANTED)
    .order_by(matters.c.id.desc())
)
_PARTIES = Statement(
    select(parties, *_PRIVATE)
    .outerjoin(particulars, particulars.c.party_id == parties.c.id)
    .where(parties.c.matter_id == _WANTED)
    .order_by(parties.c.side)
)
_CONTACTS = Statement(select(contacts).where(contacts.c.matter_id == _WANTED).order_by(contacts.c.id))


_NEW_MATTERS = inserting(
    matters,
    (
        *("id", "organisation_id", "version", "head", "number", "kind", "channel", "state", "subject_matter", "facts"),
        *("request", "currency", "minor_units", "receive_time", "sample", "source_facts", "shared_version"),
        *_DIGESTS,
    ),
)
_NEW_PARTIES = inserting(parties, ("id", "matter_id", "side", "display_name", "kind", "identity_head"))
_NEW_PARTICULARS = inserting(particulars, ("party_id", "matter_id", *(column.name for column in _PRIVATE)))
_NEW_LIKENESSES = inserting(likenesses, ("organisation_id", "complainant_key", "matter_id"))
_NEW_DOSSIERS = inserting(dossiers, ("matter_id", "kind", "digest", "bytes", "create_time"))
