"""What happened to an agreement and in its signing rounds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice
from services.common.kernel.events import DomainEvent
from services.mediation.domain.vocabulary import AgreementState, CaseKind, RoundState


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
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementExpiryMoved(DomainEvent):
    """The calendar of the signing round's limit changed."""

    agreement: UUID
    case: UUID
    signing_round: UUID
    move: DeadlineMove


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementExpiryNear(DomainEvent):
    """The signing round is about to end; ``parties`` have not signed yet."""

    agreement: UUID
    case: UUID
    signing_round: UUID
    parties: tuple[UUID, ...]
    notice: DeadlineNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementActRecorded(DomainEvent):
    agreement: UUID
    signing_round: UUID
    slot: str
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementActReleased(DomainEvent):
    agreement: UUID
    case: UUID
    signing_round: UUID
    slot: str
    account: UUID


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
class AgreementThawed(DomainEvent):
    agreement: UUID
    state: AgreementState
