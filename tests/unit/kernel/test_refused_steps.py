"""A step that a lifecycle does not list is refused in a sentence for a person, whoever keeps the lifecycle."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest

from services.common.kernel.errors import DomainError
from services.common.kernel.lifecycle import Lifecycle
from services.court_link.domain import application, referral, ruling
from services.intake.domain.lifecycle import MATTER_LIFECYCLE, MatterAction, MatterState
from services.mediation.domain import lifecycles

LIFECYCLES: list[Lifecycle[Any, Any]] = [
    MATTER_LIFECYCLE,
    lifecycles.CASE,
    lifecycles.SESSION,
    lifecycles.OFFER,
    lifecycles.AGREEMENT,
    lifecycles.ROUND,
    application.LIFECYCLE,
    ruling.LIFECYCLE,
    referral.LIFECYCLE,
]
_CODE = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)*\b")


def _refused(lifecycle: Lifecycle[Any, Any]) -> Iterator[tuple[Enum, Enum, DomainError]]:
    state, action = next(iter(lifecycle.steps))
    for one in type(state):
        for other in type(action):
            if not lifecycle.allows(one, other):
                with pytest.raises(DomainError) as caught:
                    lifecycle.next(one, other)
                yield one, other, caught.value


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_every_refused_step_is_a_sentence_about_where_it_stands_and_what_cannot_be(
    lifecycle: Lifecycle[Any, Any],
) -> None:
    said = set()
    for state, action, refusal in _refused(lifecycle):
        where, what = lifecycle.words.states[state.name], lifecycle.words.actions[action.name]
        assert refusal.reason == "ILLEGAL_TRANSITION"
        assert where[0] in refusal.zh and what[0] in refusal.zh and where[1] in refusal.en and what[1] in refusal.en
        assert not _CODE.search(refusal.zh) and not _CODE.search(refusal.en)
        assert refusal.metadata == {"state": state.name, "action": action.name}
        said.add(refusal.zh)
    assert len(said) > 5


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda each: each.name)
def test_no_words_are_kept_for_what_there_is_not(lifecycle: Lifecycle[Any, Any]) -> None:
    state, action = next(iter(lifecycle.steps))
    assert set(lifecycle.words.states) == {each.name for each in type(state)}
    assert set(lifecycle.words.actions) == {each.name for each in type(action)}
    for where, what in lifecycle.words.advice:
        assert not lifecycle.allows(type(state)[where], type(action)[what]), "advice is for what is refused"


def test_who_withdraws_after_forwarding_is_told_to_leave_the_mediation() -> None:
    with pytest.raises(DomainError) as caught:
        MATTER_LIFECYCLE.next(MatterState.IN_MEDIATION, MatterAction.WITHDRAW)
    assert "退出调解" in caught.value.zh and "leave the mediation" in caught.value.en
