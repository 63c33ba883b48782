"""Every pattern of a proto says where the text begins and where it ends, for whatever engine reads it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import protovalidate
import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

_GENERATED = Path(__file__).parents[3] / "gen"


def _messages() -> Iterator[Descriptor]:
    for file in sorted(_GENERATED.rglob("comity/**/*_pb2.py")):
        module = ".".join(file.relative_to(_GENERATED).with_suffix("").parts)
        yield from _with_nested(import_module(module).DESCRIPTOR.message_types_by_name.values())


def _with_nested(messages: Any) -> Iterator[Descriptor]:
    for message in messages:
        yield message
        yield from _with_nested(message.nested_types)


def _pattern(field: FieldDescriptor) -> str:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    found = [rules.string, rules.repeated.items.string, rules.map.keys.string, rules.map.values.string]
    return next((each.pattern for each in found if each.pattern), "")


FIELDS = [field for message in _messages() for field in message.fields if _pattern(field)]
EACH = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.full_name)


@EACH
def test_a_pattern_ends_where_the_text_ends(field: FieldDescriptor) -> None:
    """``$`` is also before a line break at the end for some engines; RE2, which protovalidate is bound to, knows ``\\z``."""
    pattern = _pattern(field)
    assert pattern.startswith("^") and pattern.endswith(r"\z") and "$" not in pattern


@EACH
@given(data=st.data())
@settings(max_examples=10)
def test_what_fits_does_not_fit_with_a_line_break_behind_it(field: FieldDescriptor, data: st.DataObject) -> None:
    of_python = _pattern(field).removesuffix("$").removesuffix(r"\z")
    text = data.draw(st.from_regex(of_python, fullmatch=True))
    assert not _refused(field, text)
    assert _refused(field, f"{text}\n")


def _refused(field: FieldDescriptor, text: str) -> bool:
    message = GetMessageClass(field.containing_type)()
    if field.is_repeated:
        getattr(message, field.name).append(text)
    else:
        setattr(message, field.name, text)
    return any(_of(each.proto, field) for each in protovalidate.collect_violations(message))


def _of(violation: "validate_pb2.Violation", field: FieldDescriptor) -> bool:
    return violation.rule_id == "string.pattern" and violation.field.elements[0].field_name == field.name
