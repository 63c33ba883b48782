"""Forwarding to mediation, withdrawal, and the closing by hand of a matter whose reopening was asked for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.regimes import ClockPurpose
from services.intake.application.access import OFFICERS, MatterView, as_officer, is_officer, reach, view
from services.intake.application.decide_matter import regime_of
from services.intake.domain import errors
from services.intake.domain.matter import Matter
from services.intake.domain.values import NoMediationReason

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardMatter:
    id: UUID
    version: int
    organisation: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWithoutMediation:
    id: UUID
    version: int
    reason: NoMediationReason
    remedies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawMatter:
    id: UUID
    version: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMatter:
    id: UUID
    version: int


async def forward_matter(tx: "IntakeTransaction", command: ForwardMatter) -> MatterView:
    """Freezes the dossier and hands the matter to a mediation organisation. Raises CONSENT_MISSING."""
    matter = await as_officer(tx, command.id, command.version)
    matter.require_forwardable()
    digest = await tx.matters.add_dossier(matter.id, tx.dossiers.matter(matter))
    matter.forward(command.organisation, digest)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def end_without_mediation(tx: "IntakeTransaction", command: EndWithoutMediation) -> MatterView:
    """Ends an accepted matter that cannot come to mediation. Raises NO_CONTACT_RECORDED."""
    matter = await as_officer(tx, command.id, command.version)
    matter.end_without_mediation(command.reason, command.remedies)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def withdraw_matter(tx: "IntakeTransaction", command: WithdrawMatter) -> MatterView:
    """The complainant ends it. Raises NOT_THE_COMPLAINANT."""
    matter = await reach(tx, command.id)
    matter.require_version(command.version, officer=is_officer(tx.caller, matter))
    if matter.complainant.account != tx.caller.account_id:
        raise errors.not_the_complainant()
    tx.authority = "complainant"
    matter.withdraw(command.reason)
    await tx.deadlines.cancel(matter.id)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def close_matter(tx: "IntakeTransaction", command: CloseMatter) -> MatterView:
    """Closes a matter whose reopening was asked for. Raises REOPENING_NOT_REQUESTED."""
    matter = await as_officer(tx, command.id, command.version, OFFICERS)
    if not matter.reopen_requested:
        raise errors.not_to_be_closed_by_hand()
    await close(tx, matter)
    return await view(tx, matter)


async def close(tx: "IntakeTransaction", matter: Matter) -> None:
    """Closes the matter and meets its closing clock."""
    matter.close(tx.now)
    regime = regime_of(tx, matter)
    if regime is not None and regime.has_clock(ClockPurpose.CLOSE_MATTER):
        await tx.deadlines.meet(matter.id, regime.clocks[ClockPurpose.CLOSE_MATTER])
    await tx.matters.save(matter)


def require_mediating(kind: str | None) -> None:
    """Raises ORGANISATION_UNKNOWN, ORGANISATION_WRONG_KIND for an organisation that does not mediate."""
    if kind is None:
        raise errors.organisation_unknown("organisation")
    if kind != "MEDIATION":
        raise errors.organisation_wrong_kind("organisation")
