"""Every method of every service, called with what no client sends: refused in words, never a fault of ours."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from services.cli.actor import Actor
from services.common.kernel.principal import Role
from services.common.rpc.access import Rule, rules
from services.common.rpc.client import ServiceCredential
from tests.integration.rpc.conftest import Peopled
from tests.integration.rpc.refusals import refusal_in
from tests.kit.suite import SERVICES

_GARBAGE = (b"\xff\xff\xff", b"\x0a\x03\xed\xa0\x80", bytes(range(256)), b"\x9b\x06" * 1000)
_STRINGS = ("", "\x00", "甲\u202e乙", "'; DROP TABLE matters; --", "x" * 20_001)
_OURS = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a running service, and the token of somebody who may call it."""

    path: str
    descriptor: MethodDescriptor
    channel: grpc.aio.Channel
    metadata: tuple[tuple[str, str], ...]

    async def call(self, body: bytes) -> grpc.aio.AioRpcError | None:
        """The refusal, None when it was answered."""
        try:
            if self.descriptor.server_streaming:
                async for _ in self.channel.unary_stream(self.path)(body, metadata=self.metadata, timeout=30):
                    pass
            else:
                await self.channel.unary_unary(self.path)(body, metadata=self.metadata, timeout=30)
        except grpc.aio.AioRpcError as error:
            return error
        return None


async def test_every_method_refuses_garbage_in_words(peopled: Peopled) -> None:
    seen = 0
    async for method in methods_of(peopled):
        for body in filter(lambda body: _is_garbage(method, body), _GARBAGE):
            error = await method.call(body)
            assert error is not None, f"{method.path} answered {body[:10]!r}"
            assert refusal_in(error).reason == "MALFORMED_REQUEST", method.path
            seen += 1
    assert seen > 300


@pytest.mark.timeout(600)
async def test_no_method_fails_inside_for_anything_in_its_fields(peopled: Peopled) -> None:
    failed: list[str] = []
    async for method in methods_of(peopled):
        for text in _STRINGS:
            for plausible in (False, True):
                message = GetMessageClass(method.descriptor.input_type)()
                _fill(message, text, plausible)
                error = await method.call(message.SerializeToString())
                if error is None:
                    continue
                try:
                    refusal = refusal_in(error)
                except AssertionError as fault:
                    failed.append(f"{method.path} {text[:10]!a} {plausible}: {fault}")
                    continue
                if refusal.code in _OURS:
                    failed.append(f"{method.path} {text[:10]!a} {plausible}: {refusal.reason}")
    assert failed == []


def _is_garbage(method: Method, body: bytes) -> bool:
    """A message without fields takes whatever is well formed for fields that it does not know."""
    try:
        GetMessageClass(method.descriptor.input_type).FromString(body)
    except DecodeError:
        return True
    return False


async def methods_of(peopled: Peopled) -> Any:
    tokens = await _tokens(peopled)
    suite = peopled.suite
    for service in SERVICES:
        module = import_module(f"comity.{service}.v1.{service}_service_pb2")
        channel_to = f"127.0.0.1:{suite.applications[service].port}"
        async with grpc.aio.insecure_channel(channel_to) as channel:
            for descriptor in module.DESCRIPTOR.services_by_name.values():
                table = rules([descriptor])
                for each in descriptor.methods:
                    path = f"/{descriptor.full_name}/{each.name}"
                    yield Method(path, each, channel, _admitted(tokens, table[path]))


Tokens = dict[str, tuple[tuple[str, str], ...]]


async def _tokens(peopled: Peopled) -> Tokens:
    """By role and by service, the call metadata of one who is that."""
    found: Tokens = {}
    people = peopled.people
    for person in (
        people.administrator,
        people.officer,
        people.case_administrator,
        people.seal_keeper,
        people.court_administrator,
        people.clerk,
        people.judge,
        people.mediators[0],
    ):
        metadata = await person.metadata()
        found["person"] = metadata
        found |= dict.fromkeys(_roles(person), metadata)
    for service in SERVICES:
        credential = ServiceCredential(
            peopled.suite.services.identity, service, f"secret of {service}", peopled.suite.clock
        )
        found[f"services/{service}"] = await credential.metadata()
    return found


def _roles(person: Actor) -> Iterator[str]:
    payload = str(person.session()["token"]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    for held in claims["roles"].values():
        yield from held


def _admitted(tokens: Tokens, rule: Rule) -> tuple[tuple[str, str], ...]:
    if rule.anyone:
        return ()
    names = [f"services/{each}" for each in sorted(rule.services)] + [role.value for role in Role if role in rule.roles]
    if rule.person:
        names.append("person")
    return next(tokens[name] for name in names if name in tokens)


def _fill(message: Message, text: str, plausible: bool, depth: int = 0) -> None:
    """Every field set: numbers absurd, texts the given one; ``plausible`` passes the first checks of form."""
    for field in message.DESCRIPTOR.fields:
        target = getattr(message, field.name)
        if field.message_type is not None:
            if depth > 3 or field.message_type.GetOptions().map_entry:
                continue
            if field.is_repeated:
                _fill(target.add(), text, plausible, depth + 1)
            else:
                target.SetInParent()
                _fill(target, text, plausible, depth + 1)
            continue
        value = _value(field, text, plausible)
        if field.is_repeated:
            target.append(value)
        else:
            setattr(message, field.name, value)


def _value(field: FieldDescriptor, text: str, plausible: bool) -> Any:
    if field.type == FieldDescriptor.TYPE_STRING:
        return _plausible(field.name, text) if plausible else text
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(32) if plausible else b"\x00" * 70_000
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    if field.enum_type is not None:
        return field.enum_type.values[-1].number if plausible else 99
    unsigned = field.cpp_type in (FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64)
    absurd = 2**31 - 1 if unsigned else -(2**31)
    return 1 if plausible else absurd


_COLLECTIONS = {
    "matter": "matters",
    "case": "cases",
    "party": "parties",
    "account": "accounts",
    "organisation": "organisations",
    "session": "sessions",
    "agreement": "agreements",
    "court": "courts",
    "mediator": "mediators",
    "challenge": "challenges",
    "invitation": "invitations",
    "application": "applications",
    "officer": "accounts",
    "administrator": "accounts",
}
_FORMS = {
    "currency": "CNY",
    "email": "a@sample.example",
    "locale": "zh",
    "code": "123456",
    "confirming_code": "123456",
    "regime": "PEOPLES",
}


def _plausible(name: str, text: str) -> str:
    if name == "request_id":
        return str(uuid4())
    if name in _COLLECTIONS:
        return f"{_COLLECTIONS[name]}/{uuid4()}"
    if name == "due_date":
        return "2026-06-01"
    return _FORMS.get(name, text)
