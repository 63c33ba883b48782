"""A call-back is owed by the clock that the matter's regime names for it."""

from datetime import timedelta
from pathlib import Path

import pytest
from comity.identity.v1 import identity_service_pb2

from tests.integration.notify.conftest import Notify
from tests.integration.notify.test_codes_and_calls import owed
from tests.kit.eventually import eventually
from tests.kit.rules import another_clock, edited


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    clock = another_clock("CALLBACK.LOCAL", like="CALLBACK.CLOSED", file="house.toml").replace("count = 1", "count = 4")
    return edited(
        tmp_path,
        {
            "clocks/house.toml": {"[[rule]]\n": clock + "[[rule]]\n"},
            "regimes/peoples.toml": {'CALL_BACK = "CALLBACK.CLOSED"': 'CALL_BACK = "CALLBACK.LOCAL"'},
        },
    )


async def test_a_call_back_is_owed_by_the_clock_of_the_regime_and_its_lapse_is_told(notify: Notify) -> None:
    call_back = await owed(notify)
    assert call_back.due_time.ToDatetime().date().isoformat() == "2026-03-06"
    await notify.officer_can_be_reached(identity_service_pb2.ROLE_SUPERVISOR)
    await eventually(lambda: there(notify, "SELECT count(*) = 2 FROM staff"))
    notify.clock.advance(timedelta(days=5))
    await eventually(lambda: there(notify, "SELECT count(*) = 1 FROM notices WHERE template = 'call_back_overdue'"))


async def there(notify: Notify, question: str) -> bool:
    return bool(await notify.count(question))
