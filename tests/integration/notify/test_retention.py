"""What is of no more use to notify goes in its time: beside what every service removes, which contacts it wrote to."""

from datetime import timedelta

import asyncpg
import pytest

from services.common.storage import retention
from tests.integration.notify.conftest import Notify
from tests.kit.eventually import eventually


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "POLL_SECONDS", 0.05)


async def test_whom_it_asked_to_confirm_a_contact_is_known_for_two_days(notify: Notify) -> None:
    now = notify.clock.now()
    connection = await asyncpg.connect(notify.database.superuser_url)
    try:
        for key, age in ((b"old", timedelta(days=2, hours=1)), (b"known", timedelta(days=1, hours=23))):
            await connection.execute(
                "INSERT INTO confirmations (key, day, create_time) VALUES ($1, $2, $3)",
                key,
                (now - age).date(),
                now - age,
            )
    finally:
        await connection.close()
    await eventually(lambda: _known(notify))


async def _known(notify: Notify) -> bool:
    kept = "SELECT count(*) FROM confirmations WHERE key = $1"
    return [await notify.count(kept, key) for key in (b"old", b"known")] == [0, 1]
