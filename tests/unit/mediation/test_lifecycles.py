"""Every (state, action) of every lifecycle: what the table lists happens, everything else is refused."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest

from services.common.kernel.errors import DomainError
from services.common.kernel.lifecycle import Lifecycle
from services.mediation.domain import lifecycles as table
from services.mediation.domain.vocabulary import (
    AgreementState,
    CaseState,
    OfferState,
    RoundState,
    SessionState,
    TerminationReason,
)
from tests.unit.mediation.makers import NOW, a_case, an_open_case

_ALL: list[tuple[Lifecycle[Any, Any], type[Enum], type[Enum]]] = [
    (table.CASE, CaseState, table.CaseAction),
    (table.SESSION, SessionState, table.SessionAction),
    (table.OFFER, OfferState, table.OfferAction),
    (table.AGREEMENT, AgreementState, table.AgreementAction),
    (table.ROUND, RoundState, table.RoundAction),
]
_ENDS = {
    CaseState.TERMINATED,
    CaseState.DECLINED,
    SessionState.CANCELLED,
    SessionState.NO_QUORUM,
    OfferState.ACCEPTED,
    OfferState.REFUSED,
    OfferState.COUNTERED,
    OfferState.REVOKED,
    OfferState.EXPIRED,
    AgreementState.VOID,
    AgreementState.SUPERSEDED,
    RoundState.SEALED,
    RoundState.REFUSED,
    RoundState.EXPIRED,
    RoundState.VOIDED,
}


def _pairs() -> Iterator[tuple[Lifecycle[Any, Any], Enum, Enum]]:
    for lifecycle, states, actions in _ALL:
        for state in states:
            for action in actions:
                yield lifecycle, state, action


@pytest.mark.parametrize(("lifecycle", "state", "action"), list(_pairs()))
def test_what_the_table_does_not_list_is_refused_with_its_reason(
    lifecycle: Lifecycle[Any, Any], state: Enum, action: Enum
) -> None:
    if (state, action) in lifecycle.steps:
        assert lifecycle.next(state, action) is lifecycle.steps[state, action]
        return
    with pytest.raises(DomainError) as refused:
        lifecycle.next(state, action)
    assert refused.value.reason == "ILLEGAL_TRANSITION"
    assert refused.value.metadata == {"state": state.name, "action": action.name}


@pytest.mark.parametrize(("lifecycle", "states", "actions"), _ALL)
def test_an_end_is_an_end(lifecycle: Lifecycle[Any, Any], states: type[Enum], actions: type[Enum]) -> None:
    for state in states:
        if state in _ENDS and state is not SessionState.NO_QUORUM:
            assert [action for action in actions if lifecycle.allows(state, action)] == []


@pytest.mark.parametrize(("lifecycle", "states", "actions"), _ALL)
def test_every_state_can_be_reached(lifecycle: Lifecycle[Any, Any], states: type[Enum], actions: type[Enum]) -> None:
    first = {next(iter(states)), *_STARTS.get(states, ())}
    reached = set(first)
    while True:
        more = {after for (before, _), after in lifecycle.steps.items() if before in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(states)


_STARTS: dict[type[Enum], tuple[Enum, ...]] = {
    CaseState: (CaseState.REFERRED, CaseState.CONSENT_PENDING, CaseState.CONSENTED),
    AgreementState: (AgreementState.DRAFTED,),
}


def test_only_the_court_s_dismissal_leads_out_of_a_concluded_case() -> None:
    assert [action for state, action in table.CASE.steps if state is CaseState.CONCLUDED] == [
        table.CaseAction.REMEDIATE
    ]


@pytest.mark.parametrize("state", [CaseState.REFERRED, CaseState.CONCLUDED, CaseState.TERMINATED, CaseState.DECLINED])
def test_a_refused_step_leaves_no_trace(state: CaseState) -> None:
    case = a_case(state)
    before = repr(case)
    for act in (
        lambda: case.open(NOW),
        lambda: case.terminate(TerminationReason.OTHER, NOW),
        lambda: case.agree(case.id, None),
        case.freeze,
        lambda: case.consent(case.parties[0].id, online=True, now=NOW),
    ):
        with pytest.raises(DomainError):
            act()
        assert repr(case) == before
        assert case.events == []


def test_termination_from_every_active_state_ends_the_case() -> None:
    for state, action in table.CASE.steps:
        if action is table.CaseAction.TERMINATE:
            case = a_case(state)
            case.terminate(TerminationReason.GAP_TOO_WIDE, NOW, "差距过大", "仲裁或者起诉")
            assert (case.state, case.termination_reason) == (CaseState.TERMINATED, TerminationReason.GAP_TOO_WIDE)


def test_resuming_goes_back_to_where_it_stood() -> None:
    case = an_open_case()
    case.challenge(case.parties[0].id, "不公正")
    case.decide_challenge(upheld=False, decider=None)
    assert case.state is CaseState.OPEN
