"""A court's ruling (裁定): prepared and frozen, signed by its judge, sealed, issued. It has no way back once issued."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from services.common.kernel.events import Aggregate
from services.common.kernel.language import is_chinese
from services.common.kernel.lifecycle import Lifecycle
from services.common.kernel.printed_length import printed_lines
from services.court_link.domain import errors, events, lifecycle_words

MOST_LINES_OF_REASONS = 2_000
"""Of reasons as long as the contract allows, with a line break after every dozen characters."""


class RulingOutcome(Enum):
    """What the court rules (CPL 206)."""

    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"


class DismissalGround(Enum):
    """Why a court dismisses: CPL Interp. 358, and what 355 names when it is found after acceptance."""

    MANDATORY_LAW = "MANDATORY_LAW"
    PUBLIC_OR_THIRD_PARTY_HARM = "PUBLIC_OR_THIRD_PARTY_HARM"
    PUBLIC_MORALS = "PUBLIC_MORALS"
    NOT_VOLUNTARY = "NOT_VOLUNTARY"
    UNCLEAR = "UNCLEAR"
    OTHER = "OTHER"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NO_JURISDICTION = "NO_JURISDICTION"
    STATUS_RELATION = "STATUS_RELATION"
    OTHER_PROCEDURE = "OTHER_PROCEDURE"
    RIGHTS_DETERMINATION = "RIGHTS_DETERMINATION"


class RulingState(Enum):
    """SIGNING: the judge has acted; signature and seal are being made."""

    PREPARED = "PREPARED"
    SIGNING = "SIGNING"
    ISSUED = "ISSUED"


class RulingAction(Enum):
    """What happens to a ruling."""

    PREPARE = "PREPARE"
    SIGN = "SIGN"
    FAIL = "FAIL"
    ISSUE = "ISSUE"


_S, _A = RulingState, RulingAction
LIFECYCLE: Lifecycle[RulingState, RulingAction] = Lifecycle(
    "ruling",
    {
        (_S.PREPARED, _A.PREPARE): _S.PREPARED,
        (_S.PREPARED, _A.SIGN): _S.SIGNING,
        (_S.SIGNING, _A.FAIL): _S.PREPARED,
        (_S.SIGNING, _A.ISSUE): _S.ISSUED,
    },
    lifecycle_words.RULING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedSlot:
    """Where a signature goes: page from 0, box (left, bottom, right, top) in points."""

    name: str
    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the judge decides. ``ground`` exactly for a dismissal."""

    outcome: RulingOutcome
    ground: DismissalGround | None
    reasons: str

    def check(self) -> None:
        """Raises GROUND_MISSING, GROUND_NOT_APPLICABLE, CHINESE_TEXT_REQUIRED or REASONS_TOO_LONG (INVALID)."""
        if self.outcome is RulingOutcome.DISMISSED and self.ground is None:
            raise errors.ground_missing()
        if self.outcome is RulingOutcome.CONFIRMED and self.ground is not None:
            raise errors.ground_not_for_confirmation()
        if not is_chinese(self.reasons):
            raise errors.reasons_not_chinese()
        if printed_lines([self.reasons]) > MOST_LINES_OF_REASONS:
            raise errors.reasons_too_long(MOST_LINES_OF_REASONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenText:
    """The frozen document: its SHA-256, its slots in order (the judge's and the seal), and the judge whom it names."""

    digest: bytes
    slots: tuple[PlacedSlot, ...]
    judge: str


@dataclass(slots=True, kw_only=True)
class Ruling(Aggregate):
    """``judge`` is the account that prepared it and alone signs it. Times are aware UTC.

    ``proof`` is kept only between the judge's act and the signature that rests on it.
    """

    application: UUID
    agreement: UUID
    case: UUID
    origin: str
    number: str
    decision: Decision
    judge: UUID
    text: FrozenText
    sample: bool
    state: RulingState = RulingState.PREPARED
    sealed_digest: bytes = b""
    proof: str = ""
    act_time: datetime | None = None
    issue_time: datetime | None = None

    def prepared(self) -> None:
        """Tells that its text is frozen."""
        prepared = events.RulingPrepared(
            ruling=self.id,
            application=self.application,
            outcome=self.decision.outcome,
            frozen_digest=self.text.digest,
        )
        self.record(prepared)

    def prepare_again(self, decision: Decision, judge: UUID, text: FrozenText) -> None:
        """Another text before anybody signed: a proof for the former one is worth nothing now."""
        self.state = LIFECYCLE.next(self.state, RulingAction.PREPARE)
        self.decision, self.judge, self.text = decision, judge, text
        self.prepared()

    def sign(self, account: UUID | None, frozen_digest: bytes, proof: str, now: datetime) -> None:
        """The judge's act. Raises NOT_THE_PREPARING_JUDGE, FROZEN_DIGEST_DIFFERS, RULING_NOT_PREPARED."""
        if self.state is not RulingState.PREPARED:
            raise errors.ruling_not_prepared()
        if account != self.judge:
            raise errors.other_judge()
        if frozen_digest != self.text.digest:
            raise errors.frozen_digest_differs()
        self.state = LIFECYCLE.next(self.state, RulingAction.SIGN)
        self.proof, self.act_time = proof, now
        acted = events.RulingActRecorded(
            ruling=self.id, application=self.application, account=self.judge, frozen_digest=frozen_digest
        )
        self.record(acted)

    def signing_failed(self, reason: str) -> None:
        """No certificate was given for the proof: the judge has to prove identity again."""
        self.state = LIFECYCLE.next(self.state, RulingAction.FAIL)
        self.proof, self.act_time = "", None
        failed = events.RulingSigningFailed(
            ruling=self.id, application=self.application, case=self.case, account=self.judge, reason=reason
        )
        self.record(failed)

    def issue(self, sealed_digest: bytes, now: datetime) -> None:
        """Signed, sealed and stored: the ruling is served."""
        self.state = LIFECYCLE.next(self.state, RulingAction.ISSUE)
        self.sealed_digest, self.issue_time, self.proof = sealed_digest, now, ""
        issued = events.RulingIssued(
            ruling=self.id,
            number=self.number,
            application=self.application,
            agreement=self.agreement,
            case=self.case,
            origin=self.origin,
            outcome=self.decision.outcome,
            ground=self.decision.ground,
            sealed_digest=sealed_digest,
            issue_time=now,
        )
        self.record(issued)
