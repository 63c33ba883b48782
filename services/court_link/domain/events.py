"""What happens in this service, field by field as the protobuf events name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice
from services.common.kernel.events import DomainEvent

if TYPE_CHECKING:
    from services.court_link.domain.application import ApplicationState, NotAcceptedGround
    from services.court_link.domain.referral import ReferralKind, ReferralState
    from services.court_link.domain.ruling import DismissalGround, RulingOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtCreated(DomainEvent):
    court: UUID
    organisation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReceived(DomainEvent):
    referral: UUID
    court: UUID
    organisation: UUID
    kind: ReferralKind
    dossier_digest: bytes
    contacts_digest: bytes
    number: str
    sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralInvitationFailed(DomainEvent):
    referral: UUID
    organisation: UUID
    party: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralPartyInvited(DomainEvent):
    referral: UUID
    party: UUID
    invitation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralPartyJoined(DomainEvent):
    referral: UUID
    party: UUID
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralChanged(DomainEvent):
    referral: UUID
    state: ReferralState


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOpened(DomainEvent):
    agreement: UUID
    case: UUID
    due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowMoved(DomainEvent):
    """Its calendar changed."""

    agreement: UUID
    case: UUID
    move: DeadlineMove


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowNear(DomainEvent):
    """It is about to end."""

    agreement: UUID
    case: UUID
    notice: DeadlineNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLapsed(DomainEvent):
    agreement: UUID
    case: UUID
    origin: str
    due_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClosed(DomainEvent):
    agreement: UUID
    case: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEvent(DomainEvent):
    """What every event of an application carries."""

    application: UUID
    agreement: UUID
    case: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEnded(ApplicationEvent):
    """Without a ruling. ``origin`` names the matter or referral that the case came from."""

    origin: str
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCreated(ApplicationEvent):
    """``due_date`` is the last day on which all parties can have applied, local to the house."""

    court: UUID
    state: ApplicationState
    due_date: date | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationConsented(ApplicationEvent):
    party: UUID
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilingRefused(ApplicationEvent):
    court: UUID
    organisation: UUID
    reason: str
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLapsed(ApplicationEnded):
    """Not all had joined it in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFiled(ApplicationEvent):
    court: UUID
    receipt_number: str
    state: ApplicationState
    file_time: datetime
    acceptance_due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAccepted(ApplicationEvent):
    docket_number: str
    state: ApplicationState
    decision_due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationNotAccepted(ApplicationEnded):
    ground: NotAcceptedGround


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSupplementRequired(ApplicationEvent):
    due_date: date
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSupplied(ApplicationEvent):
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReviewed(ApplicationEvent):
    state: ApplicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationReviewExtended(ApplicationEvent):
    decision_due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLimitsBegan(ApplicationEvent):
    """A court confirmed: until when the parties may object and have it enforced, and others may object."""

    organisation: UUID
    notices: tuple[DeadlineNotice, ...]
    of_others: DeadlineNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeadlineNear(ApplicationEvent):
    """A time limit of the parties is about to end."""

    notice: DeadlineNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeadlineMoved(ApplicationEvent):
    """The calendar of a limit of the court changed."""

    organisation: UUID
    move: DeadlineMove


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn(ApplicationEnded):
    """By a party, or for want of what the court had asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingPrepared(DomainEvent):
    ruling: UUID
    application: UUID
    outcome: RulingOutcome
    frozen_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingActRecorded(DomainEvent):
    ruling: UUID
    application: UUID
    account: UUID
    frozen_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingSigningFailed(DomainEvent):
    ruling: UUID
    application: UUID
    case: UUID
    account: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingIssued(DomainEvent):
    ruling: UUID
    number: str
    application: UUID
    agreement: UUID
    case: UUID
    origin: str
    outcome: RulingOutcome
    ground: DismissalGround | None
    sealed_digest: bytes
    issue_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureReported(DomainEvent):
    """Of a report's own log, not of the application's; said again when the application comes before the court."""

    report: UUID
    application: UUID
    case: UUID
    organisation: UUID
    before_court: bool
