"""The one place where a refusal becomes a gRPC status (AIP-193) and a status becomes a refusal.

The setters are used, not ``abort``: abort records false exceptions in traces (measured with OpenTelemetry 0.66b2).
"""

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.common.kernel.errors import DomainError, ErrorKind

DOMAIN = "comity"
MOST_VIOLATIONS = 10
_LONGEST = 300

_CODES = {
    ErrorKind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    ErrorKind.ALREADY_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    ErrorKind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    ErrorKind.FAILED_PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    ErrorKind.CONFLICT: grpc.StatusCode.ABORTED,
    ErrorKind.DENIED: grpc.StatusCode.PERMISSION_DENIED,
    ErrorKind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    ErrorKind.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    ErrorKind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    ErrorKind.FAULT: grpc.StatusCode.INTERNAL,
}
_CODES_OF_REASONS = {
    "UNKNOWN_METHOD": grpc.StatusCode.UNIMPLEMENTED,
}
_KINDS = {code: kind for kind, code in _CODES.items()} | {
    # The connection or the time was over before there was an answer.
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorKind.UNAVAILABLE,
    grpc.StatusCode.CANCELLED: ErrorKind.UNAVAILABLE,
}

_WITHOUT_WORDS = {
    ErrorKind.UNAVAILABLE: ("服务暂不可用", "the service does not answer"),
    # gRPC refuses these itself: a message or metadata far beyond the limit.
    ErrorKind.EXHAUSTED: ("发送的内容过大，或者请求过多", "too much was sent, or too many calls at once"),
}
_NO_WORDS = ("对方服务出错", "the service failed")


def internal() -> DomainError:
    """What a caller learns of a fault of ours: nothing."""
    return DomainError(
        ErrorKind.FAULT,
        "INTERNAL",
        "系统内部错误，请告知运营方",
        "something went wrong on our side: tell whoever runs this service",
    )


def storage_unavailable() -> DomainError:
    """The database or the disk does not take anything now: a full disk, a server that restarts."""
    zh, en = "存储暂不可用，未保存任何内容", "storage is unavailable and nothing was saved: try again"
    return DomainError(ErrorKind.UNAVAILABLE, "STORAGE_UNAVAILABLE", zh, en)


def refuse_unknown_method(context: "grpc.aio.ServicerContext[Any, Any]") -> None:
    """What a caller is told that asks for a method this server does not have."""
    zh, en = "没有此接口", "this server has no such method"
    refuse(context, DomainError(ErrorKind.NOT_FOUND, "UNKNOWN_METHOD", zh, en))


def refuse(
    context: "grpc.aio.ServicerContext[Any, Any]", error: DomainError, violations: Sequence[tuple[str, str]] = ()
) -> None:
    """Sets the status of the call. ``violations`` are further (field, description) pairs of a malformed request.

    They travel as metadata, of which there can only be so much: the first few are told.
    """
    code = _CODES_OF_REASONS.get(error.reason) or _CODES[error.kind]
    status = status_pb2.Status(code=code.value[0], message=error.en)
    _pack(status, error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata))
    _pack(status, error_details_pb2.LocalizedMessage(locale="zh", message=error.zh))
    _pack(status, error_details_pb2.LocalizedMessage(locale="en", message=error.en))
    fields = violations or ([(error.field, error.en)] if error.field else [])
    if fields:
        bad = error_details_pb2.BadRequest()
        for field, description in fields[:MOST_VIOLATIONS]:
            bad.field_violations.add(field=field[:_LONGEST], description=description[:_LONGEST], reason=error.reason)
        _pack(status, bad)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.set_code(code)
    context.set_details(error.en)


def _pack(status: status_pb2.Status, detail: Any) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)


def refusal_of(error: grpc.aio.AioRpcError) -> DomainError:
    """The refusal that another service answered with; a FAULT, which nobody repeats, for a code that none of ours gives."""
    kind = _KINDS.get(error.code(), ErrorKind.FAULT)
    reason, field = error.code().name, ""
    zh, en = _WITHOUT_WORDS.get(kind, _NO_WORDS)
    metadata: dict[str, str] = {}
    status = rpc_status.from_call(error)
    for detail in status.details if status else []:
        info, words, bad = (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.LocalizedMessage(),
            error_details_pb2.BadRequest(),
        )
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(words):
            zh, en = (words.message, en) if words.locale == "zh" else (zh, words.message)
        elif detail.Unpack(bad) and bad.field_violations:
            field = bad.field_violations[0].field
    return DomainError(kind, reason, zh, en, field=field, metadata=metadata)
