"""What every call passes before it reaches a servicer, and what catches everything that comes out.

In this order: a deadline, who is calling, whether they may, whether the request is well formed. Every refusal leaves in
one form, and an unforeseen error leaves nothing but INTERNAL with the caller and its stack in the log.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
import protovalidate
import structlog
from google.protobuf.message import DecodeError

from services.common.kernel.errors import DomainError, ErrorKind, invalid
from services.common.kernel.principal import Principal
from services.common.rpc import errors
from services.common.rpc.access import Rule
from services.common.rpc.failures import refusal_for_failure
from services.common.rpc.texts import require_texts
from services.common.rpc.tokens import TokenVerifier
from services.common.surroundings import Surroundings
from services.common.telemetry import CALL_SECONDS, CALLS
from services.common.traces import context as trace
from services.common.traces import spans

log = structlog.get_logger()

REQUEST_BYTES = 4 * 1024 * 1024
"""The largest request; the server reads up to twice as much so that it can say so (``server.py``)."""
LONGEST_SECONDS = 30.0
LEAST_SECONDS = 0.01

_caller: ContextVar[Principal] = ContextVar("caller")

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def current_principal() -> Principal:
    """Who makes the call that is being answered."""
    return _caller.get()


class Gate(grpc.aio.ServerInterceptor):
    """Default deny for every method of the server, by the table of access rules."""

    def __init__(self, rules: Mapping[str, Rule], tokens: TokenVerifier, surroundings: Surroundings) -> None:
        self._rules = rules
        self._tokens = tokens
        self._surroundings = surroundings
        self._handlers: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        method = handler_call_details.method
        trace.receive(handler_call_details.invocation_metadata)
        if method not in self._handlers:
            handler = await continuation(handler_call_details)
            if handler is None:
                return grpc.unary_unary_rpc_method_handler(_unknown_method)
            if method not in self._rules:
                return handler
            self._handlers[method] = self._guard(method, handler, self._rules[method])
        return self._handlers[method]

    def _guard(self, method: str, handler: Handler, rule: Rule) -> Handler:
        serializers = {
            "request_deserializer": _decoder(handler.request_deserializer),
            "response_serializer": handler.response_serializer,
        }
        short = method.rsplit("/", 1)[-1]
        if handler.unary_unary is not None:
            unary = spans.serving(method, self._unary(short, handler.unary_unary, rule))
            return grpc.unary_unary_rpc_method_handler(unary, **serializers)
        if handler.unary_stream is not None:
            stream = spans.serving_stream(method, self._stream(short, handler.unary_stream, rule))
            return grpc.unary_stream_rpc_method_handler(stream, **serializers)
        raise SystemExit(f"Cannot start: {method} streams requests, which no service here does")

    def _unary(self, method: str, servicer: Any, rule: Rule) -> Any:
        async def call(request: Any, context: Context) -> Any:
            started = time.perf_counter()
            try:
                await self._admit(request, context, rule)
                async with asyncio.timeout(_seconds_left(context)):
                    response = await servicer(request, context)
                _count(method, "OK", started)
                return response
            except BaseException as error:
                _count(method, await self._answer(method, error, context), started)
                return None

        return call

    def _stream(self, method: str, servicer: Any, rule: Rule) -> Any:
        async def call(request: Any, context: Context) -> AsyncIterator[Any]:
            started = time.perf_counter()
            try:
                await self._admit(request, context, rule)
                async with asyncio.timeout(_seconds_left(context)):
                    async for response in servicer(request, context):
                        yield response
                _count(method, "OK", started)
            except GeneratorExit:
                raise
            except BaseException as error:
                _count(method, await self._answer(method, error, context), started)

        return call

    async def _admit(self, request: Any, context: Context, rule: Rule) -> None:
        if _seconds_left(context) < LEAST_SECONDS:
            raise DomainError(
                ErrorKind.UNAVAILABLE, "NOT_ENOUGH_TIME", "剩余时间不足", "not enough time left to answer"
            )
        if not (self._surroundings.begun.is_set() or rule.always):
            raise errors.storage_unavailable()
        principal = await self._principal(context)
        rule.admit(principal)
        _validate(request)
        _caller.set(principal)

    async def _answer(self, method: str, error: BaseException, context: Context) -> str:
        if isinstance(error, asyncio.CancelledError):
            raise error
        refusal, violations = await self._refusal(method, error)
        errors.refuse(context, refusal, violations)
        return refusal.reason

    async def _refusal(self, method: str, error: BaseException) -> tuple[DomainError, list[tuple[str, str]]]:
        if isinstance(error, DomainError):
            return error, []
        if isinstance(error, _Malformed):
            field, description = error.violations[0]
            malformed = invalid("MALFORMED_REQUEST", f"请求格式不正确：{field}", f"{field}: {description}", field=field)
            return malformed, error.violations
        if isinstance(error, TimeoutError):
            zh, en = "处理超时，请重试", "this took too long: try again"
            return DomainError(ErrorKind.UNAVAILABLE, "DEADLINE_EXCEEDED", zh, en), []
        if refusal := await refusal_for_failure(error, self._surroundings):
            if isinstance(error, OSError) and not self._surroundings.causes:
                log.error("storage_unavailable", method=method, error=type(error).__name__, number=error.errno)
            return refusal, []
        log.error("call_failed", method=method, caller=_caller.get(Principal()).subject, exc_info=error)
        return errors.internal(), []

    async def _principal(self, context: Context) -> Principal:
        for key, value in context.invocation_metadata() or ():
            if key == "authorization":
                scheme, _, token = str(value).partition(" ")
                if scheme.lower() == "bearer" and token:
                    return await self._tokens.principal(token)
        return Principal()


@dataclass(frozen=True, slots=True)
class _Undecoded:
    """Stands for a request that is not decoded, with the reason why."""

    reason: str
    zh: str
    en: str
    kind: ErrorKind = ErrorKind.INVALID


_NO_MESSAGE = _Undecoded(
    "MALFORMED_REQUEST",
    "请求内容无法识别",
    "these bytes are not the message of this method (strings must be UTF-8)",
)
_TOO_LARGE = _Undecoded(
    "REQUEST_TOO_LARGE",
    f"请求内容过大，最多 {REQUEST_BYTES // 1024**2} MB",
    f"this request is too large: at most {REQUEST_BYTES // 1024**2} MiB",
    ErrorKind.EXHAUSTED,
)


def _decoder(deserialize: Any) -> Callable[[bytes], Any]:
    """Lets what cannot or shall not be decoded pass the gate like everything else, to be refused in words."""

    def decode(data: bytes) -> Any:
        if len(data) > REQUEST_BYTES:
            return _TOO_LARGE
        try:
            return deserialize(data)
        except DecodeError:
            return _NO_MESSAGE

    return decode


async def _unknown_method(_request: bytes, context: Context) -> None:
    errors.refuse_unknown_method(context)


def _seconds_left(context: Context) -> float:
    left = context.time_remaining()
    return LONGEST_SECONDS if left is None else min(left, LONGEST_SECONDS)


class _Malformed(Exception):
    def __init__(self, violations: list[tuple[str, str]]) -> None:
        super().__init__(str(violations))
        self.violations = violations


def _validate(request: Any) -> None:
    if isinstance(request, _Undecoded):
        raise DomainError(request.kind, request.reason, request.zh, request.en)
    violations = protovalidate.collect_violations(request)
    if violations:
        raise _Malformed([(_path(each.proto), each.proto.message) for each in violations])
    require_texts(request)


def _path(violation: Any) -> str:
    parts: list[str] = []
    for element in violation.field.elements if violation.field else []:
        index = getattr(element.subscript, "value", None)
        parts.append(f"{element.field_name}[{index}]" if isinstance(index, int) else element.field_name)
    return ".".join(parts)


def _count(method: str, code: str, started: float) -> None:
    if code != "OK":
        spans.refused(code)
    CALLS.labels(method, code).inc()
    CALL_SECONDS.labels(method).observe(time.perf_counter() - started)
