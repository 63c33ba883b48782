"""Requests as nobody would send them: well-formed ones of any method with something changed, and bytes after that."""

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from tests.scenarios.probing import NAMES
from tests.scenarios.requests import request_for

_INTEGERS = (0, 1, -1, 2, 7, 99, 200, 201, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63), 10**15, 10**15 + 1)
_SECONDS = (0, 1, -1, 253402300799, 253402300800, -62135596800, -62135596801, 2**62, -(2**62), 32503679999, 1780000000)
_NANOS = (0, 1, -1, 999_999_999, 1_000_000_000, 2**31 - 1)
_TEXTS = (
    "",
    " ",
    "\x00",
    "\n",
    "甲\u202e乙",
    "\ue000",
    "\U0010ffff",
    "e\u0301" * 50,
    "🏛" * 100,
    "'; DROP TABLE matters; --",
    "{{ 7 * 7 }}{% for x in y %}",
    "%s%n%(name)s",
    "../../../etc/passwd",
    "a:b;@host",
    "<x@host",
    '"x@host',
    "root,x@host",
    "(n)x@host",
    "@",
    "x@",
    "+1",
    "+8613900000009",
    "9999-12-31",
    "0000-00-00",
    "2026-02-30",
    "0001-01-01",
    "24:00",
    "12:00+08:00",
    "25:99",
    "-1",
    "1e400",
    "NaN",
    "PEOPLES@0",
    "PEOPLES@999999999999999999999999",
    "PEOPLES@",
    "en",
    "xx",
    "CNY",
    "XXX",
    "matters/",
    "matters/00000000-0000-0000-0000-000000000000",
    "matters/" + "f" * 8 + "-ffff-ffff-ffff-" + "f" * 12,
    "x" * 256,
    "长" * 4001,
    "x" * 21_000,
)
_TOKENS = (
    '["x"]',
    "[1]",
    "null",
    "{}",
    "[" * 20_000,
    '["a","b"]',
    '["\x00","\x00"]',
)
_ALL_OF_A_KIND = 30
_MOST_BYTES = 500_000
"""What is larger gRPC itself refuses, without words (SECURITY.md)."""


class Mutations:
    """Deterministic by its seed. ``names`` are real resources, by collection."""

    def __init__(self, seed: int, names: Mapping[str, Sequence[str]]) -> None:
        self._random = random.Random(seed)
        self._names = names

    def request(self, method: MethodDescriptor) -> bytes:
        """The bytes of one request."""
        collection = self._choose(NAMES.get(method.containing_service.name, {}).get(method.name, ("",)))
        ids = {kind: self._choose(known) for kind, known in self._names.items() if known}
        message = request_for(method, collection, ids)
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 3, 6))):
            self._change(message)
        if message.DESCRIPTOR.fields_by_name.get("request_id") and self._random.random() < 0.9:
            message.request_id = str(UUID(int=self._random.getrandbits(128), version=4))
        data = bytearray(message.SerializeToString())
        broken = self._broken(data) if self._random.random() < 0.15 else bytes(data)
        return broken[:_MOST_BYTES]

    def _choose(self, among: Any) -> Any:
        return self._random.choice(list(among))

    def _change(self, message: Message) -> None:
        """Something, at any depth."""
        fields = message.DESCRIPTOR.fields
        if not fields:
            return
        field = self._choose(fields)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)[str(self._value(field.message_type.fields_by_name["key"]))] = "\x00甲"
        elif field.is_repeated:
            self._change_list(getattr(message, field.name), field)
        elif field.message_type is not None:
            self._change_message(message, field)
        elif self._random.random() < 0.15:
            message.ClearField(field.name)
        else:
            setattr(message, field.name, self._value(field))

    def _change_list(self, items: Any, field: FieldDescriptor) -> None:
        if self._random.random() < 0.2:
            del items[:]
        for _ in range(self._random.choice((1, 2, _ALL_OF_A_KIND))):
            if field.message_type is None:
                items.append(self._value(field))
            else:
                self._change(items.add())

    def _change_message(self, message: Message, field: FieldDescriptor) -> None:
        if self._random.random() < 0.2:
            message.ClearField(field.name)
            return
        inner = getattr(message, field.name)
        inner.SetInParent()
        if field.message_type.full_name == "google.protobuf.Timestamp":
            inner.seconds, inner.nanos = self._choose(_SECONDS), self._choose(_NANOS)
        else:
            self._change(inner)

    def _value(self, field: FieldDescriptor) -> Any:
        if field.enum_type is not None:
            known = [value.number for value in field.enum_type.values]
            return self._choose([*known, 99, -1, 2**31 - 1])
        if field.type == FieldDescriptor.TYPE_STRING:
            return self._text(field.name)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return self._random.randbytes(self._choose((0, 1, 31, 32, 33, 64, 5000)))
        if field.type == FieldDescriptor.TYPE_BOOL:
            return self._random.random() < 0.5
        unsigned = field.cpp_type in (FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64)
        wide = field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
        least, most = (0 if unsigned else -(2**63 if wide else 2**31)), 2**63 - 1 if wide else 2**31 - 1
        return self._choose([number for number in _INTEGERS if least <= number <= most])

    def _text(self, name: str) -> str:
        if name == "page_token":
            shape = str(self._choose(_TOKENS))
            return self._choose((shape, base64.urlsafe_b64encode(shape.encode()).decode().rstrip("=")))  # type: ignore[no-any-return]
        real = [each for known in self._names.values() for each in known]
        if real and self._random.random() < 0.4:
            return str(self._choose(real))
        return str(self._choose(_TEXTS))

    def _broken(self, data: bytearray) -> bytes:
        """Bytes changed, lost, repeated, or wrapped in themselves."""
        how: Callable[[bytearray], bytes] = self._choose((self._flipped, self._cut, self._doubled, self._nested))
        return how(data)

    def _flipped(self, data: bytearray) -> bytes:
        for _ in range(self._random.choice((1, 2, 8))):
            if data:
                data[self._random.randrange(len(data))] = self._random.randrange(256)
        return bytes(data)

    def _cut(self, data: bytearray) -> bytes:
        return bytes(data[: self._random.randrange(len(data) + 1)])

    def _doubled(self, data: bytearray) -> bytes:
        return bytes(data) * self._random.choice((2, 3, 20))

    def _nested(self, data: bytearray) -> bytes:
        """The same field around itself, deeper than any message is."""
        body = bytes(data[:100])
        tag = bytes([self._random.randrange(1, 16) << 3 | 2])
        for _ in range(self._random.choice((3, 101, 2000))):
            body = tag + _length(len(body)) + body
        return body


def _length(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
