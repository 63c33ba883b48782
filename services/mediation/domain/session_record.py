"""The record of a session (笔录): drafted by the mediator, answered by everybody who was there, sealed once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.errors import invalid, precondition
from services.common.kernel.events import Aggregate
from services.common.kernel.printed_length import MOST_LINES, printed_lines
from services.mediation.domain import errors
from services.mediation.domain.events import sessions as events
from services.mediation.domain.session import Attendance
from services.mediation.domain.vocabulary import RecordResponse, RecordState


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody said, as recorded; without a party it was the mediator."""

    party: UUID | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConfirmation:
    party: UUID | None
    account: UUID
    response: RecordResponse
    remarks: str
    respond_time: datetime


_MOST_LINES_OF_REMARKS = 300
"""Of remarks as long as the contract allows, with some line breaks."""


@dataclass(slots=True, kw_only=True)
class SessionRecord(Aggregate):
    """The record of one session: versioned until every attendee answered, immutable afterwards, sealed once.

    ``document_digest`` is empty until the sealed document exists; ``seal_problem`` is the reason code why it could not
    be made, empty when it was or still may be.
    """

    session_id: UUID
    case_id: UUID
    number: str
    caucus_party: UUID | None
    mediator_account: UUID
    attendees: tuple[Attendance, ...]
    statements: tuple[Statement, ...]
    undisputed_facts: tuple[str, ...]
    result: str
    state: RecordState = RecordState.DRAFT
    revision: int = 0
    confirmations: tuple[RecordConfirmation, ...] = ()
    document_digest: bytes = b""
    seal_problem: str = ""
    joint: bool = True
    draft_time: datetime | None = None
    confirm_time: datetime | None = None

    @property
    def session(self) -> UUID:
        return self.session_id

    @property
    def case(self) -> UUID:
        return self.case_id

    def draft(self, now: datetime) -> None:
        """A new version; who confirmed the one before confirms again. The mediator vouches by drafting."""
        self._require_draft()
        lines = printed_lines([*(each.text for each in self.statements), *self.undisputed_facts, self.result])
        if lines > MOST_LINES:
            raise errors.record_too_long(lines)
        self.revision += 1
        self.draft_time = now
        self.confirmations = tuple(
            RecordConfirmation(
                party=None, account=each.account, response=RecordResponse.CONFIRM, remarks="", respond_time=now
            )
            for each in self.attendees
            if each.party is None
        )
        self.record(
            events.SessionRecordDrafted(session_record=self.id, session=self.session_id, revision=self.revision)
        )

    def rewrite(
        self, statements: tuple[Statement, ...], undisputed_facts: tuple[str, ...], result: str, now: datetime
    ) -> None:
        self._require_draft()
        self.statements, self.undisputed_facts, self.result = statements, undisputed_facts, result
        self.draft(now)

    def answer(self, account: UUID, response: RecordResponse, remarks: str, now: datetime) -> None:
        """An attendee confirms, corrects by a remark that is appended, or refuses, which is noted.

        Raises NOT_AN_ATTENDEE, RECORD_CLOSED, ALREADY_ANSWERED, REMARKS_MISSING, REMARKS_TOO_LONG.
        """
        attendance = self._attendance(account)
        self._require_draft()
        if any(each.account == account for each in self.confirmations):
            raise errors.already_answered()
        if response is RecordResponse.CORRECT and not remarks.strip():
            raise invalid("REMARKS_MISSING", "请写明更正内容", "say what is to be corrected", field="remarks")
        if printed_lines([remarks]) > _MOST_LINES_OF_REMARKS:
            raise errors.remarks_too_long(_MOST_LINES_OF_REMARKS)
        answer = RecordConfirmation(
            party=attendance.party, account=account, response=response, remarks=remarks, respond_time=now
        )
        self.confirmations = (*self.confirmations, answer)
        self._settle(now)
        self.record(
            events.SessionRecordAnswered(
                session_record=self.id, party=attendance.party, response=response, state=self.state
            )
        )

    @property
    def awaits_seal(self) -> bool:
        """Everybody has answered, and there is no sealed document yet."""
        return self.state is not RecordState.DRAFT and not self.document_digest

    def seal(self, digest: bytes) -> None:
        """The sealed document exists; ``digest`` is its SHA-256. Raises RECORD_NOT_SEALABLE: there is one, and only one."""
        if not self.awaits_seal:
            raise precondition("RECORD_NOT_SEALABLE", "笔录不在待盖章状态", "the record does not wait for its seal")
        self.document_digest, self.seal_problem = digest, ""
        self.record(
            events.SessionRecordSealed(
                session_record=self.id,
                document_digest=digest,
                session=self.session_id,
                case=self.case_id,
                caucus_party=self.caucus_party,
            )
        )

    def seal_failed(self, reason: str) -> None:
        """The document could not be made or sealed. It is made again when an operator has put the cause right."""
        if self.awaits_seal:
            self.seal_problem = reason
            self.record(
                events.SessionRecordSealFailed(session_record=self.id, case=self.case_id, account=self.mediator_account)
            )

    def _settle(self, now: datetime) -> None:
        answered = {each.account for each in self.confirmations}
        if not answered >= {each.account for each in self.attendees}:
            return
        refused = any(each.response is RecordResponse.REFUSE for each in self.confirmations)
        self.state = RecordState.CONTESTED if refused else RecordState.CONFIRMED
        self.confirm_time = now

    def _attendance(self, account: UUID) -> Attendance:
        for each in self.attendees:
            if each.account == account:
                return each
        raise precondition("NOT_AN_ATTENDEE", "您未参加该次调解", "you were not at that session")

    def _require_draft(self) -> None:
        if self.state is not RecordState.DRAFT:
            raise precondition("RECORD_CLOSED", "笔录已确认，不能再修改", "the record is closed and stays as it is")
