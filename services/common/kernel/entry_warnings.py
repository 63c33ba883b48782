"""What is taken as it was given and looks wrong: said to who gave it, and never a reason to refuse it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWarning:
    """``rule`` is a stable code, ``field`` the path of the field in the request."""

    rule: str
    field: str
    message_zh: str
    message_en: str
