"""What holds for a house where no regime says otherwise: before a matter has one, and for what belongs to none."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")
"""Whose days, nights and years are counted."""


def local_day(moment: datetime) -> date:
    """The day of the house at an aware moment."""
    return moment.astimezone(HOUSE_ZONE).date()
