"""What a file has to be. Whatever it is beside that is a failure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.common.signing.trust_settings import Knowledge


@dataclass(frozen=True, slots=True)
class ExpectedSlot:
    """A slot and the SHA-256 (hexadecimal) of the certificate enrolled for it; None while it must be empty."""

    name: str
    certificate_sha256: str | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The closed world of one document.

    ``slots`` in the order they were laid out, the seal last. ``now`` is aware UTC; signatures of a sealed file must
    hold now and after ``horizon`` (zero: only now, at little more than half the cost). ``render_again`` makes the PDF
    from the attached terms, so that attached and printed terms are compared. ``sealed`` is False for a file between two
    signatures, which has no archive time stamp yet and needs current revocation statements in ``knowledge``.
    """

    slots: tuple[ExpectedSlot, ...]
    frozen_sha256: str
    terms_sha256: str
    knowledge: Knowledge
    now: datetime
    freeze_certificate_sha256: str | None = None
    final_sha256: str | None = None
    sealed: bool = True
    horizon: timedelta = timedelta(0)
    render_again: Callable[[bytes], bytes] | None = None
