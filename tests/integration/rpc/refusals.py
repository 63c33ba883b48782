"""What every refusal has to be: a reason to branch on, a sentence in Chinese and English, and nothing of the inside."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

_NEVER = ("Unexpected <class", "Traceback", 'File "', "sqlalchemy", "asyncpg", "SELECT ", "INSERT ", "google.protobuf")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as a client reads it."""

    code: grpc.StatusCode
    reason: str
    zh: str
    en: str
    fields: tuple[str, ...]


async def refused(call: Awaitable[Any]) -> Refusal:
    """The refusal of a call, looked at for what it must and must not say. Fails when the call is answered."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal_in(error)
    raise AssertionError(f"not refused: {str(answer)[:200]!r}")


def refusal_in(error: grpc.aio.AioRpcError) -> Refusal:
    """Raises AssertionError for a refusal without reason or words, or with anything of the inside."""
    said = str(error.details())
    assert not [word for word in _NEVER if word in said], said
    status = rpc_status.from_call(error)
    assert status is not None, f"no details: {error.code()} {said}"
    reason, words, fields = "", {}, []
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        message, bad = error_details_pb2.LocalizedMessage(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            assert info.domain == "comity"
            reason = info.reason
        elif detail.Unpack(message):
            words[message.locale] = message.message
        elif detail.Unpack(bad):
            fields = [each.field for each in bad.field_violations]
    assert reason, said
    assert words.get("zh"), said
    assert words.get("en"), said
    return Refusal(error.code(), reason, words["zh"], words["en"], tuple(fields))
