"""What is handed to a worker process: the text of a ruling to be frozen, a frozen one to be signed."""

from dataclasses import dataclass
from datetime import datetime

from services.common.kernel.errors import DomainError, ErrorKind
from services.court_link.domain.ruling import DismissalGround, PlacedSlot, RulingOutcome

JUDGE_SLOT = "judge"
SEAL_SLOT = "seal"
SLOTS = (JUDGE_SLOT, SEAL_SLOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What the court knows of an applicant and the agreement does not show: the number whole, as enforcement needs it."""

    name: str
    identity_number: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingText:
    """All that a ruling says. Times are aware UTC and printed as they are in ``zone``, by its name.

    ``judge`` and ``seal`` are whom the certificates of the two signatures have to name, ``clerk`` the clerk of the case.
    ``terms_file`` is the agreement's: its parties are the ``applicants``, in this order, and its terms stand in the ruling
    word for word.
    """

    court: str
    seal: str
    judge: str
    clerk: str
    number: str
    organisation: str
    subject_matter: str
    applicants: tuple[Applicant, ...]
    terms_file: bytes
    effective_time: datetime
    accept_time: datetime
    outcome: RulingOutcome
    ground: DismissalGround | None
    reasons: str
    made_time: datetime
    zone: str
    sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeOrder:
    """A ruling to render and freeze. ``subject`` is ``rulings/...``."""

    subject: str
    text: RulingText


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOrder:
    """A frozen ruling to sign and seal. ``court`` (``organisations/...``) and ``court_name`` are the seal's."""

    subject: str
    number: str
    frozen: bytes
    slots: tuple[PlacedSlot, ...]
    proof: str
    judge: str
    court: str
    court_name: str
    zone: str
    sample: bool
    now: datetime


def does_not_verify(reasons: list[str]) -> DomainError:
    """A file whose signatures do not hold is refused; the reasons go to the operator."""
    return DomainError(
        ErrorKind.INVALID,
        "AGREEMENT_DOES_NOT_VERIFY",
        "调解协议文件的签名未通过验证",
        "the agreement's file does not verify: " + ", ".join(reasons),
    )
