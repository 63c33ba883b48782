"""The time on a stamp is that of the regime's zone, and says so."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.common.documents.stamp import local_time

WHEN = datetime(2026, 11, 21, 12, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Shanghai", "2026-11-21 20:05:09 北京时间 (UTC+8)"),
        ("Asia/Tokyo", "2026-11-21 21:05:09 当地时间 (UTC+9)"),
        ("Asia/Kolkata", "2026-11-21 17:35:09 当地时间 (UTC+5:30)"),
        ("America/St_Johns", "2026-11-21 08:35:09 当地时间 (UTC-3:30)"),
    ],
)
def test_a_time_names_its_zone(zone: str, said: str) -> None:
    assert local_time(WHEN, ZoneInfo(zone)) == said
