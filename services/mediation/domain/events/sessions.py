"""What happened to a session and to its record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.kernel.events import DomainEvent
from services.mediation.domain.vocabulary import RecordResponse, RecordState, SessionKind, SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScheduled(DomainEvent):
    session: UUID
    case: UUID
    kind: SessionKind
    caucus_party: UUID | None
    state: SessionState
    start_time: datetime
    end_time: datetime
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRescheduled(DomainEvent):
    session: UUID
    case: UUID
    kind: SessionKind
    caucus_party: UUID | None
    state: SessionState
    start_time: datetime
    end_time: datetime
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCancelled(DomainEvent):
    session: UUID
    case: UUID
    kind: SessionKind
    caucus_party: UUID | None
    state: SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNoticeWaived(DomainEvent):
    session: UUID
    party: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCheckedIn(DomainEvent):
    session: UUID
    party: UUID | None
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(DomainEvent):
    session: UUID
    state: SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(DomainEvent):
    session: UUID
    state: SessionState
    absent_party: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecordDrafted(DomainEvent):
    session_record: UUID
    session: UUID
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecordAnswered(DomainEvent):
    session_record: UUID
    party: UUID | None
    response: RecordResponse
    state: RecordState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecordSealFailed(DomainEvent):
    session_record: UUID
    case: UUID
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecordSealed(DomainEvent):
    session_record: UUID
    document_digest: bytes
    session: UUID
    case: UUID
    caucus_party: UUID | None
