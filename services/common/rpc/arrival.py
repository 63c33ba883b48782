"""The one message of a call: waited for once the caller is known, bounded in time and bytes, then decoded."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from services.common.kernel.errors import DomainError, ErrorKind, invalid

ARRIVAL_SECONDS = 5.0
"""How long the smallest message may take to come."""
SLOWEST_BYTES = 256 * 1024
"""Bytes a second that a larger message is granted more time for."""

Decode = Callable[[bytes], Any]


def arrival_seconds(most: int) -> float:
    """How long a message of at most ``most`` bytes may take to come."""
    return ARRIVAL_SECONDS + most / SLOWEST_BYTES


async def receive(context: Any) -> bytes:
    """The bytes of the one message. Raises MALFORMED_REQUEST (INVALID) for none, or more."""
    data = await context.read()
    if data is grpc.aio.EOF or await context.read() is not grpc.aio.EOF:
        raise invalid("MALFORMED_REQUEST", "一次调用只能发送一条消息", "this method takes exactly one message")
    return bytes(data)


def decoded(data: bytes, decode: Decode, most: int) -> Any:
    """The message. Raises REQUEST_TOO_LARGE (EXHAUSTED), or MALFORMED_REQUEST (INVALID) for what is no such message."""
    if len(data) > most:
        raise too_large(most)
    try:
        return decode(data)
    except DecodeError:
        raise invalid(
            "MALFORMED_REQUEST",
            "请求内容无法识别",
            "these bytes are not the message of this method (strings must be UTF-8)",
        ) from None


def too_large(most: int) -> DomainError:
    """What is told about a message beyond the limit of its method."""
    zh, en = f"请求内容过大，最多 {_size(most, 'MB', 'KB')}", f"this request is too large: at most {_size(most)}"
    return DomainError(ErrorKind.EXHAUSTED, "REQUEST_TOO_LARGE", zh, en)


def too_late() -> DomainError:
    """What is told when the message did not come in time, or had to give way to newer ones."""
    zh, en = "请求内容未及时送达，请重新发送", "the request did not arrive in time: send it again"
    return DomainError(ErrorKind.UNAVAILABLE, "REQUEST_TOO_LATE", zh, en)


def _size(count: int, mega: str = "MiB", kilo: str = "KiB") -> str:
    return f"{count // 1024**2} {mega}" if count >= 1024**2 else f"{count // 1024} {kilo}"
