"""A rule of a request that is broken is told in a sentence; no caller reads a pattern."""

import re
from collections.abc import Iterator

import protovalidate
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from services.common.rpc.violations import PATTERNS, words
from tests.unit.protos.test_patterns import FIELDS, _pattern
from tests.unit.protos.test_request_rules import methods

_OF_A_PATTERN = re.compile(r"[\\^$\[\]{}*]|regex|pattern")


@pytest.mark.parametrize("pattern", sorted({_pattern(field) for field in FIELDS}))
def test_every_pattern_has_words_with_an_example_or_a_length(pattern: str) -> None:
    zh, en = PATTERNS[pattern]
    assert zh and en and not _OF_A_PATTERN.search(zh + en)


def test_no_words_are_kept_for_patterns_that_are_gone() -> None:
    assert set(PATTERNS) == {_pattern(field) for field in FIELDS}


@pytest.mark.parametrize("message", sorted({each.input_type.full_name for each in methods()}))
def test_every_broken_rule_of_a_request_has_words(message: str) -> None:
    kind = next(each.input_type for each in methods() if each.input_type.full_name == message)
    for wrong in _wrong(GetMessageClass(kind)):
        for broken in protovalidate.collect_violations(wrong):
            zh, en = words(broken.proto.rule_id, broken.rule_value, broken.proto.message)
            assert en != "this is not what is expected here", broken.proto.rule_id
            assert zh and not _OF_A_PATTERN.search(zh + en)


def _wrong(kind: type[Message]) -> Iterator[Message]:
    """The message empty, and with every text too long and every number too small."""
    yield kind()
    wrong = kind()
    for field in wrong.DESCRIPTOR.fields:
        if field.is_repeated or field.message_type is not None:
            continue
        if field.type == field.TYPE_STRING:
            setattr(wrong, field.name, "\x01" * 50_000)
        elif field.type == field.TYPE_BYTES:
            setattr(wrong, field.name, b"1")
        elif field.type in (field.TYPE_INT32, field.TYPE_INT64):
            setattr(wrong, field.name, -1)
    yield wrong
