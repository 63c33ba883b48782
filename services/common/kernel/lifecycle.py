"""A lifecycle as a table: (state, action) to state. What the table does not list is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from services.common.kernel.errors import precondition

S = TypeVar("S", bound=Enum)
A = TypeVar("A", bound=Enum)


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, A]):
    """The legal steps of one kind of aggregate. ``steps`` is the whole truth; documents are generated from it."""

    name: str
    steps: Mapping[tuple[S, A], S]

    def next(self, state: S, action: A) -> S:
        """The state after the action, or ILLEGAL_TRANSITION (FAILED_PRECONDITION)."""
        try:
            return self.steps[state, action]
        except KeyError:
            raise precondition(
                "ILLEGAL_TRANSITION",
                f"当前状态（{state.name}）不允许此操作（{action.name}）",
                f"{self.name} in state {state.name} does not allow {action.name}",
                metadata={"state": state.name, "action": action.name},
            ) from None

    def allows(self, state: S, action: A) -> bool:
        return (state, action) in self.steps
