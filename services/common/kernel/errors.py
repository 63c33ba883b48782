"""What can be refused, in a closed set of kinds. A domain knows kinds and reasons; only the edge knows status codes."""

from collections.abc import Mapping
from enum import Enum


class ErrorKind(Enum):
    """Why a request is refused; the caller decides by it whether to correct, re-read, retry or give up."""

    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID = "INVALID"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    CONFLICT = "CONFLICT"
    DENIED = "DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    EXHAUSTED = "EXHAUSTED"
    UNAVAILABLE = "UNAVAILABLE"
    """For now: the same may be sent again."""
    FAULT = "FAULT"
    """Of the program that answers: the same will fail again."""


class DomainError(Exception):
    """A refusal with a stable reason code and a sentence for the person, in Chinese and English.

    ``field`` is the path of the request field at fault (``terms.obligations[2].due_date``), empty when no field is.
    ``metadata`` holds facts a client may show (an id of the caller's own, a date), never another person's data.
    """

    def __init__(
        self,
        kind: ErrorKind,
        reason: str,
        zh: str,
        en: str,
        *,
        field: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{reason}: {en}")
        self.kind = kind
        self.reason = reason
        self.zh = zh
        self.en = en
        self.field = field
        self.metadata = dict(metadata or {})

    @property
    def passing(self) -> bool:
        """Whether the same, sent again in a while, may be answered: nothing is wrong with it."""
        return self.kind is ErrorKind.UNAVAILABLE or self.reason in _TOO_BUSY

    def within(self, path: str) -> "DomainError":
        """The same refusal, with the field at fault seen from the request: ``path`` is where the value stood."""
        field = ".".join(part for part in (path.rstrip("."), self.field) if part)
        return DomainError(self.kind, self.reason, self.zh, self.en, field=field, metadata=self.metadata)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled by its parts: a refusal has to come back whole from a worker process."""
        return _restored, (self.kind, self.reason, self.zh, self.en, self.field, self.metadata)


_TOO_BUSY = frozenset({"BUSY", "TOO_MANY_CALLS", "TOO_MUCH_WORK"})


def _restored(kind: ErrorKind, reason: str, zh: str, en: str, field: str, metadata: dict[str, str]) -> DomainError:
    return DomainError(kind, reason, zh, en, field=field, metadata=metadata)


def not_found(what_zh: str = "该编号", what_en: str = "that id") -> DomainError:
    """The one answer for what does not exist and for what belongs to somebody else."""
    return DomainError(ErrorKind.NOT_FOUND, "NOT_FOUND", f"找不到{what_zh}", f"nothing is known under {what_en}")


def invalid(
    reason: str, zh: str, en: str, *, field: str = "", metadata: Mapping[str, str] | None = None
) -> DomainError:
    """The request itself is wrong, whatever the state."""
    return DomainError(ErrorKind.INVALID, reason, zh, en, field=field, metadata=metadata)


def precondition(
    reason: str, zh: str, en: str, *, field: str = "", metadata: Mapping[str, str] | None = None
) -> DomainError:
    """The request is well formed but the state does not allow it."""
    return DomainError(ErrorKind.FAILED_PRECONDITION, reason, zh, en, field=field, metadata=metadata)


def denied(reason: str, zh: str, en: str) -> DomainError:
    """The caller is known and may see the object, but may not do this."""
    return DomainError(ErrorKind.DENIED, reason, zh, en)


def changed_meanwhile() -> DomainError:
    """The version the caller read is no longer current: read again, decide again."""
    return DomainError(
        ErrorKind.CONFLICT, "STALE_VERSION", "内容已被他人更新，请刷新后重试", "this changed meanwhile: read it again"
    )
