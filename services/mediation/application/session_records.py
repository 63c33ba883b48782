"""Session records (笔录): drafted by the mediator, answered by every attendee, then sealed and never changed."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.ids import resource_name
from services.mediation.application.ports import RecordTask, Work
from services.mediation.application.reach import as_mediator, regime_of
from services.mediation.domain.case import Case
from services.mediation.domain.session import Session
from services.mediation.domain.session_record import SessionRecord, Statement
from services.mediation.domain.vocabulary import RecordResponse, RecordState, SessionKind

SEAL_RECORD_JOB = "seal_session_record"

RecordWriter = Callable[[SessionRecord, Session, Case, str, str], bytes]
"""Writes the data file of a closed record: record, session, case, the name of that session's mediator, the time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSessionRecord:
    session: UUID
    version: int
    statements: tuple[Statement, ...]
    undisputed_facts: tuple[str, ...]
    result: str


async def draft_session_record(tx: Work, command: DraftSessionRecord) -> SessionRecord:
    """Writes the record of a session that was held; a new version replaces the one before until it is confirmed."""
    session = await tx.sessions.get(command.session, command.version)
    case = await tx.cases.get(session.case_id)
    as_mediator(tx, case)
    session.require_recordable()
    for statement in command.statements:
        if statement.party is not None:
            case.party(statement.party)
    known = await tx.records.find(session_id=session.id, lock=True)
    if known is not None:
        known.rewrite(command.statements, command.undisputed_facts, command.result, tx.now)
        return await tx.records.save(known)
    record = SessionRecord(
        id=tx.new_id(),
        organisation_id=case.organisation_id,
        session_id=session.id,
        case_id=case.id,
        number=_number(case, session),
        caucus_party=session.caucus_party,
        mediator_account=session.mediator_account,
        attendees=session.attendances,
        statements=command.statements,
        undisputed_facts=command.undisputed_facts,
        result=command.result,
        joint=session.kind is SessionKind.JOINT,
    )
    record.draft(tx.now)
    return await tx.records.add(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSessionRecord:
    id: UUID
    version: int
    response: RecordResponse
    remarks: str


async def confirm_session_record(tx: Work, command: ConfirmSessionRecord) -> SessionRecord:
    """An attendee's answer; with the last one the record is closed and its document is made and sealed."""
    record = await tx.records.get(command.id, command.version)
    if tx.caller.account_id is None:
        raise not_found()
    record.answer(tx.caller.account_id, command.response, command.remarks, tx.now)
    if record.state is not RecordState.DRAFT:
        tx.enqueue(SEAL_RECORD_JOB, {"record": str(record.id)}, key=str(record.id))
    return await tx.records.save(record)


async def plan_seal(tx: Work, record_id: UUID, write_record: RecordWriter) -> RecordTask | None:
    """What is to be made and sealed; None when that is done already or the record is still open."""
    record = await tx.records.get(record_id)
    if not record.awaits_seal:
        return None
    session = await tx.sessions.get(record.session_id)
    case = await tx.cases.get(record.case_id)
    mediator = await tx.mediators.find(organisation_id=case.organisation_id, account=record.mediator_account)
    zone = str(regime_of(tx, case).zone)
    return RecordTask(
        record_file=write_record(record, session, case, mediator.display_name if mediator else "", zone),
        subject=resource_name("sessionRecords", record.id),
        document_number=record.number,
        organisation=resource_name("organisations", case.organisation_id),
        headline=case.organisation_facts.display_name,
        lines=("电子印章",),
        zone=zone,
        owner=str(case.id),
    )


async def record_sealed(tx: Work, record_id: UUID, digest: bytes) -> None:
    """The sealed document is stored. Of two that were made only the first is recorded."""
    record = await tx.records.get(record_id, lock=True)
    if record.awaits_seal:
        record.seal(digest)
        await tx.records.save(record)


async def record_seal_failed(tx: Work, record_id: UUID, reason: str) -> None:
    """The document could not be made or sealed: its readers see why, its mediator is told."""
    record = await tx.records.get(record_id, lock=True)
    record.seal_failed(reason)
    await tx.records.save(record)


def _number(case: Case, session: Session) -> str:
    """Says nothing of how many sessions others had, and differs for two of the same minute: certificates rest on it."""
    return f"{case.number}-{session.id.hex[-8:]}"
