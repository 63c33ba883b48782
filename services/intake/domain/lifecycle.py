"""The legal steps of a matter (domain §9.1, in the states that intake keeps).

Three steps differ from the list there. A matter whose other side cannot be reached or refuses ends without a case. A
matter that no regime admits may be declined before triage, otherwise it would have no way out. And a matter in mediation
is not withdrawn here: its party ends the mediation at the case, whose end comes back as an event.
"""

from enum import Enum

from services.common.kernel.lifecycle import Lifecycle
from services.intake.domain import lifecycle_words


class MatterState(Enum):
    """Where a matter stands."""

    SUBMITTED = "SUBMITTED"
    TRIAGED = "TRIAGED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    ASSIGNED = "ASSIGNED"
    IN_MEDIATION = "IN_MEDIATION"
    SETTLED = "SETTLED"
    MEDIATION_FAILED = "MEDIATION_FAILED"
    CALL_BACK_PENDING = "CALL_BACK_PENDING"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class MatterAction(Enum):
    """What can be done with a matter, or what others report of it."""

    TRIAGE = "TRIAGE"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    ASSIGN = "ASSIGN"
    RECORD_CONTACT = "RECORD_CONTACT"
    INVITE = "INVITE"
    JOIN = "JOIN"
    CONSENT = "CONSENT"
    FORWARD = "FORWARD"
    END_WITHOUT_MEDIATION = "END_WITHOUT_MEDIATION"
    WITHDRAW = "WITHDRAW"
    OPEN_CASE = "OPEN_CASE"
    SETTLE = "SETTLE"
    FAIL = "FAIL"
    CONCLUDE = "CONCLUDE"
    RECORD_OUTCOME = "RECORD_OUTCOME"
    REQUEST_REOPENING = "REQUEST_REOPENING"
    CLOSE = "CLOSE"


_S, _A = MatterState, MatterAction

_BEFORE_MEDIATION = (_S.SUBMITTED, _S.TRIAGED, _S.ACCEPTED, _S.ASSIGNED)
_AT_WORK = (_S.ACCEPTED, _S.ASSIGNED)
_CONTACTABLE = (*_BEFORE_MEDIATION, _S.IN_MEDIATION, _S.SETTLED, _S.MEDIATION_FAILED, _S.CALL_BACK_PENDING)

MATTER_LIFECYCLE: Lifecycle[MatterState, MatterAction] = Lifecycle(
    "matter",
    {
        (_S.SUBMITTED, _A.TRIAGE): _S.TRIAGED,
        (_S.TRIAGED, _A.TRIAGE): _S.TRIAGED,
        (_S.TRIAGED, _A.ACCEPT): _S.ACCEPTED,
        (_S.SUBMITTED, _A.DECLINE): _S.DECLINED,
        (_S.TRIAGED, _A.DECLINE): _S.DECLINED,
        (_S.ACCEPTED, _A.ASSIGN): _S.ASSIGNED,
        (_S.ASSIGNED, _A.ASSIGN): _S.ASSIGNED,
        **{(state, _A.RECORD_CONTACT): state for state in _CONTACTABLE},
        **{(state, _A.INVITE): state for state in (*_AT_WORK, _S.IN_MEDIATION)},
        # A party may claim its place at any time before the end: it still has to read and sign.
        **{(state, _A.JOIN): state for state in _CONTACTABLE},
        **{(state, _A.CONSENT): state for state in _BEFORE_MEDIATION},
        **{(state, _A.FORWARD): _S.IN_MEDIATION for state in _AT_WORK},
        **{(state, _A.END_WITHOUT_MEDIATION): _S.MEDIATION_FAILED for state in _AT_WORK},
        **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in _BEFORE_MEDIATION},
        (_S.IN_MEDIATION, _A.OPEN_CASE): _S.IN_MEDIATION,
        (_S.IN_MEDIATION, _A.SETTLE): _S.SETTLED,
        (_S.IN_MEDIATION, _A.FAIL): _S.MEDIATION_FAILED,
        (_S.SETTLED, _A.CONCLUDE): _S.CALL_BACK_PENDING,
        (_S.MEDIATION_FAILED, _A.CONCLUDE): _S.CALL_BACK_PENDING,
        (_S.CALL_BACK_PENDING, _A.RECORD_OUTCOME): _S.CALL_BACK_PENDING,
        (_S.CLOSED, _A.RECORD_OUTCOME): _S.CLOSED,
        (_S.CALL_BACK_PENDING, _A.REQUEST_REOPENING): _S.CALL_BACK_PENDING,
        (_S.CALL_BACK_PENDING, _A.CLOSE): _S.CLOSED,
    },
    lifecycle_words.MATTER,
)
