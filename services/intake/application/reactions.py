"""What intake does about the events of others.

Events of different services may overtake each other: a ruling can be heard of before the sealed agreement it rests on.
So every reaction takes the matter as far as its event says, and one that says nothing new changes nothing.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.application.decide_matter import regime_of
from services.intake.application.end_matter import close
from services.intake.domain.lifecycle import MatterAction
from services.intake.domain.matter import Matter
from services.intake.domain.values import Outcome

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


async def party_joined(
    tx: "IntakeTransaction", matter_id: UUID, party_id: UUID, account: UUID, invitation: str
) -> None:
    """An account claimed the place of a party by an invitation; one that intake did not record binds nobody."""
    matter = await tx.matters.hold(matter_id)
    party = matter.party(party_id)
    if not matter.allows(MatterAction.JOIN) or party.account == account or party.invitation != invitation:
        return
    matter.join(party_id, account)
    await tx.matters.save(matter)
    await tx.matters.save_party(matter, matter.party(party_id))


async def case_opened(tx: "IntakeTransaction", matter_id: UUID, case: str) -> None:
    """Mediation holds a case."""
    matter = await tx.matters.hold(matter_id)
    if matter.allows(MatterAction.OPEN_CASE) and matter.case != case:
        matter.case_opened(case)
        await tx.matters.save(matter)


async def mediation_failed(tx: "IntakeTransaction", matter_id: UUID) -> None:
    """The case was declined or terminated: nothing more is to come."""
    matter = await tx.matters.hold(matter_id)
    if matter.allows(MatterAction.FAIL):
        matter.fail()
        await tx.matters.save(matter)


async def settled(tx: "IntakeTransaction", matter_id: UUID) -> None:
    """A sealed agreement exists. Where no court can confirm it, the matter is concluded at once."""
    matter = await tx.matters.hold(matter_id)
    if not matter.allows(MatterAction.SETTLE):
        return
    matter.settle()
    if not _may_be_confirmed(tx, matter):
        matter.conclude(Outcome.SETTLED)
    await tx.matters.save(matter)


async def confirmation_ended(tx: "IntakeTransaction", matter_id: UUID) -> None:
    """Nobody applied in time, or the application came to nothing: the agreement stands as a contract."""
    await _confirmation_ended(tx, await tx.matters.hold(matter_id))


async def confirmation_of_case_ended(tx: "IntakeTransaction", case: str) -> None:
    """The same of the matter with this case, if there is one."""
    if matter := await tx.matters.of_case(case):
        await _confirmation_ended(tx, matter)


async def _confirmation_ended(tx: "IntakeTransaction", matter: Matter) -> None:
    _catch_up_with_settlement(matter)
    if matter.allows(MatterAction.CONCLUDE):
        matter.conclude(Outcome.SETTLED)
        await tx.matters.save(matter)


async def ruled(tx: "IntakeTransaction", matter_id: UUID, outcome: Outcome) -> None:
    """The court decided. After the matter was concluded otherwise, the outcome is still put right."""
    matter = await tx.matters.hold(matter_id)
    _catch_up_with_settlement(matter)
    if matter.allows(MatterAction.CONCLUDE):
        matter.conclude(outcome)
    elif matter.allows(MatterAction.RECORD_OUTCOME) and matter.outcome is not outcome:
        matter.record_outcome(outcome)
    else:
        return
    await tx.matters.save(matter)


async def called_back(tx: "IntakeTransaction", matter_id: UUID, *, reopening_requested: bool) -> None:
    """The call-back was made or given up: the matter closes, unless the person asked to reopen it."""
    matter = await tx.matters.hold(matter_id)
    if not matter.allows(MatterAction.CLOSE):
        return
    if not reopening_requested:
        await close(tx, matter)
    elif not matter.reopen_requested:
        matter.request_reopening()
        await tx.matters.save(matter)


def _catch_up_with_settlement(matter: Matter) -> None:
    if matter.allows(MatterAction.SETTLE):
        matter.settle()


def _may_be_confirmed(tx: "IntakeTransaction", matter: Matter) -> bool:
    regime = regime_of(tx, matter)
    return regime is not None and regime.confirmation.applies
