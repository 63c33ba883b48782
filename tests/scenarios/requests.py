"""A well-formed request for any method, made from its descriptor: references point where the test wants them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

REFERENCES = {
    "organisation": "organisations",
    "account": "accounts",
    "officer": "accounts",
    "administrator": "accounts",
    "party": "parties",
    "caucus_party": "parties",
    "absent_party": "parties",
    "obligor": "parties",
    "obligee": "parties",
    "invitation": "invitations",
    "mediator": "mediators",
    "case": "cases",
    "session": "sessions",
    "counters": "offers",
    "agreement": "agreements",
    "document": "agreements",
    "court": "courts",
    "referral": "referrals",
    "subject": "signingRounds",
    "challenge": "challenges",
    "matter": "matters",
}
"""Fields that name another resource."""

_TEXTS = {
    "code": "000000",
    "confirming_code": "000000",
    "locale": "zh",
    "currency": "CNY",
    "email": "outsider@sample.invalid",
    "contact": "outsider@sample.invalid",
    "phone": "+8613900000009",
    "identity_number": "SAMPLE-1",
    "telephone": "025-00000000",
    "reasons": "样本理由",
    "nationality": "VN",
    "birth_date": "1955-01-01",
    "region_code": "320102",
    "subject_region_code": "320102",
    "region_codes": "320102",
    "page_token": "",
    "regime": "PEOPLES",
    "quiet_start": "",
    "quiet_end": "",
    "service": "intake",
    "start_date": "2026-01-01",
    "end_date": "2027-01-01",
    "due_date": "2026-12-31",
}

_OF_ONE: dict[str, Any] = {
    "ClaimFirstAdministratorRequest.code": "x" * 32,
    "CreateOrganisationRequest.kind": 2,
    "PrepareRulingRequest.ground": 0,
}
"""Fields whose rules differ from those of their namesakes."""


def request_for(method: MethodDescriptor, name_collection: str, ids: Mapping[str, str]) -> Any:
    """A request whose ``name`` is of ``name_collection`` and whose references are ``ids`` (collection to resource name).

    A collection that ``ids`` lacks gets a name of nothing.
    """
    return _filled(GetMessageClass(method.input_type), name_collection, ids)


def _filled(kind: type[Message], name_collection: str, ids: Mapping[str, str]) -> Message:
    message = kind()
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is not None or field.name == "act":
            continue
        value = _value(field, name_collection, ids)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            getattr(message, field.name).append(value)
        elif isinstance(value, Message):
            getattr(message, field.name).CopyFrom(value)
        else:
            setattr(message, field.name, value)
    return message


def _value(field: FieldDescriptor, name_collection: str, ids: Mapping[str, str]) -> Any:
    if (only := _OF_ONE.get(f"{field.containing_type.name}.{field.name}")) is not None:
        return only
    if field.message_type is not None:
        return _submessage(field, ids)
    if field.enum_type is not None:
        return field.enum_type.values[1].number
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text(field.name, name_collection, ids)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes(32)
    return field.type == FieldDescriptor.TYPE_BOOL or 1


def _submessage(field: FieldDescriptor, ids: Mapping[str, str]) -> Message:
    if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
        stamp = Timestamp()
        stamp.FromDatetime(datetime.now(UTC) + timedelta(days=1))
        return stamp
    return _filled(GetMessageClass(field.message_type), "", ids)


def _text(name: str, name_collection: str, ids: Mapping[str, str]) -> str:
    if name == "request_id":
        return str(uuid4())
    collection = name_collection if name == "name" else REFERENCES.get(name, "")
    if collection:
        return ids.get(collection, f"{collection}/{uuid4()}")
    return _TEXTS.get(name, "x" * 20)
