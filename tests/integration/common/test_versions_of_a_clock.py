"""Scenario 3: what began under an older text runs on under it, beside what began under the new one."""

from datetime import UTC, date, datetime

from services.common.deadlines import Deadline, DeadlineState
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.transaction import SYSTEM, Transaction
from tests.integration.common.toy import new_counter, toy
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

RULE, REGIME = "12315.MED", "ADMIN_12315"
OLD, NEW = datetime(2026, 3, 2, 2, tzinfo=UTC), datetime(2026, 4, 20, 2, tzinfo=UTC)


async def test_a_mediation_ends_by_the_text_that_was_in_force_when_it_was_accepted(
    postgres: KitPostgres, nats: KitNats
) -> None:
    ended: list[str] = []

    async def end(_tx: Transaction, deadline: Deadline) -> None:
        ended.append(f"{deadline.rule} {deadline.due_date}")

    clock = FakeClock(OLD)
    async with toy(postgres, nats, clock) as one:
        older, newer = new_counter(), new_counter()
        keeper = DeadlineKeeper(one.database, {RULE: end})
        for counter, anchor, due in ((older, OLD, date(2026, 5, 8)), (newer, NEW, date(2026, 6, 22))):
            clock.set(anchor)
            async with one.database.transaction(SYSTEM) as tx:
                started = await tx.deadlines.start(RULE, counter, "sample", regime=REGIME, anchor=anchor)
            assert (started.due_date, started.provisional) == (due, False)
        expected = []
        for last, name in ((date(2026, 5, 8), f"{RULE}@2020"), (date(2026, 6, 22), f"{RULE}@2026")):
            clock.set(datetime(last.year, last.month, last.day, 15, 59, 59, tzinfo=UTC))
            await keeper.keep()
            assert ended == expected, "the last day counts to its end"
            clock.set(datetime(last.year, last.month, last.day, 16, tzinfo=UTC))
            await keeper.keep()
            expected.append(f"{name} {last}")
            assert ended == expected
        async with one.database.transaction(SYSTEM) as tx:
            found = [each for counter in (older, newer) for each in await tx.deadlines.of(counter.id)]
        assert {each.rule: each.state for each in found} == {
            f"{RULE}@2020": DeadlineState.LAPSED,
            f"{RULE}@2026": DeadlineState.LAPSED,
        }
