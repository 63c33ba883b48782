"""What holds for a house where no regime says otherwise: before a matter has one, and for what belongs to none."""

from zoneinfo import ZoneInfo

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")
"""Whose days, nights and years are counted."""
