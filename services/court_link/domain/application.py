"""A joint application to confirm an agreement (司法确认申请), from the first party's draft to the court's ruling.

The table ``LIFECYCLE`` is the whole truth about legal steps; the court's result is received, never made here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from services.common.deadlines import DeadlineMove, DeadlineNotice, DueDay
from services.common.kernel.events import Aggregate
from services.common.kernel.lifecycle import Lifecycle
from services.court_link.domain import errors, events, lifecycle_words


class ApplicationState(Enum):
    """Where an application stands."""

    DRAFT = "DRAFT"
    FILING = "FILING"
    FILED = "FILED"
    SUPPLEMENT_REQUIRED = "SUPPLEMENT_REQUIRED"
    ACCEPTED = "ACCEPTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    CONFIRMED = "CONFIRMED"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"
    DEEMED_WITHDRAWN = "DEEMED_WITHDRAWN"
    LAPSED = "LAPSED"


class Action(Enum):
    """What somebody does to an application."""

    CONSENT = "CONSENT"
    COMPLETE = "COMPLETE"
    RECEIVE = "RECEIVE"
    LAPSE = "LAPSE"
    WITHDRAW = "WITHDRAW"
    WITHDRAW_REFUSED = "WITHDRAW_REFUSED"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    REQUIRE_SUPPLEMENT = "REQUIRE_SUPPLEMENT"
    SUPPLY_TO_DESK = "SUPPLY_TO_DESK"
    SUPPLY_AFTER_ACCEPTANCE = "SUPPLY_AFTER_ACCEPTANCE"
    SUPPLY_IN_REVIEW = "SUPPLY_IN_REVIEW"
    DEEM_WITHDRAWN = "DEEM_WITHDRAWN"
    HEAR = "HEAR"
    EXTEND = "EXTEND"
    PREPARE_RULING = "PREPARE_RULING"
    CONFIRM = "CONFIRM"
    DISMISS = "DISMISS"


class NotAcceptedGround(Enum):
    """Why a court does not accept (CPL Interp. 355)."""

    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NO_JURISDICTION = "NO_JURISDICTION"
    STATUS_RELATION = "STATUS_RELATION"
    OTHER_PROCEDURE = "OTHER_PROCEDURE"
    RIGHTS_DETERMINATION = "RIGHTS_DETERMINATION"


_S, _A = ApplicationState, Action

LIFECYCLE: Lifecycle[ApplicationState, Action] = Lifecycle(
    "application",
    {
        (_S.DRAFT, _A.CONSENT): _S.DRAFT,
        (_S.DRAFT, _A.COMPLETE): _S.FILING,
        (_S.DRAFT, _A.LAPSE): _S.LAPSED,
        (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.FILING, _A.RECEIVE): _S.FILED,
        (_S.FILING, _A.WITHDRAW_REFUSED): _S.WITHDRAWN,
        (_S.FILED, _A.ACCEPT): _S.ACCEPTED,
        (_S.FILED, _A.DECLINE): _S.NOT_ACCEPTED,
        (_S.FILED, _A.REQUIRE_SUPPLEMENT): _S.SUPPLEMENT_REQUIRED,
        (_S.FILED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.SUPPLEMENT_REQUIRED, _A.SUPPLY_TO_DESK): _S.FILED,
        (_S.SUPPLEMENT_REQUIRED, _A.SUPPLY_AFTER_ACCEPTANCE): _S.ACCEPTED,
        (_S.SUPPLEMENT_REQUIRED, _A.SUPPLY_IN_REVIEW): _S.UNDER_REVIEW,
        (_S.SUPPLEMENT_REQUIRED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.SUPPLEMENT_REQUIRED, _A.DEEM_WITHDRAWN): _S.DEEMED_WITHDRAWN,
        (_S.ACCEPTED, _A.REQUIRE_SUPPLEMENT): _S.SUPPLEMENT_REQUIRED,
        (_S.ACCEPTED, _A.HEAR): _S.UNDER_REVIEW,
        (_S.ACCEPTED, _A.EXTEND): _S.ACCEPTED,
        (_S.ACCEPTED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.ACCEPTED, _A.DEEM_WITHDRAWN): _S.DEEMED_WITHDRAWN,
        (_S.UNDER_REVIEW, _A.REQUIRE_SUPPLEMENT): _S.SUPPLEMENT_REQUIRED,
        (_S.UNDER_REVIEW, _A.EXTEND): _S.UNDER_REVIEW,
        (_S.UNDER_REVIEW, _A.PREPARE_RULING): _S.UNDER_REVIEW,
        (_S.UNDER_REVIEW, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.UNDER_REVIEW, _A.DEEM_WITHDRAWN): _S.DEEMED_WITHDRAWN,
        (_S.UNDER_REVIEW, _A.CONFIRM): _S.CONFIRMED,
        (_S.UNDER_REVIEW, _A.DISMISS): _S.DISMISSED,
    },
    lifecycle_words.APPLICATION,
)

ENDED_WITHOUT_RULING = frozenset({_S.NOT_ACCEPTED, _S.WITHDRAWN, _S.DEEMED_WITHDRAWN, _S.LAPSED})
"""After these the agreement may be filed again inside its window."""

_SUPPLY = {
    _S.FILED: _A.SUPPLY_TO_DESK,
    _S.ACCEPTED: _A.SUPPLY_AFTER_ACCEPTANCE,
    _S.UNDER_REVIEW: _A.SUPPLY_IN_REVIEW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A party that joined, and where the court serves it (法释〔2011〕5号 art 3)."""

    party: UUID
    account: UUID
    service_address: str
    electronic_service: bool
    consent_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """A file that a party supplied at the court's request by its ``account``. ``digest``: SHA-256; ``size`` in bytes."""

    party: UUID
    title: str
    digest: bytes
    supply_time: datetime
    size: int = 0
    account: UUID | None = None


@dataclass(slots=True, kw_only=True)
class Application(Aggregate):
    """``organisation_id`` is the court's. ``attempt`` counts the applications for this agreement from 1.

    ``resume_state``: where an answered supplement leads back to. ``deciding``: the judge has signed and nothing may
    interfere until the ruling is issued. ``filing_problem``: why the court's system did not take it, a stable code;
    the operator has it filed again, or a party withdraws it. Times are aware UTC.
    """

    agreement: UUID
    case: UUID
    court: UUID
    attempt: int
    regime: str
    parties: tuple[UUID, ...]
    sample: bool
    create_time: datetime
    origin: str = ""
    state: ApplicationState = ApplicationState.DRAFT
    consents: tuple[Consent, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    filing_problem: str = ""
    receipt_number: str = ""
    docket_number: str = ""
    clerk: str = ""
    supplement_asked: str = ""
    supplement_due_date: date | None = None
    resume_state: ApplicationState | None = None
    not_accepted_ground: NotAcceptedGround | None = None
    reasons: str = ""
    inquiry_minutes: str = ""
    extension_approval: str = ""
    ruling: UUID | None = None
    deciding: bool = False
    file_time: datetime | None = None
    accept_time: datetime | None = None
    subject_region_code: str = ""
    intermediate: bool = False

    @classmethod
    def create(
        cls,
        id: UUID,
        court_organisation: UUID,
        *,
        agreement: UUID,
        case: UUID,
        court: UUID,
        attempt: int,
        regime: str,
        parties: tuple[UUID, ...],
        origin: str,
        sample: bool,
        subject_region_code: str = "",
        intermediate: bool = False,
        now: datetime,
        due_date: date | None = None,
        provisional: bool = False,
    ) -> "Application":
        """``due_date`` is the last day of the window, whose calendar may not be published yet."""
        application = cls(
            id=id,
            organisation_id=court_organisation,
            agreement=agreement,
            case=case,
            court=court,
            attempt=attempt,
            regime=regime,
            parties=parties,
            origin=origin,
            sample=sample,
            subject_region_code=subject_region_code,
            intermediate=intermediate,
            create_time=now,
        )
        created = events.ApplicationCreated(
            application=id,
            agreement=agreement,
            case=case,
            court=court,
            state=application.state,
            due_date=due_date,
            provisional=provisional,
        )
        application.record(created)
        return application

    @property
    def before_court(self) -> bool:
        """Whether the court's people see it: it was filed, or their system would not take it."""
        return self.file_time is not None or bool(self.filing_problem)

    def consent(self, consent: Consent) -> None:
        """A party joins; the last one sends the application on its way. Raises ALREADY_CONSENTED."""
        self.state = LIFECYCLE.next(self.state, Action.CONSENT)
        if any(each.party == consent.party for each in self.consents):
            raise errors.already_consented()
        self.consents = (*self.consents, consent)
        if {each.party for each in self.consents} == set(self.parties):
            self.state = LIFECYCLE.next(self.state, Action.COMPLETE)
        self.record(events.ApplicationConsented(**self._names(), party=consent.party, state=self.state))

    def received(self, receipt_number: str, receive_time: datetime, acceptance: DueDay) -> None:
        """The court's system has it."""
        self.state = LIFECYCLE.next(self.state, Action.RECEIVE)
        self.receipt_number, self.file_time, self.filing_problem = receipt_number, receive_time, ""
        filed = events.ApplicationFiled(
            **self._names(),
            court=self.court,
            receipt_number=receipt_number,
            state=self.state,
            file_time=receive_time,
            acceptance_due_date=acceptance.due_date,
            provisional=acceptance.provisional,
        )
        self.record(filed)

    def filing_refused(self, reason: str) -> None:
        """The court's system does not take it: a person has to act."""
        self.filing_problem = reason
        refused = events.ApplicationFilingRefused(
            **self._names(), court=self.court, organisation=self.organisation_id, reason=reason, state=self.state
        )
        self.record(refused)

    def lapse(self) -> None:
        """The window ended while parties were still missing."""
        self.state = LIFECYCLE.next(self.state, Action.LAPSE)
        self.record(events.ApplicationLapsed(**self._names(), origin=self.origin, state=self.state))

    def withdraw(self) -> None:
        """An applicant takes it back before the ruling (法释〔2011〕5号 art 5: must be allowed), or what the court's system
        would not take. Not while it is on its way there, which lasts moments unless its problem shows.
        """
        self._require_undecided()
        refused = self.state is ApplicationState.FILING and bool(self.filing_problem)
        self.state = LIFECYCLE.next(self.state, Action.WITHDRAW_REFUSED if refused else Action.WITHDRAW)
        self.record(events.ApplicationWithdrawn(**self._names(), origin=self.origin, state=self.state))

    def accept(self, docket_number: str, clerk: str, now: datetime, decision: DueDay) -> None:
        """The court accepts and gives the case number; ``clerk`` is the name of who does it (书记员)."""
        self.state = LIFECYCLE.next(self.state, Action.ACCEPT)
        self.docket_number, self.clerk, self.accept_time = docket_number, clerk, now
        accepted = events.ApplicationAccepted(
            **self._names(),
            docket_number=docket_number,
            state=self.state,
            decision_due_date=decision.due_date,
            provisional=decision.provisional,
        )
        self.record(accepted)

    def decline(self, ground: NotAcceptedGround, reasons: str) -> None:
        """The court does not accept (CPL Interp. 355)."""
        self.state = LIFECYCLE.next(self.state, Action.DECLINE)
        self.not_accepted_ground, self.reasons = ground, reasons
        self.record(events.ApplicationNotAccepted(**self._names(), origin=self.origin, ground=ground, state=self.state))

    def require_supplement(self, materials: str, due_date: date | None, today: date) -> None:
        """The court asks for materials by a date (CPL Interp. 354). Raises DUE_DATE_MISSING, DUE_DATE_PAST."""
        self._require_undecided()
        if due_date is None:
            raise errors.due_date_missing()
        if due_date < today:
            raise errors.due_date_past()
        before = self.state
        self.state = LIFECYCLE.next(self.state, Action.REQUIRE_SUPPLEMENT)
        self.resume_state, self.supplement_asked, self.supplement_due_date = before, materials, due_date
        required = events.ApplicationSupplementRequired(**self._names(), due_date=due_date, state=self.state)
        self.record(required)

    def require_awaiting_material(self) -> ApplicationState:
        """The state after it is supplied. Raises ILLEGAL_TRANSITION when nothing is asked for."""
        return LIFECYCLE.next(self.state, _SUPPLY.get(self.resume_state or self.state, Action.SUPPLY_TO_DESK))

    def supply(self, supplement: Supplement) -> None:
        """A party answers, also after the date, as long as the court has not acted on its passing."""
        self.state = self.require_awaiting_material()
        self.supplements = (*self.supplements, supplement)
        self.resume_state = None
        self.record(events.ApplicationSupplied(**self._names(), state=self.state))

    def deem_withdrawn(self, reasons: str, today: date) -> None:
        """The court takes it as withdrawn (CPL Interp. 357): the supplement was missed or questions were refused."""
        self._require_undecided()
        state = LIFECYCLE.next(self.state, Action.DEEM_WITHDRAWN)
        waiting = self.state is ApplicationState.SUPPLEMENT_REQUIRED
        if waiting and self.supplement_due_date and today <= self.supplement_due_date:
            raise errors.supplement_in_time(self.supplement_due_date)
        self.state, self.reasons = state, reasons
        self.record(events.ApplicationWithdrawn(**self._names(), origin=self.origin, state=self.state))

    def hear(self, minutes: str) -> None:
        """Both parties were heard together (CPL Interp. 356)."""
        self.state = LIFECYCLE.next(self.state, Action.HEAR)
        self.inquiry_minutes = minutes
        self.record(events.ApplicationReviewed(**self._names(), state=self.state))

    def require_extensible(self, *, running: bool) -> None:
        """Raises ILLEGAL_TRANSITION, ALREADY_EXTENDED, or REVIEW_TIME_OVER when the clock no longer runs."""
        self._require_undecided()
        LIFECYCLE.next(self.state, Action.EXTEND)
        if self.extension_approval:
            raise errors.already_extended()
        if not running:
            raise errors.review_time_over()

    def extend_review(self, approval: str, decision: DueDay) -> None:
        """More time by approval of the president, once (法释〔2011〕5号 art 5)."""
        self.require_extensible(running=True)
        self.state = LIFECYCLE.next(self.state, Action.EXTEND)
        self.extension_approval = approval
        extended = events.ApplicationReviewExtended(
            **self._names(), decision_due_date=decision.due_date, provisional=decision.provisional
        )
        self.record(extended)

    def limits_began(self, notices: tuple[DeadlineNotice, ...], of_others: DeadlineNotice) -> None:
        """The ruling confirms: until when the parties, and others, may do what is left."""
        self.record(
            events.ApplicationLimitsBegan(
                **self._names(), organisation=self.organisation_id, notices=notices, of_others=of_others
            )
        )

    def deadline_near(self, notice: DeadlineNotice) -> None:
        """A time limit of the parties is about to end."""
        self.record(events.ApplicationDeadlineNear(**self._names(), notice=notice))

    def deadline_moved(self, move: DeadlineMove) -> None:
        """The calendar of a limit of the court changed."""
        self.record(events.ApplicationDeadlineMoved(**self._names(), organisation=self.organisation_id, move=move))

    def require_ready_for_ruling(self) -> None:
        """Raises INQUIRY_NOT_HELD, RULING_BEING_ISSUED or ILLEGAL_TRANSITION."""
        self._require_undecided()
        if self.state is ApplicationState.ACCEPTED:
            raise errors.inquiry_missing()
        LIFECYCLE.next(self.state, Action.PREPARE_RULING)

    def ruled(self, confirmed: bool) -> None:
        """The ruling is issued; its own event tells the world."""
        self.state = LIFECYCLE.next(self.state, Action.CONFIRM if confirmed else Action.DISMISS)
        self.deciding = False

    def _require_undecided(self) -> None:
        if self.deciding:
            raise errors.decided()

    def _names(self) -> dict[str, UUID]:
        return {"application": self.id, "agreement": self.agreement, "case": self.case}
