"""The window in which an agreement may be brought to court: opened, lapsed, run on, closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.common.deadlines import Deadline, DeadlineMove, Owner
from services.common.regimes.regime import ClockPurpose, Regime
from services.court_link.domain.agreement import CaseKind, SealedAgreement
from services.court_link.domain.application import ApplicationState
from services.court_link.domain.eligibility import WindowView
from services.court_link.domain.window import NOBODY, ApplicationWindow

if TYPE_CHECKING:
    from services.common.regimes.loader import RegimeBook
    from services.court_link.storage.transaction import CourtLinkTransaction

COLLECTION = "applicationWindows"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveAgreement:
    """An agreement that binds. ``regime`` is ``id@version``, or an id alone for the version in force that day; ``origin``
    the matter or referral that its case came from."""

    agreement: UUID
    case: UUID
    origin: str
    kind: CaseKind
    regime: str
    effective_time: datetime


def regime_of(book: "RegimeBook", name: str, on: datetime) -> Regime:
    """The regime by ``id@version``, or by id the version in force at the instant."""
    id, _, version = name.partition("@")
    return book.version(id, version) if version else book.at(id, on)


async def open_window(tx: "CourtLinkTransaction", effective: EffectiveAgreement) -> None:
    """Starts the thirty days from the moment of effect (CPL 205), if a court may confirm. Twice changes nothing."""
    regime = regime_of(tx.regimes, effective.regime, effective.effective_time)
    if not regime.confirmation.applies:
        return
    if await tx.windows.find(effective.agreement, lock=True) is not None:
        return
    deadline = await tx.deadlines.start(
        regime.clock(ClockPurpose.APPLY_FOR_CONFIRMATION),
        Owner(effective.agreement, NOBODY),
        COLLECTION,
        regime=regime.id,
        anchor=effective.effective_time,
    )
    window = ApplicationWindow.open(
        effective.agreement,
        effective.case,
        effective.origin,
        f"{regime.id}@{regime.version}",
        effective.effective_time,
        deadline,
    )
    await tx.windows.save(window)


async def open_window_of_sealed(tx: "CourtLinkTransaction", agreement: SealedAgreement) -> None:
    """The same from the dossier, should it overtake the event."""
    if agreement.effective_time is not None:
        effective = EffectiveAgreement(
            agreement=agreement.agreement,
            case=agreement.case,
            origin=agreement.origin,
            kind=agreement.kind,
            regime=agreement.regime,
            effective_time=agreement.effective_time,
        )
        await open_window(tx, effective)


async def lapse_window(tx: "CourtLinkTransaction", deadline: Deadline) -> None:
    """The consequence of the deadline: the right to ask lapses, and a draft that not all have joined with it."""
    window = await tx.windows.get(deadline.aggregate_id, lock=True)
    draft = await tx.applications.under_way(deadline.aggregate_id)
    if draft is not None and draft.state is ApplicationState.DRAFT:
        draft.lapse()
        await tx.applications.save(draft)
    window.lapse()
    if window.events:
        await tx.windows.save(window)


async def window_near(tx: "CourtLinkTransaction", deadline: Deadline) -> None:
    """The window is about to end and not all have applied: the parties are told."""
    window = await tx.windows.get(deadline.aggregate_id, lock=True)
    window.near(tx.rulebook.notice_of(deadline))
    await tx.windows.save(window)


async def window_moved(tx: "CourtLinkTransaction", deadline: Deadline, move: DeadlineMove) -> None:
    """The calendar of the window's clock changed: the parties are told."""
    window = await tx.windows.get(deadline.aggregate_id, lock=True)
    window.moved(move)
    await tx.windows.save(window)


async def close_window(tx: "CourtLinkTransaction", agreement: UUID, case: UUID) -> None:
    """The agreement was superseded: nothing more can be asked about it, even if that is heard before its effect."""
    window = await tx.windows.find(agreement, lock=True) or ApplicationWindow.never_open(agreement, case, tx.now)
    window.close()
    if window.events:
        await tx.deadlines.cancel(agreement)
        await tx.windows.save(window)


async def meet_window(tx: "CourtLinkTransaction", agreement: UUID, regime: Regime) -> None:
    """All have applied in time: the clock stands."""
    await tx.deadlines.meet(agreement, regime.clock(ClockPurpose.APPLY_FOR_CONFIRMATION))


async def run_on(tx: "CourtLinkTransaction", agreement: UUID, regime: Regime) -> None:
    """The application ended without a ruling: what is left of the original window runs on, possibly nothing."""
    deadline = await tx.deadlines.reopen(agreement, regime.clock(ClockPurpose.APPLY_FOR_CONFIRMATION))
    window = await tx.windows.find(agreement, lock=True)
    if deadline is not None and window is not None and window.due_date != deadline.due_date:
        window.runs_until(deadline)
        await tx.windows.save(window)


async def window_deadline(tx: "CourtLinkTransaction", agreement: UUID) -> Deadline | None:
    """The clock of an agreement's window."""
    found = [each for each in await tx.deadlines.of(agreement) if each.aggregate_type == COLLECTION]
    return found[0] if found else None


async def window_view(tx: "CourtLinkTransaction", agreement: UUID, deadline: Deadline | None) -> WindowView | None:
    """The window with its clock, None where there is none."""
    window = await tx.windows.find(agreement)
    if window is None:
        return None
    if deadline is None:
        return WindowView(due_date=window.due_date, due_time=window.effective_time, state=window.state)
    return WindowView(
        due_date=deadline.due_date,
        due_time=deadline.due_time,
        state=window.state,
        provisional=deadline.provisional,
    )
