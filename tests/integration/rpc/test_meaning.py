"""Numbers without a value, times that are none, page tokens of nobody: refused by field, whatever the method."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from tests.integration.rpc.conftest import Peopled
from tests.integration.rpc.refusals import refusal_in
from tests.integration.rpc.test_every_method import methods_of

_STAMP = Timestamp.DESCRIPTOR.full_name
Path = tuple[FieldDescriptor, ...]


async def test_what_has_no_meaning_is_refused_by_its_field(peopled: Peopled) -> None:
    seen, wrong = 0, []
    async for method in methods_of(peopled):
        for path in _leaves(method.descriptor.input_type, ()):
            times = path[-1].message_type is not None
            for value in (Timestamp(seconds=2**62), Timestamp(nanos=-1)) if times else (99, -1):
                message = GetMessageClass(method.descriptor.input_type)()
                _set(message, path, value)
                error = await method.call(message.SerializeToString())
                said = (refusal_in(error).reason, refusal_in(error).fields) if error else None
                expected = ("TIME_OUT_OF_RANGE" if times else "UNKNOWN_VALUE", (_named(path),))
                seen += 1
                if said != expected:
                    wrong.append(f"{method.path} {_named(path)}: {said}")
    assert wrong == []
    assert seen > 80


async def test_a_page_token_of_nobody_is_refused_by_every_list(peopled: Peopled) -> None:
    lists, wrong = 0, []
    shapes: tuple[Any, ...] = (["x"], [1], None, {}, ["a", "b"], [str(uuid4())])
    tokens = [json.dumps(shape) for shape in shapes]
    tokens += [base64.urlsafe_b64encode(token.encode()).decode() for token in [*tokens, "[" * 30_000]]
    async for method in methods_of(peopled):
        if "page_token" not in method.descriptor.input_type.fields_by_name:
            continue
        lists += 1
        for token in tokens:
            message = GetMessageClass(method.descriptor.input_type)(page_token=token)
            error = await method.call(message.SerializeToString())
            said = (refusal_in(error).reason, refusal_in(error).fields) if error else None
            if said != ("MALFORMED_PAGE_TOKEN", ("page_token",)):
                wrong.append(f"{method.path} {token[:20]}: {said}")
    assert wrong == []
    assert lists > 14


def _leaves(message: Descriptor, above: Path) -> Iterator[Path]:
    """Every choice and every time in a request, once for each way to it."""
    for field in message.fields:
        path = (*above, field)
        if field.enum_type is not None or (field.message_type and field.message_type.full_name == _STAMP):
            yield path
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            yield from _leaves(field.message_type, path)


def _set(message: Message, path: Path, value: Any) -> None:
    field, *rest = path
    target = getattr(message, field.name)
    if field.is_repeated:
        if field.message_type is None:
            target.append(value)
        else:
            _set(target.add(), tuple(rest), value)
    elif rest:
        _set(target, tuple(rest), value)
    elif isinstance(value, Message):
        target.CopyFrom(value)
    else:
        setattr(message, field.name, value)


def _named(path: Path) -> str:
    return ".".join(f"{field.name}[0]" if field.is_repeated else field.name for field in path)
