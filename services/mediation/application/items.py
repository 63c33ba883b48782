"""Notes and statements in compartments. Who reads them, row-level security decides; who may write where, this."""

from dataclasses import dataclass
from uuid import UUID

from services.common.kernel.errors import denied, invalid, not_found
from services.common.regimes import CaucusRelease
from services.mediation.application.ports import Work
from services.mediation.application.reach import as_mediator, as_member, regime_of
from services.mediation.domain import errors
from services.mediation.domain.case import Case
from services.mediation.domain.item import MEDIATOR_SHELF, OF_A_PARTY, SHARED_SHELF, Item, party_shelf
from services.mediation.domain.vocabulary import Compartment


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem:
    case: UUID
    compartment: Compartment
    party: UUID | None
    text: str
    confidential: bool


async def add_item(tx: Work, command: AddItem) -> Item:
    """Raises PARTY_MISSING, COMPARTMENT_DENIED."""
    case = await tx.cases.get(command.case)
    if tx.caller.account_id is None:
        raise not_found()
    _require_writer(tx, case, command)
    item = Item(
        id=tx.new_id(),
        organisation_id=case.organisation_id,
        case_id=case.id,
        compartment=command.compartment,
        party=command.party,
        author=tx.caller.account_id,
        text=command.text,
        create_time=tx.now,
        mediator_account=case.mediator_account,
        confidential=command.confidential,
    )
    item.announce()
    return await tx.items.add(item)


async def list_items(tx: Work, case_id: UUID, after: UUID | None, size: int) -> list[Item]:
    """So many that the caller may see, in the order of creation. Raises NOT_FOUND for a foreign case."""
    case = await tx.cases.get(case_id)
    return await tx.items.on_shelves(case_id, _shelves(case, tx.caller.account_id), after, size)


def _shelves(case: Case, account: UUID | None) -> list[str]:
    """Where the person may find something. What is seen of it row-level security decides."""
    own = [party_shelf(compartment, party.id) for compartment in OF_A_PARTY for party in case.parties_of(account)]
    if account is None or account != case.mediator_account:
        return [SHARED_SHELF, *own]
    return [SHARED_SHELF, MEDIATOR_SHELF, *own, *(party_shelf(Compartment.CAUCUS, party.id) for party in case.parties)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseItem:
    id: UUID
    version: int


async def release_item(tx: Work, command: ReleaseItem) -> Item:
    """The party's own act, item by item; it cannot be taken back (人民调解法 15).

    Where the regime allows it, the mediator may pass on what was said in a caucus and not in confidence. Raises
    RELEASE_BY_PARTY.
    """
    item = await tx.items.get(command.id, command.version)
    case = await tx.cases.get(item.case_id)
    if item.party is None:
        raise errors.release_by_party()
    if tx.caller.account_id == case.mediator_account:
        as_mediator(tx, case)
        allowed = regime_of(tx, case).caucus_release is CaucusRelease.ALLOW_UNLESS_CONFIDENTIAL
        if not allowed or item.confidential or item.compartment is not Compartment.CAUCUS:
            raise errors.release_by_party()
    else:
        as_member(tx, case, item.party)
    item.release(tx.now)
    return await tx.items.save(item)


def _require_writer(tx: Work, case: Case, command: AddItem) -> None:
    is_mediator = tx.caller.account_id == case.mediator_account
    if command.compartment in OF_A_PARTY:
        if command.party is None:
            raise invalid("PARTY_MISSING", "请注明属于哪一方", "say whose it is", field="party")
        if is_mediator and command.compartment is Compartment.CAUCUS:
            case.party(command.party)
            as_mediator(tx, case)
        else:
            as_member(tx, case, command.party)
        return
    if command.party is not None:
        raise invalid("PARTY_UNSUITABLE", "该范围不属于某一方", "that compartment is nobody's own", field="party")
    if is_mediator:
        as_mediator(tx, case)
    elif command.compartment is not Compartment.SHARED:
        raise denied("COMPARTMENT_DENIED", "您不能写入该范围", "you may not write there")
    else:
        _as_any_party(tx, case)


def _as_any_party(tx: Work, case: Case) -> None:
    own = case.parties_of(tx.caller.account_id)
    if not own:
        raise denied("COMPARTMENT_DENIED", "您不能写入该范围", "you may not write there")
    as_member(tx, case, own[0].id)
