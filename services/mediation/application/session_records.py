"""Session records (笔录): drafted by the mediator, answered by every attendee, then rendered and never changed."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.errors import not_found
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_mediator
from services.mediation.domain.session import SessionRecord, Statement
from services.mediation.domain.vocabulary import RecordResponse, RecordState, SessionKind

RENDER_JOB = "render_session_record"


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
        number=f"{case.number}-{str(session.id)[:8]}",
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
    """An attendee's answer; with the last one the record is closed and its document is made."""
    record = await tx.records.get(command.id, command.version)
    if tx.caller.account_id is None:
        raise not_found()
    record.answer(tx.caller.account_id, command.response, command.remarks, tx.now)
    if record.state is not RecordState.DRAFT:
        tx.enqueue(RENDER_JOB, {"record": str(record.id)}, key=str(record.id))
    return await tx.records.save(record)


async def record_rendered(tx: Work, record_id: UUID, digest: bytes) -> None:
    """The document of a closed record exists."""
    record = await tx.records.get(record_id, lock=True)
    if not record.document_digest:
        record.seal(digest)
        await tx.records.save(record)
