"""How somebody wants to be told."""

from datetime import time
from typing import TYPE_CHECKING

from services.common.kernel.errors import invalid
from services.notify.domain.values import Preferences

if TYPE_CHECKING:
    from services.notify.storage.transaction import NotifyTransaction


async def set_preferences(tx: "NotifyTransaction", wanted: Preferences) -> Preferences:
    """Keeps the caller's preferences. Raises MALFORMED_TIME, CHANNEL_TWICE (INVALID)."""
    for field in ("quiet_start", "quiet_end"):
        _require_time(getattr(wanted, field), f"preferences.{field}")
    if bool(wanted.quiet_start) != bool(wanted.quiet_end):
        raise invalid("MALFORMED_TIME", "静默时段应同时有起止", "a quiet time has a start and an end")
    if len(set(wanted.channels)) != len(wanted.channels):
        raise invalid("CHANNEL_TWICE", "渠道重复", "a channel is named twice", field="preferences.channels")
    await tx.people.set_preferences(tx.caller.subject, wanted)
    return wanted


def _require_time(text: str, field: str) -> None:
    if not text:
        return
    try:
        time.fromisoformat(text)
        well_formed = len(text) == len("HH:MM")
    except ValueError:
        well_formed = False
    if not well_formed:
        raise invalid("MALFORMED_TIME", "时间应为 HH:MM", "a time is written HH:MM", field=field)
