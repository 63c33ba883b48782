"""The court's desk: a clerk prepares, a judge hears; nobody of the platform can do either."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Extension
from services.common.kernel.errors import changed_meanwhile, not_found
from services.common.kernel.principal import Role
from services.common.regimes.regime import ClockPurpose, Regime
from services.court_link.application.access import require_role
from services.court_link.application.eligibility import regime_of_agreement
from services.court_link.application.views import ApplicationView, viewed
from services.court_link.application.windows import run_on
from services.court_link.domain import errors
from services.court_link.domain.application import Application, NotAcceptedGround

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

PRESIDENT = "COURT_PRESIDENT"
DOCKET = "APPLICATION"
"""The series of numbers that applications have in a court."""
SUPPLEMENT = "SUPPLEMENT"
"""The reason, in the rules, for which the court's days to decide on acceptance do not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptApplication:
    """``clerk`` is the caller's name as identity has it, which the court's papers print."""

    id: UUID
    version: int
    docket_number: str
    clerk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineApplication:
    id: UUID
    version: int
    ground: NotAcceptedGround
    reasons: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireSupplement:
    id: UUID
    version: int
    materials: str
    due_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeemWithdrawn:
    id: UUID
    version: int
    reasons: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldInquiry:
    id: UUID
    version: int
    minutes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendReview:
    id: UUID
    version: int
    approval: str
    days: int = 0


async def accept_application(tx: "CourtLinkTransaction", command: AcceptApplication) -> ApplicationView:
    """The court accepts; its days to decide run from now (法释〔2011〕5号 art 5). Raises DOCKET_NUMBER_TAKEN."""
    application, regime = await at_desk(tx, command.id, command.version, Role.COURT_CLERK)
    await tx.deadlines.meet(application.id, regime.clock(ClockPurpose.COURT_ACCEPT))
    deadline = await tx.deadlines.start(
        regime.clock(ClockPurpose.COURT_DECIDE), application, "applications", regime=regime.id, anchor=tx.now
    )
    application.accept(command.docket_number, command.clerk, tx.now, deadline)
    court = application.organisation_id
    if await tx.docket_numbers.take(court, DOCKET, command.docket_number, application.id) != application.id:
        raise errors.docket_number_taken()
    await tx.applications.save(application)
    return await viewed(tx, application)


async def decline_application(tx: "CourtLinkTransaction", command: DeclineApplication) -> ApplicationView:
    """The court does not accept (CPL Interp. 355); inside its window the agreement may go to a competent court."""
    application, regime = await at_desk(tx, command.id, command.version, Role.COURT_CLERK)
    application.decline(command.ground, command.reasons)
    await tx.deadlines.meet(application.id, regime.clock(ClockPurpose.COURT_ACCEPT))
    await run_on(tx, application.agreement, regime)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def require_supplement(tx: "CourtLinkTransaction", command: RequireSupplement) -> ApplicationView:
    """The court asks the parties for materials by a date of its own; its days to decide on acceptance stand still."""
    application, regime = await at_desk(tx, command.id, command.version, Role.COURT_CLERK)
    application.require_supplement(command.materials, command.due_date, regime.local_day(tx.now))
    await tx.deadlines.pause(application.id, SUPPLEMENT)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def deem_withdrawn(tx: "CourtLinkTransaction", command: DeemWithdrawn) -> ApplicationView:
    """The court, and only the court, takes the application as withdrawn (CPL Interp. 357)."""
    application = await tx.applications.get(command.id)
    role = Role.COURT_CLERK if is_clerk(tx, application) else Role.JUDGE
    application, regime = await at_desk(tx, command.id, command.version, role)
    application.deem_withdrawn(command.reasons, regime.local_day(tx.now))
    await tx.deadlines.cancel(application.id)
    await run_on(tx, application.agreement, regime)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def hold_inquiry(tx: "CourtLinkTransaction", command: HoldInquiry) -> ApplicationView:
    """The judge has heard both parties together; the minutes stay with the court."""
    application, _ = await at_desk(tx, command.id, command.version, Role.JUDGE)
    application.hear(command.minutes)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def extend_review(tx: "CourtLinkTransaction", command: ExtendReview) -> ApplicationView:
    """More days by approval of the court's president, once: as many as were approved or the clock's rule allows.

    Raises DAYS_MISSING where the rule leaves it to the president and nobody says how many.
    """
    application, regime = await at_desk(tx, command.id, command.version, Role.JUDGE)
    rule = regime.clock(ClockPurpose.COURT_DECIDE)
    running = await tx.deadlines.open_deadline(application.id, rule)
    application.require_extensible(running=running is not None)
    if running:
        extension = Extension(count=_days(tx, regime, running, command.days), approver=PRESIDENT, granted_at=tx.now)
        longer = await tx.deadlines.extend(application.id, rule, extension)
        application.extend_review(command.approval, longer)
    await tx.applications.save(application)
    return await viewed(tx, application)


async def deadline_moved(tx: "CourtLinkTransaction", deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of a limit of the court changed: who was told the old day is told the new one."""
    application = await tx.applications.get(deadline.aggregate_id, lock=True)
    application.deadline_moved(move)
    await tx.applications.save(application)


def _days(tx: "CourtLinkTransaction", regime: Regime, running: Deadline, approved: int) -> int:
    id, _, version = running.rule.partition("@")
    allowed = tx.rulebook.version(id, version, regime.id).extension
    days = approved or (allowed.count if allowed else None)
    if not days:
        raise errors.days_missing()
    return days


def is_clerk(tx: "CourtLinkTransaction", application: Application) -> bool:
    return tx.caller.holds(Role.COURT_CLERK, application.organisation_id)


async def at_desk(tx: "CourtLinkTransaction", id: UUID, version: int, role: Role) -> tuple[Application, Regime]:
    """The application at the version read, for somebody of its court in this role. Raises NOT_FOUND, ROLE_REQUIRED."""
    application = await tx.applications.get(id, lock=True)
    require_filed(application)
    require_role(tx.caller, role, application.organisation_id)
    if application.version != version:
        raise changed_meanwhile()
    tx.authority = role.value
    return application, regime_of_agreement(tx, await tx.agreements.get(application.agreement))


def require_filed(application: Application) -> None:
    """What was not filed is not there for a court, whoever of it also happens to be a party."""
    if application.file_time is None:
        raise not_found()
