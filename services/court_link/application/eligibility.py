"""Asking whether an agreement can be confirmed, where and until when; and the same as a guard."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline
from services.common.regimes.regime import Regime
from services.court_link.application.access import may_ask_about
from services.court_link.application.windows import regime_of, window_deadline, window_view
from services.court_link.domain.agreement import SealedAgreement
from services.court_link.domain.court import Court
from services.court_link.domain.eligibility import NOT_SEALED, Eligibility, Obstacle, Venue, assess, places_of

if TYPE_CHECKING:
    from services.court_link.storage.transaction import CourtLinkTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityView:
    """The assessment with the window's clock, when there is one."""

    eligible: bool
    obstacles: tuple[Obstacle, ...]
    courts: tuple[Court, ...]
    window: Deadline | None
    remaining_days: int


async def check_eligibility(
    tx: "CourtLinkTransaction", agreement_id: UUID, court: UUID | None, venue: Venue
) -> EligibilityView:
    """For a party or the organisation that mediated; to anybody else every agreement looks not yet sealed."""
    agreement = await tx.agreements.find(agreement_id)
    if agreement is None or not may_ask_about(tx.caller, agreement):
        return _viewed(Eligibility(obstacles=(NOT_SEALED,)), None)
    assessed, deadline = await assessment(tx, agreement, court, venue)
    return _viewed(assessed, deadline)


async def assessment(
    tx: "CourtLinkTransaction", agreement: SealedAgreement, court: UUID | None, venue: Venue
) -> tuple[Eligibility, Deadline | None]:
    """The assessment at this transaction's instant."""
    deadline = await window_deadline(tx, agreement.agreement)
    assessed = assess(
        agreement,
        regime_of_agreement(tx, agreement),
        await window_view(tx, agreement.agreement, deadline),
        await _candidates(tx, agreement, venue),
        await tx.applications.states_of(agreement.agreement),
        tx.now,
        court,
        venue,
    )
    return assessed, deadline


def regime_of_agreement(tx: "CourtLinkTransaction", agreement: SealedAgreement) -> Regime:
    return regime_of(tx.regimes, agreement.regime, agreement.effective_time or tx.now)


async def _candidates(tx: "CourtLinkTransaction", agreement: SealedAgreement, venue: Venue) -> list[Court]:
    found = await tx.courts.serving(places_of(agreement, venue))
    if agreement.court is not None and all(court.id != agreement.court for court in found):
        inviting = await tx.courts.find(agreement.court)
        found += [inviting] if inviting else []
    return found


def _viewed(assessed: Eligibility, deadline: Deadline | None) -> EligibilityView:
    return EligibilityView(
        eligible=assessed.eligible,
        obstacles=assessed.obstacles,
        courts=assessed.courts,
        window=deadline,
        remaining_days=assessed.remaining_days,
    )
