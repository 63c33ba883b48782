"""What happened in mediation; each event carries the fields of its message in ``mediation_events.proto``."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.common.kernel.events import DomainEvent
from services.common.kernel.money import Money
from services.mediation.domain.vocabulary import (
    AgreementState,
    CaseKind,
    CaseState,
    Compartment,
    ConflictStatus,
    DeclineReason,
    OfferKind,
    OfferState,
    RecordResponse,
    RecordState,
    RoundState,
    SessionKind,
    SessionState,
    SuspensionReason,
    TerminationReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediatorCreated(DomainEvent):
    mediator: UUID
    account: UUID


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExtended(DomainEvent):
    case: UUID
    days: int
    limit_due_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionConsented(DomainEvent):
    case: UUID
    party: UUID
    days: int


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
class SessionScheduled(DomainEvent):
    session: UUID
    case: UUID
    kind: SessionKind
    caucus_party: UUID | None
    state: SessionState
    start_time: datetime
    end_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRescheduled(DomainEvent):
    session: UUID
    case: UUID
    kind: SessionKind
    caucus_party: UUID | None
    state: SessionState
    start_time: datetime
    end_time: datetime


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
class SessionRecordSealed(DomainEvent):
    session_record: UUID
    document_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdded(DomainEvent):
    item: UUID
    case: UUID
    compartment: Compartment
    party: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReleased(DomainEvent):
    item: UUID
    party: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMade(DomainEvent):
    offer: UUID
    case: UUID
    number: int
    kind: OfferKind
    party: UUID | None
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswered(DomainEvent):
    offer: UUID
    party: UUID
    accept: bool
    state: OfferState


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEnded(DomainEvent):
    offer: UUID
    state: OfferState


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRecorded(DomainEvent):
    case: UUID
    offer: UUID
    total: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDrafted(DomainEvent):
    agreement: UUID
    case: UUID
    revision: int
    terms_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFrozen(DomainEvent):
    agreement: UUID
    case: UUID
    number: str
    signing_round: UUID
    frozen_digest: bytes
    state: AgreementState
    expire_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementActRecorded(DomainEvent):
    agreement: UUID
    signing_round: UUID
    slot: str
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPressureReported(DomainEvent):
    agreement: UUID
    signing_round: UUID
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementActReleased(DomainEvent):
    agreement: UUID
    signing_round: UUID
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSlotSigned(DomainEvent):
    agreement: UUID
    case: UUID
    signing_round: UUID
    slot: str
    state: RoundState
    revision_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRoundEnded(DomainEvent):
    agreement: UUID
    case: UUID
    signing_round: UUID
    state: RoundState
    agreement_state: AgreementState


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementEffective(DomainEvent):
    agreement: UUID
    case: UUID
    origin: str
    number: str
    effective_time: datetime
    effectiveness_rule: str
    state: AgreementState
    kind: CaseKind
    court: str
    regime: str
    parties: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSealed(DomainEvent):
    agreement: UUID
    case: UUID
    origin: str
    number: str
    state: AgreementState
    sealed_digest: bytes
    dossier_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSuperseded(DomainEvent):
    agreement: UUID
    case: UUID
    state: AgreementState


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved(DomainEvent):
    """A step that another aggregate tells the world about."""

    case: UUID
    state: CaseState
    agreement: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementThawed(DomainEvent):
    agreement: UUID
    state: AgreementState
