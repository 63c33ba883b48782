"""A consequence that cannot be carried out: tried again, told once, seen by the operator."""

from datetime import timedelta

from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.common.deadlines import Deadline
from services.common.deadlines.rule import ANY_REGIME
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import new_counter, toy
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

RULE = "INTAKE.ACCEPT"


async def test_a_consequence_that_fails_is_told_once_shown_and_done_when_it_can_be(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock
) -> None:
    fails, tries = True, 0

    async def consequence(_tx: Transaction, _deadline: Deadline) -> None:
        nonlocal tries
        tries += 1
        if fails:
            raise LookupError("sample")

    def failing() -> float | None:
        return REGISTRY.get_sample_value("comity_deadlines_failing")

    async with toy(postgres, nats, clock) as one:
        counter = new_counter()
        async with one.database.transaction(SYSTEM) as tx:
            await tx.deadlines.start(RULE, counter, "matters", regime=ANY_REGIME, anchor=clock.now())
        clock.advance(timedelta(days=30))
        keeper = DeadlineKeeper(one.database, {RULE: consequence})
        with capture_logs() as told:
            await keeper.keep()
            await keeper.keep()
            await keeper.keep()
        assert [line["event"] for line in told] == ["deadline_consequence_failed"]
        assert tries == 2, "at the next round, and then at growing distances"
        assert failing() == 1
        fails = False
        other = DeadlineKeeper(one.database, {RULE: consequence})  # Another replica, or this one later.
        await other.keep()
        assert failing() == 0
        assert await one.scalar("SELECT state FROM deadlines") == "LAPSED"
