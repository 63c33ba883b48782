"""Who reaches which matter. What a caller does not reach answers as if it were not there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline
from services.common.kernel.errors import not_found
from services.common.kernel.principal import Principal, Role
from services.intake.domain.likeness import Likeness
from services.intake.domain.matter import Matter

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction

OFFICERS = frozenset({Role.INTAKE_OFFICER, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class MatterView:
    """A matter as one caller sees it: officers of its organisation see all, a party sees its own side in full."""

    matter: Matter
    deadlines: tuple[Deadline, ...]
    officer: bool
    account: UUID | None
    pressure_reported: bool = False
    """As far as the caller may know."""
    likenesses: tuple[Likeness, ...] = ()
    """For officers: what may be the same complaint."""


def is_officer(caller: Principal, matter: Matter) -> bool:
    return caller.holds_any(OFFICERS, matter.organisation_id)


async def reach(tx: "IntakeTransaction", matter_id: UUID) -> Matter:
    """A matter that the caller is an officer or a party of. Raises NOT_FOUND."""
    matter = await tx.matters.get(matter_id)
    if not is_officer(tx.caller, matter) and matter.party_of(tx.caller.account_id) is None:
        raise not_found()
    return matter


async def as_officer(
    tx: "IntakeTransaction", matter_id: UUID, version: int, roles: frozenset[Role] = frozenset({Role.INTAKE_OFFICER})
) -> Matter:
    """A matter that the caller handles for its organisation, at the version the caller read.

    Raises NOT_FOUND, STALE_VERSION.
    """
    matter = await tx.matters.get(matter_id)
    if not tx.caller.holds_any(roles, matter.organisation_id):
        raise not_found()
    matter.require_version(version, officer=True)
    tx.authority = f"officer of organisations/{matter.organisation_id}"
    return matter


async def view(tx: "IntakeTransaction", matter: Matter) -> MatterView:
    """The matter with its clocks, as the caller sees it."""
    return viewed(tx, matter, await tx.deadlines.of(matter.id), await pressed(tx, [matter]))


async def pressed(tx: "IntakeTransaction", matters: Sequence[Matter]) -> frozenset[UUID]:
    """Of which matters the caller knows that a party is pressed: as their officer, or because it said so."""
    handled = [each.id for each in matters if is_officer(tx.caller, each)]
    own = [each.id for each in matters if each.id not in handled]
    said = await tx.pressure_reports.among(own, tx.caller.account_id) if tx.caller.account_id else frozenset()
    return await tx.pressure_reports.among(handled) | said


def viewed(
    tx: "IntakeTransaction", matter: Matter, deadlines: tuple[Deadline, ...], reported: Collection[UUID] = ()
) -> MatterView:
    """``reported``: matters of which the caller knows that a party is pressed."""
    return MatterView(
        matter, deadlines, is_officer(tx.caller, matter), tx.caller.account_id, pressure_reported=matter.id in reported
    )
