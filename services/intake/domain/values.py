"""The values of a matter. Names of enum members are those of the proto enums without their prefix."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from services.common.kernel.particulars import PartyKind as PartyKind
from services.common.kernel.particulars import PrivateParticulars as PrivateParticulars
from services.common.regimes import Channel as Channel
from services.common.regimes import MatterKind as MatterKind


class Severity(Enum):
    """How urgent and grave (ISO 10002:2018)."""

    ORDINARY = "ORDINARY"
    SERIOUS = "SERIOUS"
    URGENT = "URGENT"


class DeclineGround(Enum):
    """Why a matter is declined (不予受理的理由)."""

    NOT_COMPETENT = "NOT_COMPETENT"
    HANDLED_ELSEWHERE = "HANDLED_ELSEWHERE"
    NO_DISPUTE = "NO_DISPUTE"
    TIME_BARRED = "TIME_BARRED"
    MATERIALS_MISSING = "MATERIALS_MISSING"
    FALSE_MATERIALS = "FALSE_MATERIALS"
    OTHER = "OTHER"


class NoMediationReason(Enum):
    """Why an accepted matter never came to mediation."""

    OTHER_SIDE_UNREACHABLE = "OTHER_SIDE_UNREACHABLE"
    OTHER_SIDE_REFUSES = "OTHER_SIDE_REFUSES"
    COMPLAINANT_UNREACHABLE = "COMPLAINANT_UNREACHABLE"
    REFERRED_ELSEWHERE = "REFERRED_ELSEWHERE"


class Outcome(Enum):
    """How mediation and court ended it."""

    SETTLED = "SETTLED"
    CONFIRMED = "CONFIRMED"
    NOT_SETTLED = "NOT_SETTLED"
    DISMISSED_BY_COURT = "DISMISSED_BY_COURT"


class PartySide(Enum):
    """Which side a party stands on."""

    COMPLAINANT = "COMPLAINANT"
    RESPONDENT = "RESPONDENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a matter. ``particulars`` is None where the viewer may not see them; ``identity_head`` may be shown.

    ``invitation`` is identity's resource name, empty until the party was invited; ``invitation_problem`` why it could
    not be, a stable code.
    """

    id: UUID
    side: PartySide
    display_name: str
    kind: PartyKind
    identity_head: str = ""
    particulars: PrivateParticulars | None = None
    account: UUID | None = None
    invitation: str = ""
    invitation_problem: str = ""
    mediation_consent_time: datetime | None = None
    online_consent_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact with a party: who was reached, how, with what result."""

    party: UUID
    channel: Channel
    contact_time: datetime
    reached: bool
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time limit of a matter. ``rule`` is ``id@version``; ``due_date`` the last local day in time."""

    rule: str
    source: str
    due_date: date
    provisional: bool
