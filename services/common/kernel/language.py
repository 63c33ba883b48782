"""Whether a text is in Chinese, as far as its characters tell."""

import unicodedata

_LEAST_SHARE = 0.25
"""Of its letters that are Han characters. A Chinese sentence about foreign names and goods has that many."""


def is_chinese(text: str) -> bool:
    """Whether a text can stand in a Chinese court's paper (民事诉讼法第11条, 第273条); one without letters can."""
    letters = [character for character in text if unicodedata.category(character).startswith("L")]
    han = sum(unicodedata.name(character, "").startswith("CJK") for character in letters)
    return han >= _LEAST_SHARE * len(letters)
