"""What happened to a case: its parties, its mediator, where it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice
from services.common.kernel.events import DomainEvent
from services.common.kernel.money import Money
from services.mediation.domain.vocabulary import (
    CaseKind,
    CaseState,
    ConflictStatus,
    DeclineReason,
    SuspensionReason,
    TerminationReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(DomainEvent):
    case: UUID
    number: str
    origin: str
    kind: CaseKind
    state: CaseState
    organisation: UUID
    regime: str
    parties: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReferralAccepted(DomainEvent):
    case: UUID
    origin: str
    state: CaseState
    limit_due_date: date | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeclined(DomainEvent):
    case: UUID
    origin: str
    state: CaseState
    reason: DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConsented(DomainEvent):
    case: UUID
    party: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNoticeAcknowledged(DomainEvent):
    case: UUID
    party: UUID
    account: UUID
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyBound(DomainEvent):
    case: UUID
    party: UUID
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorAppointed(DomainEvent):
    case: UUID
    mediator: UUID
    account: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDisclosed(DomainEvent):
    case: UUID
    status: ConflictStatus
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictWaived(DomainEvent):
    case: UUID
    party: UUID
    status: ConflictStatus
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorChallenged(DomainEvent):
    case: UUID
    party: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeDecided(DomainEvent):
    case: UUID
    upheld: bool
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeAppointed(DomainEvent):
    case: UUID
    party: UUID
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted(DomainEvent):
    case: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuspended(DomainEvent):
    case: UUID
    reason: SuspensionReason
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(DomainEvent):
    case: UUID
    state: CaseState
    limit_due_date: date | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExtended(DomainEvent):
    case: UUID
    days: int
    limit_due_date: date | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeadlineMoved(DomainEvent):
    """The calendar of a time limit changed. ``told_to_party``: it is the limit of the mediation, which all of them see."""

    case: UUID
    move: DeadlineMove
    told_to_party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeadlineNear(DomainEvent):
    """The limit of the mediation is about to end."""

    case: UUID
    notice: DeadlineNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionConsented(DomainEvent):
    case: UUID
    party: UUID
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopeningConsented(DomainEvent):
    case: UUID
    party: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiationReopened(DomainEvent):
    case: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAgreed(DomainEvent):
    case: UUID
    state: CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerminated(DomainEvent):
    case: UUID
    number: str
    origin: str
    state: CaseState
    reason: TerminationReason
    end_time: datetime
    kind: CaseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConcluded(DomainEvent):
    case: UUID
    number: str
    origin: str
    state: CaseState
    agreement: UUID
    end_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(DomainEvent):
    case: UUID
    state: CaseState
    agreement: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingNoted(DomainEvent):
    case: UUID
    agreement: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRecorded(DomainEvent):
    case: UUID
    offer: UUID
    total: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(DomainEvent):
    """A step that another aggregate tells the world about."""

    case: UUID
    state: CaseState
    agreement: UUID | None
