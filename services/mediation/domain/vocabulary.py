"""The closed lists of mediation. Names are those of the protos without their prefix."""

from enum import Enum

from services.common.kernel.particulars import PartyKind as PartyKind
from services.common.regimes import RecusalGround as RecusalGround
from services.common.regimes import TerminationReason as TerminationReason


class CaseKind(Enum):
    """How a case came: 自行, 委派 (before filing), 委托 (after filing)."""

    SELF_INITIATED = "SELF_INITIATED"
    DELEGATED = "DELEGATED"
    ENTRUSTED = "ENTRUSTED"


class CaseState(Enum):
    """Where a case stands."""

    REFERRED = "REFERRED"
    CONSENT_PENDING = "CONSENT_PENDING"
    CONSENTED = "CONSENTED"
    DISCLOSURE = "DISCLOSURE"
    READY = "READY"
    OPEN = "OPEN"
    SUSPENDED = "SUSPENDED"
    AGREED = "AGREED"
    SIGNING = "SIGNING"
    CONCLUDED = "CONCLUDED"
    TERMINATED = "TERMINATED"
    DECLINED = "DECLINED"


class DeclineReason(Enum):
    """Why an organisation does not take a referral (在线调解规则 12)."""

    OUTSIDE_CHARTER = "OUTSIDE_CHARTER"
    OUTSIDE_EXPERTISE = "OUTSIDE_EXPERTISE"
    OTHER_UNSUITABLE = "OTHER_UNSUITABLE"


class ConflictStatus(Enum):
    """Where the conflict check of the appointed mediator stands."""

    PENDING = "PENDING"
    CLEAR = "CLEAR"
    DISCLOSED = "DISCLOSED"
    WAIVED = "WAIVED"
    RECUSED = "RECUSED"


class SuspensionReason(Enum):
    """Why a case stands still."""

    APPRAISAL = "APPRAISAL"
    CHALLENGE = "CHALLENGE"
    SHAM_SUSPECTED = "SHAM_SUSPECTED"
    INCAPACITY = "INCAPACITY"


class Power(Enum):
    """What special authority can cover (民事诉讼法第62条)."""

    ADMIT_CLAIMS = "ADMIT_CLAIMS"
    WAIVE_CLAIMS = "WAIVE_CLAIMS"
    SETTLE = "SETTLE"
    SIGN = "SIGN"


class Authority(Enum):
    """By what authority a person acts (授权)."""

    SELF = "SELF"
    LEGAL_REPRESENTATIVE = "LEGAL_REPRESENTATIVE"
    GUARDIAN = "GUARDIAN"
    AGENT_GENERAL = "AGENT_GENERAL"
    AGENT_SPECIAL = "AGENT_SPECIAL"


class Compartment(Enum):
    """Who may see an item. Default deny."""

    SHARED = "SHARED"
    CAUCUS = "CAUCUS"
    MEDIATOR_ONLY = "MEDIATOR_ONLY"
    PARTY_PRIVATE = "PARTY_PRIVATE"
    COURT_VISIBLE = "COURT_VISIBLE"


class PartySide(Enum):
    COMPLAINANT = "COMPLAINANT"
    RESPONDENT = "RESPONDENT"


class SessionKind(Enum):
    """Together, with one party alone (背对背), or each in their own time."""

    JOINT = "JOINT"
    CAUCUS = "CAUCUS"
    ASYNCHRONOUS = "ASYNCHRONOUS"


class SessionState(Enum):
    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    HELD = "HELD"
    ADJOURNED = "ADJOURNED"
    NO_QUORUM = "NO_QUORUM"
    ABORTED = "ABORTED"
    CANCELLED = "CANCELLED"


class SessionResult(Enum):
    HELD = "HELD"
    ADJOURNED = "ADJOURNED"
    NO_QUORUM = "NO_QUORUM"
    ABORTED = "ABORTED"


class RecordState(Enum):
    """Where a session record (笔录) stands."""

    DRAFT = "DRAFT"
    CONFIRMED = "CONFIRMED"
    CONTESTED = "CONTESTED"


class RecordResponse(Enum):
    CONFIRM = "CONFIRM"
    CORRECT = "CORRECT"
    REFUSE = "REFUSE"


class OfferKind(Enum):
    PARTY = "PARTY"
    MEDIATOR_PROPOSAL = "MEDIATOR_PROPOSAL"


class OfferState(Enum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    COUNTERED = "COUNTERED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class AgreementState(Enum):
    DRAFTED = "DRAFTED"
    FROZEN = "FROZEN"
    EFFECTIVE = "EFFECTIVE"
    SEALED = "SEALED"
    VOID = "VOID"
    SUPERSEDED = "SUPERSEDED"


class RoundState(Enum):
    OPEN = "OPEN"
    PARTIES_COMPLETE = "PARTIES_COMPLETE"
    AWAITING_SEAL = "AWAITING_SEAL"
    SEALED = "SEALED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"


class SlotState(Enum):
    WAITING = "WAITING"
    ACT_RECORDED = "ACT_RECORDED"
    SIGNED = "SIGNED"
