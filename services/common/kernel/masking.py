"""The one way in which numbers and contacts of people are hidden, so that no two places together show what each hides."""

_TAIL = 4
_HIDDEN = "****"
_SHORTEST_NUMBER = 8
_SHOWN_DIGITS = 9


def masked_number(number: str) -> str:
    """``****002X``: the last four characters of an identity number, as ``number_tail`` has them; nothing of nothing."""
    return behind_mask(number_tail(number)) if number else ""


def behind_mask(tail: str) -> str:
    """How a number is shown of which only the tail is known."""
    return f"{_HIDDEN}{tail}"


def number_tail(number: str) -> str:
    """The last four characters of a number long enough to stay private without them; nothing of a shorter one."""
    return number[-_TAIL:] if len(number) >= _SHORTEST_NUMBER else ""


def masked_contact(value: str) -> str:
    """``z***@example.org`` or ``+861****0001``; nothing of nothing."""
    if "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[0]}***@{domain}"
    shown = f"{value[:_TAIL]}{_HIDDEN}{value[-_TAIL:]}" if len(value) > _SHOWN_DIGITS else _HIDDEN
    return shown if value else ""
