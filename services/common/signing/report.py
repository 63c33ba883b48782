"""What a verification answers: valid, or every reason why not. It never raises."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Reason(Enum):
    """Why a file is refused. Stable: services, the program and the courts' desk branch on it."""

    TOO_LARGE = "TOO_LARGE"
    UNREADABLE = "UNREADABLE"
    UNSIGNED = "UNSIGNED"
    MISSING_SIGNATURE = "MISSING_SIGNATURE"
    NOT_SEALED = "NOT_SEALED"
    UNEXPECTED_FIELD = "UNEXPECTED_FIELD"
    UNEXPECTED_REVISION = "UNEXPECTED_REVISION"
    UNCOVERED_BYTES = "UNCOVERED_BYTES"
    PADDING_NOT_ZERO = "PADDING_NOT_ZERO"
    CONTAINER_ALTERED = "CONTAINER_ALTERED"
    FROZEN_TEXT_DIFFERS = "FROZEN_TEXT_DIFFERS"
    FINAL_DIGEST_DIFFERS = "FINAL_DIGEST_DIFFERS"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"
    UNEXPECTED_CONTENT = "UNEXPECTED_CONTENT"
    ATTACHMENT_MISSING = "ATTACHMENT_MISSING"
    ATTACHMENT_UNEXPECTED = "ATTACHMENT_UNEXPECTED"
    ATTACHMENT_DIFFERS = "ATTACHMENT_DIFFERS"
    WRONG_CERTIFICATE = "WRONG_CERTIFICATE"
    WRONG_SIGNER = "WRONG_SIGNER"
    SIGNATURE_BROKEN = "SIGNATURE_BROKEN"
    CHANGED_AFTER_SIGNING = "CHANGED_AFTER_SIGNING"
    NOT_TRUSTED = "NOT_TRUSTED"
    TIMESTAMP_NOT_TRUSTED = "TIMESTAMP_NOT_TRUSTED"
    NOT_DURABLE = "NOT_DURABLE"
    TERMS_DIFFER = "TERMS_DIFFER"
    TEMPLATE_UNKNOWN = "TEMPLATE_UNKNOWN"
    MANIFEST_MISSING = "MANIFEST_MISSING"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason, the slot it concerns (empty: the whole file), and a technical detail without personal data."""

    reason: Reason
    slot: str = ""
    detail: str = ""


class Refused(Exception):
    """Ends one stage of a verification with a failure; it does not leave this package."""

    def __init__(self, reason: Reason, slot: str = "", detail: str = "") -> None:
        super().__init__(reason.value)
        self.failure = Failure(reason, slot, detail)


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """A signature that was found: its certificate's SHA-256, and the time its time stamp proves (UTC).

    ``signer`` is whom the certificate names, and empty unless the signature is good: anybody can write a name into a
    certificate of their own.
    """

    slot: str
    signer: str
    certificate_sha256: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome. ``signatures`` says what was found before the file was refused.

    ``assumptions`` names what could not be looked up and was taken for granted, as codes.
    """

    failures: tuple[Failure, ...]
    signatures: tuple[SignatureFact, ...] = ()
    file_sha256: str = ""
    frozen_sha256: str = ""
    terms: bytes = b""
    assumptions: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        return not self.failures

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset(failure.reason for failure in self.failures)
