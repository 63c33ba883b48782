"""A lifecycle as a table: (state, action) to state. What the table does not list is refused, in words for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

from services.common.kernel.errors import DomainError, precondition

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)
Sentence = tuple[str, str]
"""In Chinese and in English."""

_ANY_STATE: Sentence = ("现在的阶段", "as things stand, this")
_ANY_ACTION: Sentence = ("进行此操作", "be done")


@dataclass(frozen=True, slots=True)
class LifecycleWords:
    """How a refusal is said, by the names of states and actions.

    ``states``: where it stands (事项已移送调解; the matter is in mediation). ``actions``: what cannot be done (撤回; be
    withdrawn). ``advice``: what to do instead, by state and action.
    """

    states: Mapping[str, Sentence] = field(default_factory=dict)
    actions: Mapping[str, Sentence] = field(default_factory=dict)
    advice: Mapping[tuple[str, str], Sentence] = field(default_factory=dict)

    def refusal(self, state: str, action: str) -> Sentence:
        where_zh, where_en = self.states.get(state, _ANY_STATE)
        what_zh, what_en = self.actions.get(action, _ANY_ACTION)
        zh, en = f"{where_zh}，不能{what_zh}", f"{where_en} and cannot {what_en}"
        if advice := self.advice.get((state, action)):
            zh, en = f"{zh}；{advice[0]}", f"{en}: {advice[1]}"
        return zh, en


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, A]):
    """The legal steps of one kind of aggregate. ``steps`` is the whole truth; documents are generated from it."""

    name: str
    steps: Mapping[tuple[S, A], S]
    words: LifecycleWords = LifecycleWords()

    def next(self, state: S, action: A) -> S:
        """The state after the action, or ILLEGAL_TRANSITION (FAILED_PRECONDITION)."""
        try:
            return self.steps[state, action]
        except KeyError:
            raise self._refused(state, action) from None

    def allows(self, state: S, action: A) -> bool:
        return (state, action) in self.steps

    def _refused(self, state: S, action: A) -> DomainError:
        zh, en = self.words.refusal(state.name, action.name)
        told = {"state": state.name, "action": action.name}
        return precondition("ILLEGAL_TRANSITION", zh, en, metadata=told)
