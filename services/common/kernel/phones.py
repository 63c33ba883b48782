"""Telephone numbers as people write them, and the one spelling in which each is kept: E.164, with ``;ext=`` (RFC 3966).

A number without its country is one of mainland China: 139 0000 0001, 010-12345678, (0512) 6123 4567 转 801, 400-123-4567.
"""

import re

from services.common.kernel.characters import composed, narrow, plain_dashes

_EXTENSION_MARK = ";ext="
_EXTENSION = re.compile(r"(?:;ext=|转|轉|分机|ext(?:ension)?\.?|x|#|,)[\s:.]*([0-9]{1,8})$", re.IGNORECASE | re.ASCII)
_SEPARATORS = re.compile(r"[\s.()\[\]【】·-]")
_LABEL = re.compile(r"^(?:tel|phone|mobile|电话|手机)[\s.:]*", re.IGNORECASE)
_HYPHENED = re.compile(r"(?<![0-9])(\(?0[0-9]{2,3}\)?[\s-]?[0-9]{3,4}[\s-]?[0-9]{4})-([0-9]{1,6})$", re.ASCII)
_TRUNK = re.compile(r"\(0\)")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_MOBILE = r"1[3-9][0-9]{9}"
_OF_COMPANIES = r"[48]00[0-9]{7}"
_SERVICE = r"(?:1[02]|9[56])[0-9]{3,4}"
_FIXED = r"(?:10|2[0-9])[0-9]{8}|[3-9][0-9]{2}[0-9]{7,8}"
_CHINA = "+86"
_CHINESE = re.compile(rf"\{_CHINA}(?:{_MOBILE}|{_OF_COMPANIES}|{_FIXED}|{_SERVICE})", re.ASCII)
_WITH_COUNTRY = re.compile(rf"86(?:{_MOBILE}|0?(?:{_FIXED}))", re.ASCII)
_AT_HOME = re.compile(rf"{_MOBILE}|{_OF_COMPANIES}|0(?:{_FIXED})|{_SERVICE}", re.ASCII)
_CHINESE_MOBILE = re.compile(rf"\{_CHINA}{_MOBILE}", re.ASCII)


def normal_phone(text: str) -> str | None:
    """The number in its one spelling, None of what is no telephone number."""
    folded = _LABEL.sub("", plain_dashes(narrow(composed(text))).strip())
    folded = _HYPHENED.sub(rf"\1{_EXTENSION_MARK}\2", folded)
    extension = _EXTENSION.search(folded)
    if extension:
        folded = folded[: extension.start()]
    number = _international(_SEPARATORS.sub("", _TRUNK.sub("", folded)))
    if number is None:
        return None
    return f"{number}{_EXTENSION_MARK}{extension.group(1)}" if extension else number


def has_extension(phone: str) -> bool:
    """Whether a number in its one spelling reaches its person through a switchboard."""
    return _EXTENSION_MARK in phone


def takes_text_messages(phone: str) -> bool:
    """Whether a number in its one spelling may be a mobile telephone's: Chinese ones are known by their digits."""
    if not phone or has_extension(phone):
        return False
    return not phone.startswith(_CHINA) or _CHINESE_MOBILE.fullmatch(phone) is not None


def _international(digits: str) -> str | None:
    """E.164 of digits without separators."""
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if _AT_HOME.fullmatch(digits):
        digits = f"{_CHINA}{digits.removeprefix('0')}"
    elif _WITH_COUNTRY.fullmatch(digits):
        digits = f"+{digits}"
    if not digits.startswith(_CHINA):
        return digits if _INTERNATIONAL.fullmatch(digits) else None
    number = _CHINA + digits.removeprefix(_CHINA).removeprefix("0")
    return number if _CHINESE.fullmatch(number) else None
