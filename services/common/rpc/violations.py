"""What a broken rule of a request means, as a sentence for the person who gets it: what is expected, never a pattern."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Words = tuple[str, str]
"""In Chinese and in English."""

PATTERNS: Mapping[str, Words] = {
    "^([0-9+][0-9() -]{4,29}(转[0-9]{1,6})?)?\\z": (
        "请填写电话号码，如 025-88880000转801，没有时请留空",
        "expected a telephone number, e.g. 025-88880000转801, or nothing",
    ),
    "^[A-Z]{3}\\z": ("请填写三位大写币种代码，如 CNY", "expected the three capitals of a currency, e.g. CNY"),
    "^[0-9]{6}\\z": (
        "请填写六位行政区划代码，如 320102",
        "expected the six digits of an administrative division, e.g. 320102",
    ),
    "^([0-9]{6})?\\z": (
        "请填写六位行政区划代码（如 320102），不清楚时请留空",
        "expected the six digits of an administrative division (e.g. 320102), or nothing",
    ),
    "^([0-9]{4}-[0-9]{2}-[0-9]{2})?\\z": (
        "请填写日期，如 2026-12-31",
        "expected a date, e.g. 2026-12-31",
    ),
    "^[0-9]{6,12}\\z": ("请填写收到的验证码，如 123456", "expected the digits of the code that was sent, e.g. 123456"),
    "^([0-9]{6,12})?\\z": (
        "请填写收到的验证码（如 123456），没有时请留空",
        "expected the digits of the code that was sent (e.g. 123456), or nothing",
    ),
    "^[A-Za-z0-9_-]{0,64}\\z": (
        "设备标识不正确，请留空后重新登录",
        "this is not what the device was given at an earlier sign-in: leave it empty",
    ),
    "^[a-zA-Z]+/[0-9A-Za-z-]{1,64}\\z": (
        "请填写对象的名称，如 matters/0198c0de-0000-7000-8000-000000000001",
        "expected the name of an object, e.g. matters/0198c0de-0000-7000-8000-000000000001",
    ),
    "^[^\\x00-\\x1f\\x7f]{0,200}\\z": ("请填写一行文字，最多 200 个字", "expected one line of at most 200 characters"),
    "^[^\\x00-\\x1f\\x7f]{1,200}\\z": (
        "请填写一行文字，1 至 200 个字",
        "expected one line of 1 to 200 characters",
    ),
    "^[^\\x00-\\x1f\\x7f]{0,100}\\z": ("请填写一行文字，最多 100 个字", "expected one line of at most 100 characters"),
    "^[^\\x00-\\x1f\\x7f]{1,100}\\z": (
        "请填写一行文字，1 至 100 个字",
        "expected one line of 1 to 100 characters",
    ),
}
"""What each pattern of the protos expects; a test looks for one that has no words."""

_NUMBERS = re.compile(r"-?[0-9]+")
_MISSING: Words = ("此项必填", "this is needed")
_CHOICE: Words = ("请从所列选项中选择一项", "choose one of the values that there are")
_UNSUITABLE: Words = ("内容不符合要求", "this is not what is expected here")


def words(rule: str, value: Any, description: str) -> Words:
    """The sentence for a rule by its id (``string.max_len``), what it demands, and how the validator tells it."""
    if rule.endswith(".gte_lte"):
        least, most = _NUMBERS.findall(description)
        return f"应在 {least} 至 {most} 之间", f"it has to lie between {least} and {most}"
    told = _RULES.get(rule)
    return told(value) if told else _UNSUITABLE


def _pattern(value: Any) -> Words:
    return PATTERNS.get(str(value), _UNSUITABLE)


def _listed(value: Any) -> Words:
    named = "、".join(str(each) for each in value if str(each)), ", ".join(str(each) for each in value if str(each))
    return f"应为以下之一：{named[0]}", f"expected one of {named[1]}"


def _say(zh: str, en: str) -> Callable[[Any], Words]:
    return lambda value: (zh.format(value), en.format(value))


_RULES: Mapping[str, Callable[[Any], Words]] = {
    "required": lambda _: _MISSING,
    "string.pattern": _pattern,
    "string.in": _listed,
    "string.uuid": _say(
        "请填写一个 UUID，如 0198c0de-0000-7000-8000-000000000001",
        "expected a UUID, e.g. 0198c0de-0000-7000-8000-000000000001",
    ),
    "string.uuid_empty": _say(
        "请填写一个 UUID，如 0198c0de-0000-7000-8000-000000000001",
        "expected a UUID, e.g. 0198c0de-0000-7000-8000-000000000001",
    ),
    "string.min_len": lambda value: (
        _MISSING if value == 1 else (f"至少 {value} 个字", f"at least {value} characters are needed")
    ),
    "string.max_len": _say("最多 {} 个字，请缩短", "at most {} characters are taken: shorten it"),
    "bytes.len": _say("应为 {} 字节", "expected {} bytes"),
    "bytes.min_len": lambda _: _MISSING,
    "bytes.max_len": _say("最多 {} 字节", "at most {} bytes are taken"),
    "enum.defined_only": lambda _: _CHOICE,
    "enum.not_in": lambda _: _CHOICE,
    "repeated.min_items": _say("至少 {} 项", "at least {} are needed"),
    "repeated.max_items": _say("最多 {} 项", "at most {} are taken"),
    "repeated.unique": _say("其中有重复的项", "one of them is there twice"),
    "map.max_pairs": _say("最多 {} 项", "at most {} are taken"),
    "int64.gt": _say("应大于 {}", "it has to be above {}"),
}
