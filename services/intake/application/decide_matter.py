"""Triage, acceptance, declining, assignment: what an officer decides within the clock."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.regimes import ClockPurpose, Regime
from services.intake.application.access import OFFICERS, MatterView, as_officer, view
from services.intake.application.file_matter import HOUSE_ACCEPT_CLOCK
from services.intake.domain import errors
from services.intake.domain.matter import Matter
from services.intake.domain.values import DeclineGround, Severity

if TYPE_CHECKING:
    from services.intake.storage.transaction import IntakeTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageMatter:
    """``regime`` is an id; the version is the one in force on the day the matter was received."""

    id: UUID
    version: int
    regime: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMatter:
    id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineMatter:
    id: UUID
    version: int
    ground: DeclineGround
    remedies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignMatter:
    id: UUID
    version: int
    officer: UUID


async def triage_matter(tx: "IntakeTransaction", command: TriageMatter) -> MatterView:
    """Names the regime. Its acceptance clock replaces the house's and still runs from the receipt.

    Raises REGIME_UNKNOWN, REGIME_NOT_IN_FORCE, REGIME_DOES_NOT_ADMIT.
    """
    matter = await as_officer(tx, command.id, command.version)
    before = acceptance_clock(tx, matter)
    regime = _admitting_regime(tx, matter, command.regime)
    matter.triage(f"{regime.id}@{regime.version}", command.severity)
    clock = acceptance_clock(tx, matter)
    if clock != before:
        await tx.deadlines.cancel(matter.id, before)
        await tx.deadlines.start(clock, matter, "matters", regime=matter.regime, anchor=matter.receive_time)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def accept_matter(tx: "IntakeTransaction", command: AcceptMatter) -> MatterView:
    """Accepts the matter: the acceptance clock is met, the closing clock starts."""
    matter = await as_officer(tx, command.id, command.version)
    matter.accept()
    await tx.deadlines.meet(matter.id, acceptance_clock(tx, matter))
    regime = regime_of(tx, matter)
    if regime is not None and regime.has_clock(ClockPurpose.CLOSE_MATTER):
        clock = regime.clocks[ClockPurpose.CLOSE_MATTER]
        await tx.deadlines.start(clock, matter, "matters", regime=matter.regime, anchor=tx.now)
    await tx.matters.save(matter)
    return await view(tx, matter)


async def decline_matter(tx: "IntakeTransaction", command: DeclineMatter) -> MatterView:
    """Declines the matter; the acceptance clock asks for a decision, so it is met."""
    matter = await as_officer(tx, command.id, command.version)
    matter.decline(command.ground, command.remedies)
    await tx.deadlines.meet(matter.id, acceptance_clock(tx, matter))
    await tx.matters.save(matter)
    return await view(tx, matter)


async def assign_matter(tx: "IntakeTransaction", command: AssignMatter) -> MatterView:
    """Puts an officer in charge."""
    matter = await as_officer(tx, command.id, command.version, OFFICERS)
    matter.assign(command.officer)
    await tx.matters.save(matter)
    return await view(tx, matter)


def regime_of(tx: "IntakeTransaction", matter: Matter) -> Regime | None:
    """The regime the matter runs under; None before triage."""
    if not matter.regime:
        return None
    identifier, _, version = matter.regime.partition("@")
    return tx.regimes.version(identifier, version)


def acceptance_clock(tx: "IntakeTransaction", matter: Matter) -> str:
    """The rule by which the decision on acceptance is due."""
    regime = regime_of(tx, matter)
    return regime.clocks.get(ClockPurpose.ACCEPT_MATTER, HOUSE_ACCEPT_CLOCK) if regime else HOUSE_ACCEPT_CLOCK


def _admitting_regime(tx: "IntakeTransaction", matter: Matter, regime_id: str) -> Regime:
    try:
        regime = tx.regimes.at(regime_id, matter.receive_time)
    except LookupError:
        raise errors.regime_unknown(regime_id) from None
    # A regime of court referrals takes no matter that a person brought.
    if not regime.admits(matter.kind.value, matter.channel.value, matter.subject_matter):
        raise errors.regime_does_not_admit(regime_id)
    return regime
