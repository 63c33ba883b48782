"""Somebody presses a party (胁迫, 民法典第150条): said in whatever state the application is, without proof, to the court."""

from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.pressure import PressureReport, ReportPressure
from services.court_link.application.access import is_staff
from services.court_link.application.queries import reached
from services.court_link.domain.application import Application
from services.court_link.domain.events import PressureReported

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction

_AT_ONCE = 200


async def report_pressure(tx: "CourtLinkTransaction", command: ReportPressure) -> None:
    """Nothing of the application changes. Raises NOT_FOUND, also for somebody else's party."""
    application, account = await reached(tx, command.id), tx.caller.account_id
    agreement = await tx.agreements.get(application.agreement)
    party = agreement.party_of(command.party, account)
    if account is None or party is None:
        raise not_found()
    tx.authority = party.authority.value
    report = PressureReport(
        id=tx.new_id(),
        organisation_id=application.organisation_id,
        subject=application.id,
        party=party.party,
        account=account,
        text=command.text,
        create_time=tx.now,
    )
    report.record(_told(report, application))
    await tx.pressure_reports.add(report)


async def tell_the_court(tx: "CourtLinkTransaction", application: Application) -> None:
    """The application has come before the court: so has what was said before."""
    reports = await tx.pressure_reports.page(application.id, None, _AT_ONCE)
    while reports:
        for report in reports:
            report.record(_told(report, application))
            await tx.pressure_reports.save(report)
        reports = await tx.pressure_reports.page(application.id, reports[-1].id, _AT_ONCE)


async def list_pressure_reports(
    tx: "CourtLinkTransaction", application_id: UUID, after: UUID | None, count: int
) -> list[PressureReport]:
    """So many of those that the caller may see, the earliest first. Raises NOT_FOUND."""
    application = await reached(tx, application_id)
    own = None if is_staff(tx.caller, application.organisation_id) else tx.caller.account_id
    return await tx.pressure_reports.page(application.id, after, count, own)


def _told(report: PressureReport, application: Application) -> PressureReported:
    return PressureReported(
        report=report.id,
        application=application.id,
        case=application.case,
        organisation=application.organisation_id,
        before_court=application.before_court,
    )
