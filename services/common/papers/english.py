"""How the English translation of a paper writes days, moments and amounts."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.common.kernel.money import Money


def day(value: str | date) -> str:
    """``11 December 2026``, of an ISO date."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.day} {value:%B} {value.year}"


def day_of(value: str, zone: str) -> str:
    """The day in the zone of an ISO time in UTC."""
    return day(_local(value, zone).date())


def moment(value: str, zone: str) -> str:
    """``09:30 on 28 November 2026``."""
    local = _local(value, zone)
    return f"{local:%H:%M} on {day(local.date())}"


def amount(value: dict[str, Any]) -> str:
    """``CNY 5000.00``."""
    return str(Money(value["currency"], value["minor_units"]))


def _local(value: str, zone: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone))


FILTERS = {"day_en": day, "day_of_en": day_of, "moment_en": moment, "amount_en": amount}
"""By the names that templates use."""
