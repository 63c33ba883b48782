"""The one way in which numbers and contacts of people are hidden, so that no two places together show what each hides."""

_HEAD, _TAIL = 6, 4
_HIDDEN = "****"
_SHORTEST_NUMBER = 8
_SHOWN_DIGITS = 9


def masked_number(number: str) -> str:
    """``320102****``: the beginning of an identity number, as ``number_head`` has it; nothing of nothing.

    Never its end: a party may have to prove itself with that, so nobody else is shown it.
    """
    return before_mask(number_head(number)) if number else ""


def before_mask(head: str) -> str:
    """How a number is shown of which only the beginning is known."""
    return f"{head}{_HIDDEN}"


def number_head(number: str) -> str:
    """The first six characters of a number long enough to stay private without the rest; nothing of a shorter one."""
    return number[:_HEAD] if len(number) >= _SHORTEST_NUMBER else ""


def masked_contact(value: str) -> str:
    """``z***@example.org`` or ``+861****0001``; nothing of nothing."""
    if "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[0]}***@{domain}"
    shown = f"{value[:_TAIL]}{_HIDDEN}{value[-_TAIL:]}" if len(value) > _SHOWN_DIGITS else _HIDDEN
    return shown if value else ""
