"""Until when the parties may apply for confirmation of an agreement."""

from datetime import datetime
from typing import TYPE_CHECKING

from services.common.deadlines.compute import Due
from services.common.regimes import ClockPurpose

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction


def window_end(tx: "NotifyTransaction", regime_name: str, effective_time: datetime) -> Due | None:
    """The last day of the window by the regime (``id@version``); None where no court confirms."""
    identifier, _, version = regime_name.partition("@")
    try:
        regime = tx.regimes.version(identifier, version)
    except LookupError:
        return None
    if not regime.has_clock(ClockPurpose.APPLY_FOR_CONFIRMATION):
        return None
    clock = regime.clocks[ClockPurpose.APPLY_FOR_CONFIRMATION]
    rule = tx.rulebook.rule(clock, effective_time.astimezone(regime.zone).date(), identifier)
    return tx.rulebook.due(rule, effective_time)
