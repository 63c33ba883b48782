"""What every call passes before it reaches a servicer, and what catches everything that comes out.

In this order: a deadline, who is calling, whether they may; then the message is waited for, then the caller's turn; then
it is decoded and looked at. Nothing that takes time or memory happens for somebody who is not let in. Every refusal leaves
in one form, and an unforeseen error leaves nothing but INTERNAL with the caller and its stack in the log.

gRPC calls a unary handler only when the message is there and decoded. So every method is served as one that streams its
requests, which is the same on the wire: such a handler is called at once, and takes the one message when it wants it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeAlias

import grpc
import protovalidate
import structlog

from services.common.kernel.errors import DomainError, ErrorKind, invalid
from services.common.kernel.principal import Principal
from services.common.kernel.steps import breathe
from services.common.rpc import errors
from services.common.rpc.access import REQUEST_BYTES, Rule
from services.common.rpc.allowance import Paid
from services.common.rpc.arrival import arrival_seconds, decoded, receive, too_late
from services.common.rpc.bearer import carried
from services.common.rpc.failures import refusal_for_failure
from services.common.rpc.fields import TOO_MANY_PARTS, require_fields
from services.common.rpc.lanes import LARGE_BYTES, Lane, Lanes, Room
from services.common.rpc.tokens import TokenVerifier
from services.common.rpc.violations import Words, words
from services.common.surroundings import Surroundings
from services.common.telemetry import CALL_SECONDS, CALLS
from services.common.traces import context as trace
from services.common.traces import spans

log = structlog.get_logger()

LONGEST_SECONDS = 30.0
LEAST_SECONDS = 0.01
READING_SECONDS = 10.0
"""How long a caller may take to read one part of a streamed answer."""

TOO_MANY_PARTS_SECONDS = 0.6
"""What a large message of too many parts costs its caller of the allowance: an account is not listened to for 15 seconds
then."""

_REFLECTION = "/grpc.reflection."
_REFLECTIONS = 8

_caller: ContextVar[Principal] = ContextVar("caller")

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def current_principal() -> Principal:
    """Who makes the call that is being answered."""
    return _caller.get()


class Gate(grpc.aio.ServerInterceptor):
    """Default deny for every method of the server, by the table of access rules."""

    def __init__(
        self, rules: Mapping[str, Rule], tokens: TokenVerifier, surroundings: Surroundings, lanes: Lanes
    ) -> None:
        self._rules = rules
        self._tokens = tokens
        self._surroundings = surroundings
        self._lanes = lanes
        self._reflections = Room(_REFLECTIONS)
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
            if method in self._rules:
                self._handlers[method] = self._guard(method, handler, self._rules[method])
            elif handler is not None and method.startswith(_REFLECTION):
                self._handlers[method] = self._bounded(handler)
            else:
                return grpc.stream_unary_rpc_method_handler(_unknown_method)
        return self._handlers[method]

    def _guard(self, method: str, handler: Handler, rule: Rule) -> Handler:
        guarded = _Guarded(method, rule, handler.request_deserializer or bytes)
        if handler.unary_unary is not None:
            call = self._call(guarded, self._unary(guarded, handler.unary_unary))
            kind = grpc.stream_unary_rpc_method_handler
        elif handler.unary_stream is not None:
            call = self._call(guarded, self._stream(guarded, handler.unary_stream))
            kind = grpc.stream_stream_rpc_method_handler
        else:
            raise SystemExit(f"Cannot start: {method} streams requests, which no service here does")
        return kind(spans.serving(method, call), response_serializer=handler.response_serializer)

    def _bounded(self, handler: Handler) -> Handler:
        """Reflection, where it is switched on: open to anybody, few at once, each for a while."""

        reflected: Any = handler.stream_stream

        async def call(requests: Any, context: Context) -> None:
            async with asyncio.timeout(LONGEST_SECONDS) as limit:
                with self._reflections.holding(limit):
                    async for response in reflected(requests, context):
                        await context.write(response)

        return grpc.stream_stream_rpc_method_handler(
            call, request_deserializer=handler.request_deserializer, response_serializer=handler.response_serializer
        )

    def _call(self, method: "_Guarded", answer: "_Answering") -> Any:
        async def call(_requests: object, context: Context) -> Any:
            started = time.perf_counter()
            try:
                self._require_time(context, method.rule)
                async with asyncio.timeout(_seconds_left(context)):
                    lane, data = await self._arrived(method, context)
                    response = await answer(lane, data, context)
                _count(method.short, "OK", started)
                return response
            except _CallerGone:
                _count(method.short, "CANCELLED", started)
                return None
            except BaseException as error:
                _count(method.short, await self._answer(method.short, error, context), started)
                return None

        return call

    def _unary(self, method: "_Guarded", servicer: Any) -> "_Answering":
        async def answer(lane: Lane | None, data: bytes, context: Context) -> Any:
            if lane is None:
                return await servicer(await method.read(data), context)
            large = len(data) > LARGE_BYTES
            async with lane.large_turn() if large else lane.turn():
                with _charging_endless_parts(lane, data):
                    return await Paid(_handed(method, data, servicer, context), lane.allowance, wholly=large)

        return answer

    def _stream(self, method: "_Guarded", servicer: Any) -> "_Answering":
        async def answer(lane: Lane, data: bytes, context: Context) -> None:
            responses: AsyncIterator[Any] | None = None
            while True:
                async with lane.turn():
                    if responses is None:
                        with _charging_endless_parts(lane, data):
                            responses = await Paid(_begun(method, data, servicer, context), lane.allowance)
                    response = await Paid(anext(responses, None), lane.allowance)
                if response is None:
                    return
                async with asyncio.timeout(READING_SECONDS) as limit:
                    with self._lanes.readers.holding(limit), lane.readers.holding(limit):
                        await _written(context, response)

        return answer

    def _require_time(self, context: Context, rule: Rule) -> None:
        if _seconds_left(context) < LEAST_SECONDS:
            raise DomainError(
                ErrorKind.UNAVAILABLE, "NOT_ENOUGH_TIME", "剩余时间不足", "not enough time left to answer"
            )
        if not (self._surroundings.begun.is_set() or rule.always):
            raise errors.storage_unavailable()

    async def _arrived(self, method: "_Guarded", context: Context) -> tuple[Lane | None, bytes]:
        """The caller's lane, in which the call is counted, and the message. Health has no lane."""
        room = self._lanes.probes if method.rule.always else self._lanes.arrivals
        try:
            async with asyncio.timeout(method.arrival_seconds) as limit:
                with room.holding(limit):
                    if method.rule.always:
                        return None, await receive(context)
                    principal = await self._principal(context)
                    method.rule.admit(principal)
                    _caller.set(principal)
                    lane = self._lanes.of(principal, method.path)
                    with lane.arrivals.holding(limit):
                        if method.rule.request_bytes > REQUEST_BYTES:
                            await lane.afford()
                        data = await receive(context)
        except TimeoutError:
            raise too_late() from None
        lane.enter(context, len(data))
        return lane, data

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
            return _malformed(error.violations), [(field, en) for field, (_, en) in error.violations]
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
        token = carried(context.invocation_metadata())
        return await self._tokens.principal(token) if token else Principal()


class _Guarded:
    """One method, and how its message is read."""

    def __init__(self, path: str, rule: Rule, decode: Callable[[bytes], Any]) -> None:
        self.path = path
        self.short = path.rsplit("/", 1)[-1]
        self.rule = rule
        self.arrival_seconds = arrival_seconds(rule.request_bytes)
        self._decode = decode

    async def read(self, data: bytes) -> Any:
        """The message, well formed. Raises INVALID, or REQUEST_TOO_LARGE (EXHAUSTED).

        Others have their turn between the stages in which a large one is read, and before anything is made of it.
        """
        request = decoded(data, self._decode, self.rule.request_bytes)
        require_fields(request)
        await breathe()
        _require_rules(request)
        await breathe()
        return request


_Answering: TypeAlias = "Callable[[Any, bytes, Context], Coroutine[Any, Any, Any]]"


async def _handed(method: _Guarded, data: bytes, servicer: Any, context: Context) -> Any:
    return await servicer(await method.read(data), context)


async def _begun(method: _Guarded, data: bytes, servicer: Any, context: Context) -> AsyncIterator[Any]:
    responses: AsyncIterator[Any] = servicer(await method.read(data), context)
    return responses


@contextmanager
def _charging_endless_parts(lane: Lane, data: bytes) -> Iterator[None]:
    """Decoding cannot be interrupted, and is over when it shows that a message has parts without end: nobody writes such
    a one, so it costs its caller all that there is for a while. A small one takes no time: strangers, who send no others,
    cannot shut each other out with it."""
    try:
        yield
    except DomainError as refusal:
        if refusal.reason == TOO_MANY_PARTS and len(data) > LARGE_BYTES:
            lane.allowance.pay(TOO_MANY_PARTS_SECONDS)
        raise


class _CallerGone(Exception):
    """Nobody is there to be answered."""


async def _written(context: Context, response: Any) -> None:
    try:
        await context.write(response)
    except grpc.aio.BaseError as error:  # the connection is gone
        raise _CallerGone from error


async def _unknown_method(_requests: object, context: Context) -> None:
    errors.refuse_unknown_method(context)


def _seconds_left(context: Context) -> float:
    left = context.time_remaining()
    return LONGEST_SECONDS if left is None else min(left, LONGEST_SECONDS)


class _Malformed(Exception):
    def __init__(self, violations: list[tuple[str, Words]]) -> None:
        super().__init__(str(violations))
        self.violations = violations


def require_message(message: Any) -> None:
    """What is required of every request, of a message that travels within one as bytes. Raises INVALID with its field."""
    require_fields(message)
    try:
        _require_rules(message)
    except _Malformed as error:
        raise _malformed(error.violations) from None


def _malformed(violations: list[tuple[str, Words]]) -> DomainError:
    field, (zh, en) = violations[0]
    return invalid("MALFORMED_REQUEST", f"{field}：{zh}", f"{field}: {en}", field=field)


def _require_rules(request: Any) -> None:
    violations = protovalidate.collect_violations(request)
    if violations:
        raise _Malformed([(_path(each.proto), _words(each)) for each in violations])


def _words(violation: Any) -> Words:
    return words(violation.proto.rule_id, violation.rule_value, violation.proto.message)


def _path(violation: Any) -> str:
    parts: list[str] = []
    for element in violation.field.elements if violation.field else []:
        index = getattr(element.subscript, "value", None)
        parts.append(f"{element.field_name}[{index}]" if isinstance(index, int) else element.field_name)
    return ".".join(parts)


def _count(method: str, code: str, started: float) -> None:
    if code != "OK":
        spans.refused(code)
    calls, seconds = _counters(method, code)
    calls.inc()
    seconds.observe(time.perf_counter() - started)


@cache
def _counters(method: str, code: str) -> tuple[Any, Any]:
    """Looked up once for a method and a reason code, of which there are few."""
    return CALLS.labels(method, code), CALL_SECONDS.labels(method)
