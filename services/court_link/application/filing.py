"""Filing with the court: outside any transaction, as often as it takes, with one effect."""

from typing import TYPE_CHECKING
from uuid import UUID

from services.common.regimes.regime import ClockPurpose
from services.court_link.application.eligibility import regime_of_agreement
from services.court_link.application.ports import FilingPackage, Receipt
from services.court_link.application.pressure import tell_the_court
from services.court_link.domain.application import ApplicationState

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction


def filing_key(package: FilingPackage) -> str:
    """The business key: the sealed agreement and which of its applications this is."""
    return f"{package.agreement.sealed_digest.hex()}/{package.application.attempt}"


async def package_of(tx: "CourtLinkTransaction", application_id: UUID) -> FilingPackage | None:
    """What is to be filed, None when it was filed already."""
    application = await tx.applications.get(application_id)
    if application.state is not ApplicationState.FILING:
        return None
    agreement = await tx.agreements.get(application.agreement)
    return FilingPackage(application=application, agreement=agreement, court=application.court)


async def record_receipt(tx: "CourtLinkTransaction", application_id: UUID, receipt: Receipt) -> None:
    """The court has it: its three days to decide on acceptance run from its receipt (法释〔2011〕5号 art 4)."""
    application = await tx.applications.get(application_id, lock=True)
    if application.state is not ApplicationState.FILING:
        return
    regime = regime_of_agreement(tx, await tx.agreements.get(application.agreement))
    deadline = await tx.deadlines.start(
        regime.clock(ClockPurpose.COURT_ACCEPT),
        application,
        "applications",
        regime=regime.id,
        anchor=receipt.receive_time,
    )
    known = application.before_court
    application.received(receipt.receipt_number, receipt.receive_time, deadline)
    await tx.applications.save(application)
    if not known:
        await tell_the_court(tx, application)


async def record_refused(tx: "CourtLinkTransaction", application_id: UUID, reason: str) -> None:
    """The court's system refused it for good: the parties and the court's clerks see it."""
    application = await tx.applications.get(application_id, lock=True)
    if application.state is ApplicationState.FILING:
        known = application.before_court
        application.filing_refused(reason)
        await tx.applications.save(application)
        if not known:
            await tell_the_court(tx, application)
