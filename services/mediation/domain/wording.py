"""What the words of terms say beside their data: a time that nobody can keep, a breach that is left to the court.

Words are looked for as words, not as letters: *Slater & Sons*, *no later than 31 December* and 未及时维修 are no promise to
pay later or in time. Each pattern takes time that grows with the text alone.
"""

import re
from collections.abc import Iterable

_VAGUE_ZH = re.compile(
    r"(?<![未没不无])(?<!没有)(?<!未能)(?<!是否)"
    r"(?:尽快|尽早|及时(?!雨)|适时|另行协商|另行商定|择期|近期|条件允许时|有能力时|合理期限内?)"
)
_VAGUE_EN = re.compile(
    r"\b(?:as soon as (?:possible|practicable|convenient)|a\.s\.a\.p\b\.?|asap|soon(?! as)|later(?! than)|promptly|shortly"
    r"|in due course|when(?:ever)? (?:possible|convenient|able)|within a reasonable time|in the near future)\b",
    re.IGNORECASE,
)
_NOT_VAGUE_EN = re.compile(r"\b(?:no|not|nor|never|any|how) $", re.IGNORECASE)

_COURT_ZH = re.compile(
    r"(?:由|请求|提请|提交|交由|交给|申请)[^，。；：,;:、由请交提申支付按至到向息\n]{0,12}?(?:人民)?法院"
    r"(?:依法|另行|直接|来|予以|进行|作出|做出){0,3}(?:判决|裁判|裁决|判令)(?!之日|生效|确定|文书|书)"
)
_NEGATED_ZH = re.compile(r"(?:不|勿|非|无须|无需|不得|不再|不必|禁止|避免)$")
_COURT_EN = re.compile(
    r"\bcourts? (?:shall|will|is to|are to|may|must) (?:decide|rule|determine|adjudicate|give judge?ment)\b"
    r"|\b(?:decided|determined|adjudicated|settled|ruled on) by (?:the|a|any) (?:[a-z'-]+ ){0,4}court\b",
    re.IGNORECASE,
)
_UNTIL_EN = re.compile(r"\b(?:until|till|before|after|when|once|unless|not|never)\b[^.;\n]{0,30}$", re.IGNORECASE)
_BEFORE = 40


def vague_time(text: str, names: Iterable[str] = ()) -> str:
    """The first words that leave the time open, nothing when there are none. ``names`` of people say nothing."""
    text = _without(text, names)
    found = _VAGUE_ZH.search(text)
    if found is None:
        found = next((each for each in _VAGUE_EN.finditer(text) if not _NOT_VAGUE_EN.search(_before(text, each))), None)
    return found.group() if found else ""


def leaves_breach_to_court(text: str, names: Iterable[str] = ()) -> bool:
    """Whether the text says that a court shall decide (民事调解规定第8条)."""
    text = _without(text, names)
    for found in _COURT_ZH.finditer(text):
        if not _NEGATED_ZH.search(_before(text, found)):
            return True
    return any(not _UNTIL_EN.search(_before(text, found)) for found in _COURT_EN.finditer(text))


def _before(text: str, found: "re.Match[str]") -> str:
    return text[max(0, found.start() - _BEFORE) : found.start()]


def _without(text: str, names: Iterable[str]) -> str:
    for name in names:
        if name:
            text = text.replace(name, "〇")
    return text
