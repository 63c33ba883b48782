"""Telling that a time limit ends on another day, or for certain, since its calendar changed."""

from collections.abc import Mapping
from datetime import date

from services.common.deadlines import DeadlineMove

DEADLINE_MOVED = "deadline_moved"


def facts_of(move: DeadlineMove) -> Mapping[str, object]:
    """What the template wants of a move."""
    return moved(move.name_zh, move.name_en, move.old_due_date, move.due_date, provisional=move.provisional)


def moved(
    name_zh: str, name_en: str, old_due_date: date | str, due_date: date | str, *, provisional: bool
) -> Mapping[str, object]:
    """The same from its parts; days are local, a text in ISO 8601."""
    return {
        "limit": {"zh": name_zh, "en": name_en},
        "old_due_date": old_due_date,
        "due_date": due_date,
        "provisional": provisional,
    }
