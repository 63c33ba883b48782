"""Somebody presses a party (胁迫, 民法典第150条): said at any step, without proof, to the mediator alone.

What is told is a row of its own in the mediator's compartment. No aggregate that others read is touched, so that neither
a version nor a time nor an order tells the other side.
"""

from uuid import UUID

from services.common.kernel.errors import not_found
from services.common.kernel.pressure import ReportPressure
from services.mediation.application.ports import Work
from services.mediation.domain.case import Case
from services.mediation.domain.item import Item
from services.mediation.domain.vocabulary import Compartment


async def report_pressure(tx: Work, command: ReportPressure) -> None:
    """In whatever state the case is. Raises NOT_FOUND, UNKNOWN_PARTY."""
    await tell_pressure(tx, await tx.cases.get(command.id), command.party, command.text)


async def tell_pressure(tx: Work, case: Case, party: UUID | None, text: str) -> None:
    """Leaves word for the case's mediator, or for the one that it gets. Raises NOT_FOUND for somebody else's party.

    Whoever belongs to the party may say it: a power that has run out does not silence anybody.
    """
    account = tx.caller.account_id
    if account is None:
        raise not_found()
    item = Item(
        id=tx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        compartment=Compartment.MEDIATOR_ONLY,
        party=case.party_for(party, account).id,
        author=account,
        text=text,
        create_time=tx.now,
        mediator_account=case.mediator_account,
        pressure=True,
    )
    item.announce()
    async with tx.elevated():
        await tx.items.add(item)
