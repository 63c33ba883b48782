"""Matters in and out of the database. The version guard is here and nowhere else."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from services.common.kernel.errors import not_found
from services.common.kernel.ids import new_id
from services.common.storage import aggregates
from services.common.storage.content import digest_of_rows
from services.common.storage.deadlines import deadline_of
from services.common.storage.statement import Row, Statement, inserting, selecting
from services.common.storage.tables import TIME, deadlines
from services.intake.application.clocks import DueFilter, DueMatter
from services.intake.application.ports import Dossier, FilingRoom, MatterFilter
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.likeness import complainant_keys
from services.intake.domain.matter import Matter
from services.intake.domain.values import Contact, Party, PrivateParticulars
from services.intake.storage import rows
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
        complainant, respondent = matter.parties
        values: dict[str, Any] = {
            **self._recorded(matter),
            "likeness_keys": list(complainant_keys(matter)),
            "viewers": [f"accounts/{party.account}" for party in matter.parties if party.account],
            "digest": contacts_dossier.digest,
            "dossier": contacts_dossier.data,
            **_party_values("complainant", complainant),
            **_party_values("respondent", respondent),
        }
        counted = _lanes(room)
        if await _ADD.run(self._tx.driver, **values, **counted):
            return True
        # Every lane that has room is in use, or there is no room, or this is the first filing of the day.
        await _NEW_DAY.run(self._tx.driver, **counted)
        return await _ADD_WAITING.run(self._tx.driver, **values, **counted) == 1

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

    async def page(self, wanted: MatterFilter, viewer: str, after: UUID | None, size: int) -> list[UUID]:
        """The ids of one page, the newest first; each branch reads one index from where the last page ended."""
        values = {
            "organisations": wanted.organisations,
            "viewer": viewer if wanted.own else None,
            "state": wanted.state.value if wanted.state else None,
            "officer": wanted.officer,
            "after": after or _LAST,
            "size": size,
        }
        statement = _PAGES[wanted.state is not None, wanted.officer is not None]
        return list((await self._tx.connection.execute(statement, values)).scalars())

    async def due(self, wanted: DueFilter, size: int) -> list[DueMatter]:
        """Clocks by which something is still to be done, the earliest first: a decision while there is none, and the end
        of whatever has not ended."""
        after_time, after_id = wanted.after or (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        values = {
            "organisations": wanted.organisations,
            "officer": wanted.officer,
            "until": wanted.until,
            "deciding": sorted(wanted.deciding),
            "after_time": after_time,
            "after_id": after_id,
            "size": size,
        }
        found = await _DUE.rows(self._tx.driver, **values)
        return [
            DueMatter(
                matter=row["aggregate_id"],
                number=row["number"],
                state=MatterState(row["matter_state"]),
                officer=row["officer_id"],
                deadline=deadline_of(row),
            )
            for row in found
        ]

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


def _party_values(prefix: str, party: Party) -> dict[str, Any]:
    private = party.particulars or PrivateParticulars()
    return {
        f"{prefix}_id": party.id,
        f"{prefix}_display_name": party.display_name,
        f"{prefix}_kind": party.kind.value,
        f"{prefix}_identity_head": party.identity_head,
        f"{prefix}_account_id": party.account,
        f"{prefix}_identity_number": private.identity_number,
        f"{prefix}_address": private.address,
        f"{prefix}_region_code": private.region_code,
        f"{prefix}_email": private.email,
        f"{prefix}_phone": private.phone,
        f"{prefix}_locale": private.locale,
        f"{prefix}_details": rows.details_values(private),
    }


_LAST = UUID(int=2**128 - 1)
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


def _party_rows(prefix: str, side: str) -> tuple[str, str]:
    """What a party's row and that of its particulars hold."""
    shown = (
        f"CAST(:{prefix}_id AS uuid), CAST(:id AS uuid), '{side}', :{prefix}_display_name, :{prefix}_kind,"
        f" :{prefix}_identity_head, CAST(:{prefix}_account_id AS uuid)"
    )
    private = (
        f"CAST(:{prefix}_id AS uuid), CAST(:id AS uuid), CAST(:{prefix}_account_id AS uuid),"
        f" :{prefix}_identity_number, :{prefix}_address, :{prefix}_region_code, :{prefix}_email,"
        f" :{prefix}_phone, :{prefix}_locale, CAST(:{prefix}_details AS jsonb)"
    )
    return shown, private


_COMPLAINANT, _RESPONDENT = _party_rows("complainant", "COMPLAINANT"), _party_rows("respondent", "RESPONDENT")

_LANES = 16
"""How many filings of one account can be on their way to their commit without one waiting for another."""


def _lanes(room: FilingRoom) -> dict[str, Any]:
    """A day's room, divided among lanes: ``share`` for each, and one more for the first ``rest`` of them."""
    lanes = min(_LANES, room.quota)
    share, rest = divmod(room.quota, lanes)
    counted = {"filer": room.filer, "capacity": room.capacity.value, "day": room.day}
    return {**counted, "lanes": lanes, "share": share, "rest": rest}


# A replica whose clock is a moment behind counts in the day that the others have begun.
_NEW_DAY = Statement(
    text("""
    INSERT INTO filings (filer, capacity, lane, day, filed)
    SELECT CAST(:filer AS text), CAST(:capacity AS text), lane, CAST(:day AS date), 0
    FROM generate_series(0, CAST(:lanes AS integer) - 1) AS lane
    WHERE NOT EXISTS (
        SELECT 1 FROM filings AS kept
        WHERE kept.filer = :filer AND kept.capacity = :capacity AND kept.lane = lane.lane
            AND kept.day >= CAST(:day AS date)
    )
    ON CONFLICT (filer, capacity, lane) DO UPDATE SET day = excluded.day, filed = 0 WHERE filings.day < excluded.day
    """)
)


def _add(choosing: str) -> Statement:
    """``choosing`` says which of the lanes with room is taken, and whether to wait for one that is in use."""
    return Statement(
        text(
            f"""
    WITH lane AS (
        SELECT lane FROM filings
        WHERE filer = CAST(:filer AS text) AND capacity = CAST(:capacity AS text) AND day >= CAST(:day AS date)
            AND filed < CAST(:share AS integer) + CAST(lane < CAST(:rest AS integer) AS integer)
            AND lane < CAST(:lanes AS integer)
        {choosing}
    ), counted AS (
        UPDATE filings SET filed = filings.filed + 1 FROM lane
        WHERE filings.filer = :filer AND filings.capacity = :capacity AND filings.lane = lane.lane
        RETURNING true
    ), shown AS (
        INSERT INTO parties (id, matter_id, side, display_name, kind, identity_head, account_id)
        SELECT {_COMPLAINANT[0]} FROM counted UNION ALL SELECT {_RESPONDENT[0]} FROM counted
    ), private AS (
        INSERT INTO particulars
            (party_id, matter_id, account_id, identity_number, address, region_code, email, phone, locale, details)
        SELECT {_COMPLAINANT[1]} FROM counted UNION ALL SELECT {_RESPONDENT[1]} FROM counted
    ), listed AS (
        INSERT INTO matter_viewers (viewer, matter_id)
        SELECT viewer, CAST(:id AS uuid) FROM counted, unnest(CAST(:viewers AS text[])) AS viewer
    ), alike AS (
        INSERT INTO likenesses (organisation_id, complainant_key, matter_id)
        SELECT CAST(:organisation_id AS uuid), complainant_key, CAST(:id AS uuid)
        FROM counted, unnest(CAST(:likeness_keys AS bytea[])) AS complainant_key
    ), frozen AS (
        INSERT INTO dossiers (matter_id, kind, digest, bytes, create_time)
        SELECT CAST(:id AS uuid), 'CONTACTS', CAST(:digest AS bytea), CAST(:dossier AS bytea),
            CAST(:receive_time AS timestamptz) FROM counted
    )
    INSERT INTO matters (id, organisation_id, version, head, number, kind, channel, state, subject_matter, facts,
        request, currency, minor_units, receive_time, sample, source_facts, shared_version, particulars_digest,
        contacts_digest)
    SELECT :id, :organisation_id, :version, :head, :number, :kind, :channel, :state, :subject_matter, :facts,
        :request, :currency, :minor_units, CAST(:receive_time AS timestamptz), :sample, :source_facts,
        :shared_version, CAST(:particulars_digest AS bytea), CAST(:contacts_digest AS bytea)
    FROM counted
    """  # noqa: S608 - composed of constants
        ).bindparams(
            *(bindparam(name, type_=JSONB) for name in ("source_facts", "complainant_details", "respondent_details"))
        )
    )


# The foreign keys are checked when the statement ends, so the order of its parts does not matter. How many matters each
# account filed today is counted in lanes, which begin anew with the day: a filing takes one that no other is using, so
# that it waits for nobody's commit. Only where none is left is one waited for, which is then looked at again.
_ADD = _add("LIMIT 1 FOR UPDATE SKIP LOCKED")
_ADD_WAITING = _add("ORDER BY random() LIMIT 1 FOR UPDATE")


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
_UNDECIDED = ("SUBMITTED", "TRIAGED")
_ENDED = ("DECLINED", "CLOSED", "WITHDRAWN")
_DECIDES = deadlines.c.rule == any_(bindparam("deciding", type_=ARRAY(Text)))
_OFFICER = bindparam("officer", type_=Uuid)
_DUE = Statement(
    select(deadlines, matters.c.number, matters.c.state.label("matter_state"), matters.c.officer_id)
    .join(matters, matters.c.id == deadlines.c.aggregate_id)
    .where(
        deadlines.c.organisation_id == any_(bindparam("organisations", type_=ARRAY(Uuid))),
        literal_column("deadlines.state IN ('RUNNING', 'LAPSED')", Boolean),  # As its index says it.
        deadlines.c.due_time <= bindparam("until", type_=TIME),
        tuple_(deadlines.c.due_time, deadlines.c.id)
        > tuple_(bindparam("after_time", type_=TIME), bindparam("after_id", type_=Uuid)),
        or_(_OFFICER.is_(None), matters.c.officer_id == _OFFICER),
        or_(
            and_(_DECIDES, or_(*(matters.c.state == state for state in _UNDECIDED))),
            and_(not_(_DECIDES), *(matters.c.state != state for state in _ENDED)),
        ),
    )
    .order_by(deadlines.c.due_time, deadlines.c.id)
    .limit(bindparam("size", type_=Integer))
)


def _page(with_state: bool, with_officer: bool) -> Any:
    state = "AND m.state = :state" if with_state else "AND CAST(:state AS text) IS NULL"
    officer = "AND m.officer_id = :officer" if with_officer else "AND CAST(:officer AS uuid) IS NULL"
    return text(
        f"""
        SELECT id FROM (
            SELECT mine.id
            FROM unnest(CAST(:organisations AS uuid[])) AS o (id)
            CROSS JOIN LATERAL (
                SELECT m.id FROM matters AS m
                WHERE m.organisation_id = o.id AND m.id < CAST(:after AS uuid) {state} {officer}
                ORDER BY m.id DESC LIMIT CAST(:size AS integer)
            ) AS mine
            UNION
            (
                SELECT m.id FROM matter_viewers AS v JOIN matters AS m ON m.id = v.matter_id
                WHERE v.viewer = CAST(:viewer AS text) AND v.matter_id < CAST(:after AS uuid) {state} {officer}
                ORDER BY v.matter_id DESC LIMIT CAST(:size AS integer)
            )
        ) AS found
        ORDER BY id DESC LIMIT CAST(:size AS integer)
        """  # noqa: S608 - composed of constants
    )


_PAGES = {
    (with_state, with_officer): _page(with_state, with_officer)
    for with_state in (False, True)
    for with_officer in (False, True)
}
