"""What may still be done after a court confirmed, and until when: each limit runs as a clock of the application."""

from datetime import datetime, time
from typing import TYPE_CHECKING

from services.common.deadlines import Deadline, DeadlineNotice
from services.common.regimes.regime import ClockPurpose, Regime
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.application import Application

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

OF_PARTIES = (ClockPurpose.PARTY_OBJECTION, ClockPurpose.APPLY_FOR_ENFORCEMENT)


async def begin_limits(
    tx: "CourtLinkTransaction", application: Application, agreement: SealedAgreement, regime: Regime
) -> None:
    """Fifteen days for the parties to object and, for others, six months from when they know, at the earliest from now
    (CPL Interp. 372); two years to have it enforced, from the last day of performance (CPL 250)."""

    async def begun(purpose: ClockPurpose, anchor: datetime) -> DeadlineNotice:
        clock = regime.clock(purpose)
        deadline = await tx.deadlines.start(clock, application, "applications", regime=regime.id, anchor=anchor)
        return tx.rulebook.notice_of(deadline)

    performed = agreement.last_due_date
    last = datetime.combine(performed, time(), regime.zone) if performed else tx.now
    application.limits_began(
        (await begun(ClockPurpose.PARTY_OBJECTION, tx.now), await begun(ClockPurpose.APPLY_FOR_ENFORCEMENT, last)),
        await begun(ClockPurpose.THIRD_PARTY_OBJECTION, tx.now),
    )


async def limit_near(tx: "CourtLinkTransaction", deadline: Deadline) -> None:
    """A limit of the parties is about to end: they are told."""
    application = await tx.applications.get(deadline.aggregate_id, lock=True)
    application.deadline_near(tx.rulebook.notice_of(deadline))
    await tx.applications.save(application)
