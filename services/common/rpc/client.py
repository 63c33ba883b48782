"""Calls to other services: a channel with the service's own token and a deadline on every call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any, Protocol, TypeVar

import grpc
from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_service_pb2 as identity_pb
from comity.identity.v1 import identity_service_pb2_grpc as identity_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.kernel.clock import Clock
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.rpc.bearer import carrying
from services.common.rpc.errors import refusal_of
from services.common.traces.context import outgoing

R = TypeVar("R")

CALL_SECONDS = 5.0
STREAM_SECONDS = 20.0
_OPTIONS = [
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 30000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2000),
]


def open_channel(address: str) -> grpc.aio.Channel:
    """A plaintext channel; inside one machine or a mesh that encrypts."""
    return grpc.aio.insecure_channel(address, options=_OPTIONS)


class ServiceCredential:
    """This service's token from identity, renewed a minute before it expires."""

    def __init__(
        self, identity: "identity_grpc.IdentityServiceAsyncStub", service: str, secret: str, clock: Clock
    ) -> None:
        self._identity = identity
        self._service = service
        self._secret = secret
        self._clock = clock
        self._token = ""
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    async def metadata(self) -> tuple[tuple[str, str], ...]:
        """The call metadata that names this service, and the trace that the call belongs to."""
        async with self._lock:
            if self._clock.now().timestamp() >= self._renew_at:
                await self._renew()
        return (carrying(self._token), *outgoing())

    async def _renew(self) -> None:
        request = identity_pb.IssueServiceTokenRequest(service=self._service, secret=self._secret)
        response = await answered(self._identity.IssueServiceToken(request, timeout=CALL_SECONDS))
        self._token = response.access_token.token
        self._renew_at = _seconds(response.access_token.expire_time) - timedelta(minutes=1).total_seconds()


def _seconds(stamp: Timestamp) -> float:
    return float(stamp.seconds)


async def answered(call: Awaitable[R]) -> R:
    """The response, or the refusal of the other side as a DomainError (UNAVAILABLE when it cannot be reached)."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise refusal_of(error) from error


class Chunked(Protocol):
    """A streamed response that carries a chunk."""

    @property
    def chunk(self) -> dossier_pb2.Chunk: ...


async def pull(stream: Callable[[], AsyncIterator[Any]], digest: bytes) -> bytes:
    """The bytes of a dossier or document named by its SHA-256.

    Raises DIGEST_MISMATCH (UNAVAILABLE: pulled again later) when what came is not what was named.
    """
    try:
        pieces = [response.chunk.data async for response in stream()]
    except grpc.aio.AioRpcError as error:
        raise refusal_of(error) from error
    data = b"".join(pieces)
    if sha256(data).digest() != digest:
        raise DomainError(
            ErrorKind.UNAVAILABLE, "DIGEST_MISMATCH", "内容与摘要不符", "what came is not what the digest names"
        )
    return data


CHUNK_BYTES = 256 * 1024


def chunks(data: bytes) -> list[dossier_pb2.Chunk]:
    """Data cut for streaming; at least one chunk."""
    starts = range(0, max(len(data), 1), CHUNK_BYTES)
    return [dossier_pb2.Chunk(data=data[start : start + CHUNK_BYTES]) for start in starts]
