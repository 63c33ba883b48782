"""Sessions: on the calendar without collision, noticed or waived, attended by somebody authorised for every party."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.errors import invalid
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_mediator, as_member, as_organiser, authority, regime_of
from services.mediation.domain.case import Case
from services.mediation.domain.session import Attendance, Session
from services.mediation.domain.vocabulary import SessionKind, SessionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSession:
    case: UUID
    version: int
    kind: SessionKind
    caucus_party: UUID | None
    start_time: datetime
    end_time: datetime
    room: str


async def schedule_session(tx: Work, command: ScheduleSession) -> Session:
    """Puts a session on the calendar of an open case.

    Inside the notice period it can start only once every party of it waived. Raises SLOT_TAKEN and what
    ``Session.plan`` raises.
    """
    case = await tx.cases.get(command.case, command.version)
    as_organiser(tx, case)
    session = Session.plan(
        tx.new_id(),
        case,
        regime_of(tx, case).session,
        kind=command.kind,
        caucus_party=command.caucus_party,
        start=command.start_time,
        end=command.end_time,
        room=command.room,
        now=tx.now,
    )
    await tx.sessions.add(session)
    await _book(tx, case, session)
    return session


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleSession:
    id: UUID
    version: int
    start_time: datetime
    end_time: datetime
    room: str
    reason: str


async def reschedule_session(tx: Work, command: RescheduleSession) -> Session:
    """Moves a session; the notice period begins anew. Raises SLOT_TAKEN and what ``Session.reschedule`` raises."""
    session = await tx.sessions.get(command.id, command.version)
    case = await tx.cases.get(session.case_id)
    as_organiser(tx, case)
    rule = regime_of(tx, case).session
    session.reschedule(case, rule, command.start_time, command.end_time, command.room, command.reason, tx.now)
    await _book(tx, case, session)
    return await tx.sessions.save(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSession:
    id: UUID
    version: int
    reason: str


async def cancel_session(tx: Work, command: CancelSession) -> Session:
    """Frees the time of everybody."""
    session = await tx.sessions.get(command.id, command.version)
    as_organiser(tx, await tx.cases.get(session.case_id))
    session.cancel(command.reason)
    await tx.unbook(session.id)
    return await tx.sessions.save(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveNotice:
    id: UUID
    version: int
    party: UUID


async def waive_notice(tx: Work, command: WaiveNotice) -> Session:
    """A party waives the notice period of this session, on the record."""
    session = await tx.sessions.get(command.id, command.version)
    as_member(tx, await tx.cases.get(session.case_id), command.party)
    session.waive_notice(command.party)
    return await tx.sessions.save(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    id: UUID
    version: int
    party: UUID | None
    account: UUID
    identity_method: str


async def check_in(tx: Work, command: CheckIn) -> Session:
    """The mediator notes who is there, on what authority, and how identity was checked."""
    session = await tx.sessions.get(command.id, command.version)
    case = await tx.cases.get(session.case_id)
    as_mediator(tx, case)
    held = None
    if command.party is not None:
        held = authority(tx, case, case.party(command.party), command.account, None)
    elif command.account != case.mediator_account:
        raise invalid(
            "PARTY_MISSING", "请注明该人代表哪一方", "say for which party that person is there", field="party"
        )
    session.check_in(
        Attendance(
            party=command.party,
            account=command.account,
            authority=held,
            identity_method=command.identity_method,
            check_in_time=tx.now,
        )
    )
    return await tx.sessions.save(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSession:
    id: UUID
    version: int


async def start_session(tx: Work, command: StartSession) -> Session:
    """Raises NOTICE_RUNNING, NO_QUORUM, CASE_NOT_OPEN."""
    session = await tx.sessions.get(command.id, command.version)
    case = await tx.cases.get(session.case_id)
    as_mediator(tx, case)
    case.require_open()
    session.start(tx.now)
    return await tx.sessions.save(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    id: UUID
    version: int
    result: SessionResult
    absent_party: UUID | None


async def end_session(tx: Work, command: EndSession) -> Session:
    """Held, adjourned, without quorum, or broken off by a technical failure; the rest of its time is free again."""
    session = await tx.sessions.get(command.id, command.version)
    case = await tx.cases.get(session.case_id)
    as_mediator(tx, case)
    session.end(command.result, command.absent_party, tx.now, regime_of(tx, case).session.grace)
    await tx.unbook(session.id)
    return await tx.sessions.save(session)


async def _book(tx: Work, case: Case, session: Session) -> None:
    resources = session.resources({party.id: party.account for party in case.parties})
    await tx.book(session.id, resources, session.start_time, session.end_time)
