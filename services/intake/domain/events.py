"""What happens to a matter. Ids, states, dates, amounts and digests only: never a name, a contact or a text."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.common.deadlines import DeadlineMove
from services.common.kernel.events import DomainEvent
from services.common.kernel.money import Money
from services.intake.domain.lifecycle import MatterState
from services.intake.domain.values import DeclineGround, Outcome, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterReceived(DomainEvent):
    """``contacts_digest`` names the contact dossier of its parties."""

    matter: UUID
    number: str
    organisation: UUID
    state: MatterState
    contacts_digest: bytes
    acceptance_due_date: date
    acceptance_provisional: bool
    complainant: UUID
    sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterTriaged(DomainEvent):
    matter: UUID
    state: MatterState
    regime: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterAccepted(DomainEvent):
    matter: UUID
    number: str
    state: MatterState


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterDeclined(DomainEvent):
    matter: UUID
    number: str
    state: MatterState
    ground: DeclineGround


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterAssigned(DomainEvent):
    matter: UUID
    state: MatterState
    officer: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterContactRecorded(DomainEvent):
    matter: UUID
    party: UUID
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterPartyInvited(DomainEvent):
    """``invitation`` is identity's resource name."""

    matter: UUID
    number: str
    party: UUID
    invitation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterInvitationFailed(DomainEvent):
    matter: UUID
    number: str
    party: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterPartyJoined(DomainEvent):
    matter: UUID
    party: UUID
    account: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterConsentRecorded(DomainEvent):
    matter: UUID
    party: UUID
    mediation: bool
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterForwarded(DomainEvent):
    """``organisation`` is the mediation organisation, ``dossier_digest`` names what it may pull."""

    matter: UUID
    number: str
    state: MatterState
    regime: str
    organisation: UUID
    dossier_digest: bytes
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterCaseOpened(DomainEvent):
    """``case`` is mediation's resource name."""

    matter: UUID
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterSettled(DomainEvent):
    matter: UUID
    number: str
    state: MatterState


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterMediationFailed(DomainEvent):
    matter: UUID
    number: str
    state: MatterState


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterConcluded(DomainEvent):
    """``party`` is to be called back, by the clock of the ``regime`` (``id@version``)."""

    matter: UUID
    number: str
    state: MatterState
    outcome: Outcome
    party: UUID
    regime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterOutcomeRecorded(DomainEvent):
    matter: UUID
    number: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterReopenRequested(DomainEvent):
    matter: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterClosed(DomainEvent):
    matter: UUID
    number: str
    state: MatterState
    outcome: Outcome | None
    close_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterDeadlineEvent(DomainEvent):
    """A time limit that the people in charge have to know of. ``rule`` is ``id@version``, ``source`` its article."""

    matter: UUID
    number: str
    organisation: UUID
    officer: UUID | None
    rule: str
    source: str
    due_date: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterDeadlineNear(MatterDeadlineEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterDeadlineLapsed(MatterDeadlineEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterDeadlineMoved(DomainEvent):
    """The calendar of a time limit changed. ``told_to_party``: the complainant knows of it."""

    matter: UUID
    number: str
    organisation: UUID
    officer: UUID | None
    move: DeadlineMove
    told_to_party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterWithdrawn(DomainEvent):
    matter: UUID
    number: str
    state: MatterState


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureReported(DomainEvent):
    """Of a report's own log, not of the matter's."""

    report: UUID
    matter: UUID
    officer: UUID | None


OF_ONE_SIDE = (
    MatterContactRecorded,
    MatterPartyInvited,
    MatterInvitationFailed,
    MatterPartyJoined,
    MatterReopenRequested,
    MatterDeadlineNear,
)
"""What the other side does not see, or neither does: of these nothing moves that a party reads, not even a version."""
