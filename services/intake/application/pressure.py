"""Somebody presses a party (胁迫, 民法典第150条): said in whatever state the matter is, without proof, to its officers."""

from typing import TYPE_CHECKING
from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.pressure import PressureReport, ReportPressure
from services.intake.application.access import is_officer, reach
from services.intake.domain.events import PressureReported

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


async def report_pressure(tx: "IntakeTransaction", command: ReportPressure) -> None:
    """Nothing of the matter changes. Raises NOT_FOUND, also for somebody else's party."""
    matter = await reach(tx, command.id)
    account, own = tx.caller.account_id, matter.party_of(tx.caller.account_id)
    if account is None or own is None or own.id != command.party:
        raise not_found()
    tx.authority = own.side.value.lower()
    report = PressureReport(
        id=tx.new_id(),
        organisation_id=matter.organisation_id,
        subject=matter.id,
        party=own.id,
        account=account,
        text=command.text,
        create_time=tx.now,
    )
    report.record(PressureReported(report=report.id, matter=matter.id, officer=matter.officer))
    await tx.pressure_reports.add(report)


async def list_pressure_reports(
    tx: "IntakeTransaction", matter_id: UUID, after: UUID | None, count: int
) -> list[PressureReport]:
    """So many of those that the caller may see, the earliest first. Raises NOT_FOUND."""
    matter = await reach(tx, matter_id)
    own = None if is_officer(tx.caller, matter) else tx.caller.account_id
    return await tx.pressure_reports.page(matter.id, after, count, own)
