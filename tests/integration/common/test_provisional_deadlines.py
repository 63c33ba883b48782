"""A limit that falls on a day no published calendar covers: nothing happens by itself, until the calendar is there."""

from datetime import UTC, date, datetime

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.common.deadlines import CalendarYear, Deadline
from services.common.deadlines.rule import ANY_REGIME
from services.common.storage.deadline_keeper import DeadlineKeeper
from services.common.storage.transaction import SYSTEM, LawBooks, Transaction
from tests.integration.common.toy import new_counter, toy
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

EFFECTIVE = datetime(2026, 12, 2, 2, tzinfo=UTC)
RULE = "CONF.APPLY"
ALERT = "INTAKE.CLOSE"


def published(books: LawBooks, *more: date) -> LawBooks:
    """The books with a year 2027, 样本 SAMPLE: the days off by law and more."""
    calendar = books.rulebook.calendars["cn"]
    year = CalendarYear(
        calendar_id="cn",
        covers_from=date(2027, 1, 1),
        covers_until=date(2027, 12, 31),
        weekend=calendar.weekend,
        days_off=frozenset({*(day for day in calendar.by_law if day.year == 2027), *more}),
        makeup_days=frozenset(),
        source="样本 SAMPLE",
        compared_with_official_notice=False,
    )
    return LawBooks(books.rulebook.with_calendar_year(year, "0" * 64), books.regimes)


@pytest.mark.parametrize(("more", "ends"), [((), "2027-01-04"), ((date(2027, 1, 4),), "2027-01-05")])
async def test_nothing_ends_by_itself_on_a_provisional_day_and_all_does_once_the_calendar_is_there(
    postgres: KitPostgres, nats: KitNats, more: tuple[date, ...], ends: str
) -> None:
    ended: list[str] = []

    async def consequence(_tx: Transaction, deadline: Deadline) -> None:
        ended.append(f"{deadline.rule_id} {deadline.due_date}")

    clock = FakeClock(EFFECTIVE)
    async with toy(postgres, nats, clock) as one:
        counter = new_counter()
        async with one.database.transaction(SYSTEM) as tx:
            started = await tx.deadlines.start(RULE, counter, "sample", regime=ANY_REGIME, anchor=EFFECTIVE)
            await tx.deadlines.start(ALERT, counter, "sample", regime=ANY_REGIME, anchor=EFFECTIVE)
        assert (started.due_date, started.provisional) == (date(2027, 1, 4), True)
        clock.set(datetime(2027, 6, 1, tzinfo=UTC))
        assert not started.ended(clock.now())
        consequences = {RULE: consequence, ALERT: consequence}
        await DeadlineKeeper(one.database, consequences).keep()
        assert [each.split()[0] for each in ended] == [ALERT], "an alert takes no right away"
        assert REGISTRY.get_sample_value("comity_deadlines_unsure") == 1
        left = REGISTRY.get_sample_value("comity_calendar_days_left", {"calendar": "cn"})
        assert left == (date(2026, 12, 31) - date(2027, 6, 1)).days
        one.database.books = published(one.database.books, *more)
        with capture_logs() as told:
            await DeadlineKeeper(one.database, consequences).keep()
        moved = [(line["old"], line["new"], line["provisional"]) for line in told if line["event"] == "deadline_moved"]
        assert moved == [("2027-01-04", ends, False)]
        assert ended[1:] == [f"{RULE} {ends}"]
        assert REGISTRY.get_sample_value("comity_deadlines_unsure") == 0
