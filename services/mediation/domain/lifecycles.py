"""The lifecycles of mediation as tables; what they do not list is forbidden (民事诉讼法, 在线调解规则, house rules)."""

from enum import Enum

from services.common.kernel.lifecycle import Lifecycle
from services.mediation.domain import lifecycle_words
from services.mediation.domain.vocabulary import AgreementState, CaseState, OfferState, RoundState, SessionState


class CaseAction(Enum):
    """What can be done to a case."""

    ACCEPT_REFERRAL = "ACCEPT_REFERRAL"
    DECLINE = "DECLINE"
    CONSENT = "CONSENT"
    COMPLETE_CONSENT = "COMPLETE_CONSENT"
    APPOINT = "APPOINT"
    DISCLOSE = "DISCLOSE"
    CLEAR = "CLEAR"
    WAIVE_CONFLICT = "WAIVE_CONFLICT"
    RECUSE = "RECUSE"
    REPRESENT = "REPRESENT"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    OPEN = "OPEN"
    CHALLENGE = "CHALLENGE"
    SUSPEND = "SUSPEND"
    RESUME_DISCLOSURE = "RESUME_DISCLOSURE"
    RESUME_READY = "RESUME_READY"
    RESUME_OPEN = "RESUME_OPEN"
    EXTEND = "EXTEND"
    MEET = "MEET"
    NEGOTIATE = "NEGOTIATE"
    AGREE = "AGREE"
    REOPEN = "REOPEN"
    DRAFT = "DRAFT"
    FREEZE = "FREEZE"
    VOID_ROUND = "VOID_ROUND"
    CONCLUDE = "CONCLUDE"
    TERMINATE = "TERMINATE"
    REMEDIATE = "REMEDIATE"


_S, _A = CaseState, CaseAction
_MEDIATED = (_S.CONSENTED, _S.DISCLOSURE, _S.READY, _S.OPEN, _S.SUSPENDED, _S.AGREED, _S.SIGNING)
_ACTIVE = (_S.CONSENT_PENDING, *_MEDIATED)

CASE = Lifecycle(
    "a case",
    {
        (_S.REFERRED, _A.ACCEPT_REFERRAL): _S.CONSENT_PENDING,
        (_S.REFERRED, _A.DECLINE): _S.DECLINED,
        (_S.CONSENT_PENDING, _A.CONSENT): _S.CONSENT_PENDING,
        (_S.CONSENT_PENDING, _A.COMPLETE_CONSENT): _S.CONSENTED,
        (_S.CONSENTED, _A.APPOINT): _S.DISCLOSURE,
        (_S.DISCLOSURE, _A.DISCLOSE): _S.DISCLOSURE,
        (_S.DISCLOSURE, _A.CLEAR): _S.READY,
        (_S.DISCLOSURE, _A.WAIVE_CONFLICT): _S.DISCLOSURE,
        (_S.SUSPENDED, _A.WAIVE_CONFLICT): _S.SUSPENDED,
        **{(state, _A.RECUSE): _S.CONSENTED for state in (_S.DISCLOSURE, _S.READY, _S.OPEN, _S.SUSPENDED)},
        (_S.READY, _A.OPEN): _S.OPEN,
        **{(state, _A.CHALLENGE): _S.SUSPENDED for state in (_S.DISCLOSURE, _S.READY, _S.OPEN)},
        (_S.OPEN, _A.SUSPEND): _S.SUSPENDED,
        (_S.SUSPENDED, _A.RESUME_DISCLOSURE): _S.DISCLOSURE,
        (_S.SUSPENDED, _A.RESUME_READY): _S.READY,
        (_S.SUSPENDED, _A.RESUME_OPEN): _S.OPEN,
        **{(state, _A.EXTEND): state for state in _ACTIVE},
        **{(state, _A.REPRESENT): state for state in (_S.REFERRED, *_ACTIVE)},
        **{(state, _A.ACKNOWLEDGE): state for state in (_S.REFERRED, *_ACTIVE)},
        (_S.OPEN, _A.MEET): _S.OPEN,
        (_S.OPEN, _A.NEGOTIATE): _S.OPEN,
        (_S.OPEN, _A.AGREE): _S.AGREED,
        (_S.AGREED, _A.DRAFT): _S.AGREED,
        # By consent of all, while nobody has signed anything.
        (_S.AGREED, _A.REOPEN): _S.OPEN,
        (_S.AGREED, _A.FREEZE): _S.SIGNING,
        (_S.SIGNING, _A.VOID_ROUND): _S.AGREED,
        (_S.SIGNING, _A.CONCLUDE): _S.CONCLUDED,
        **{(state, _A.TERMINATE): _S.TERMINATED for state in _ACTIVE},
        (_S.CONCLUDED, _A.REMEDIATE): _S.OPEN,
    },
    lifecycle_words.CASE,
)


class SessionAction(Enum):
    """What can be done to a session."""

    WAIVE_NOTICE = "WAIVE_NOTICE"
    CHECK_IN = "CHECK_IN"
    START = "START"
    HOLD = "HOLD"
    ADJOURN = "ADJOURN"
    FIND_NO_QUORUM = "FIND_NO_QUORUM"
    ABORT = "ABORT"
    RESCHEDULE = "RESCHEDULE"
    CANCEL = "CANCEL"
    RECORD = "RECORD"


_M, _N = SessionState, SessionAction

SESSION = Lifecycle(
    "a session",
    {
        (_M.SCHEDULED, _N.WAIVE_NOTICE): _M.SCHEDULED,
        (_M.SCHEDULED, _N.CHECK_IN): _M.SCHEDULED,
        (_M.IN_PROGRESS, _N.CHECK_IN): _M.IN_PROGRESS,
        (_M.SCHEDULED, _N.START): _M.IN_PROGRESS,
        (_M.IN_PROGRESS, _N.HOLD): _M.HELD,
        (_M.IN_PROGRESS, _N.ADJOURN): _M.ADJOURNED,
        (_M.IN_PROGRESS, _N.ABORT): _M.ABORTED,
        (_M.SCHEDULED, _N.FIND_NO_QUORUM): _M.NO_QUORUM,
        (_M.SCHEDULED, _N.ABORT): _M.ABORTED,
        **{(state, _N.RESCHEDULE): _M.SCHEDULED for state in (_M.SCHEDULED, _M.ADJOURNED, _M.NO_QUORUM, _M.ABORTED)},
        (_M.SCHEDULED, _N.CANCEL): _M.CANCELLED,
        (_M.HELD, _N.RECORD): _M.HELD,
        (_M.ADJOURNED, _N.RECORD): _M.ADJOURNED,
    },
    lifecycle_words.SESSION,
)


class OfferAction(Enum):
    """What can be done to an offer."""

    ANSWER = "ANSWER"
    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    COUNTER = "COUNTER"
    REVOKE = "REVOKE"
    EXPIRE = "EXPIRE"


_O, _P = OfferState, OfferAction

OFFER = Lifecycle(
    "an offer",
    {
        (_O.OPEN, _P.ANSWER): _O.OPEN,
        (_O.OPEN, _P.ACCEPT): _O.ACCEPTED,
        (_O.OPEN, _P.REFUSE): _O.REFUSED,
        (_O.OPEN, _P.COUNTER): _O.COUNTERED,
        (_O.OPEN, _P.REVOKE): _O.REVOKED,
        (_O.OPEN, _P.EXPIRE): _O.EXPIRED,
    },
    lifecycle_words.OFFER,
)


class AgreementAction(Enum):
    """What can be done to an agreement."""

    REVISE = "REVISE"
    FREEZE = "FREEZE"
    THAW = "THAW"
    TAKE_EFFECT = "TAKE_EFFECT"
    SEAL = "SEAL"
    VOID = "VOID"
    SUPERSEDE = "SUPERSEDE"


_G, _H = AgreementState, AgreementAction

AGREEMENT = Lifecycle(
    "an agreement",
    {
        (_G.DRAFTED, _H.REVISE): _G.DRAFTED,
        (_G.FROZEN, _H.REVISE): _G.DRAFTED,
        (_G.DRAFTED, _H.FREEZE): _G.FROZEN,
        # An expired round: the text may be frozen again, no signature is kept.
        (_G.FROZEN, _H.THAW): _G.DRAFTED,
        (_G.FROZEN, _H.TAKE_EFFECT): _G.EFFECTIVE,
        (_G.EFFECTIVE, _H.SEAL): _G.SEALED,
        # Entrusted: the court's statement, not the platform, makes it bind.
        (_G.FROZEN, _H.SEAL): _G.SEALED,
        (_G.DRAFTED, _H.VOID): _G.VOID,
        (_G.FROZEN, _H.VOID): _G.VOID,
        (_G.SEALED, _H.SUPERSEDE): _G.SUPERSEDED,
    },
    lifecycle_words.AGREEMENT,
)


class RoundAction(Enum):
    """What can be done to a signing round."""

    SIGN = "SIGN"
    COMPLETE_PARTIES = "COMPLETE_PARTIES"
    COMPLETE = "COMPLETE"
    SEAL = "SEAL"
    REFUSE = "REFUSE"
    EXPIRE = "EXPIRE"
    VOID = "VOID"


_R, _T = RoundState, RoundAction
_UNSEALED = (_R.OPEN, _R.PARTIES_COMPLETE, _R.AWAITING_SEAL)

ROUND = Lifecycle(
    "a signing round",
    {
        (_R.OPEN, _T.SIGN): _R.OPEN,
        (_R.OPEN, _T.COMPLETE_PARTIES): _R.PARTIES_COMPLETE,
        # All but the seal: at once where the mediator signed before the last party, or does not sign.
        (_R.OPEN, _T.COMPLETE): _R.AWAITING_SEAL,
        (_R.PARTIES_COMPLETE, _T.COMPLETE): _R.AWAITING_SEAL,
        (_R.AWAITING_SEAL, _T.SEAL): _R.SEALED,
        (_R.OPEN, _T.REFUSE): _R.REFUSED,
        # Once effective an agreement cannot be refused or lapse; before, these end it in every tier.
        **{(state, _T.EXPIRE): _R.EXPIRED for state in _UNSEALED},
        **{(state, _T.VOID): _R.VOIDED for state in _UNSEALED},
    },
    lifecycle_words.ROUND,
)
