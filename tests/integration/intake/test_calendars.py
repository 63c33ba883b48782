"""A year's calendar comes into a running service: clocks are counted again at once, in every replica, and told."""

from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from comity.common.v1 import operations_service_pb2 as operations_pb
from comity.common.v1.operations_service_pb2_grpc import OperationsServiceStub
from comity.intake.v1 import intake_events_pb2

from services.common.kernel.errors import DomainError
from services.common.kernel.principal import Role
from services.common.rpc.client import answered
from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_what_is_away import as_operator
from tests.kit.audit import audit, faults
from tests.kit.calendar_files import SOURCE_2027, load_year, notice, standing_pattern_of_2027
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer

LATE = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)


async def load(intake: Intake, content: bytes, name: str = "cn-2027.toml", caller: Any = None) -> Any:
    return await load_year(intake.channel, caller or as_operator(intake), content, name)


async def calendars(intake: Intake) -> Any:
    room = OperationsServiceStub(intake.channel)
    asked = room.GetCalendars(operations_pb.GetCalendarsRequest(), metadata=as_operator(intake), timeout=30)
    (calendar,) = (await answered(asked)).calendars
    return calendar


async def _clock(intake: Intake, name: str) -> tuple[str, bool]:
    (clock,) = (await intake.get(name, intake.as_person(intake.complainant))).deadlines
    return clock.due_date, clock.provisional


async def test_a_year_that_is_loaded_moves_what_it_must_and_says_so(intake: Intake) -> None:
    intake.clock.set(LATE)
    matter = await intake.file(intake.as_person(intake.complainant))
    # Seven working days from 28 December: 1 January is off by law, 4 January is not known to be worked.
    assert await _clock(intake, matter.name) == ("2027-01-07", True)
    loaded = await load(intake, notice(2027, also_off=[date(2027, 1, 4)]))
    assert (loaded.deadlines_moved, loaded.deadlines_confirmed, loaded.already_there) == (1, 0, False)
    assert await _clock(intake, matter.name) == ("2027-01-08", False)
    told = await eventually(lambda: last_published(intake.client, "intake", "matter.deadline_moved"))
    event = intake_events_pb2.MatterDeadlineMoved.FromString(told)
    assert (event.matter, event.told_to_party) == (matter.name, True)
    move = event.move
    assert (move.rule, move.name_zh) == ("INTAKE.ACCEPT@house-1", "决定是否受理并告知")
    assert (move.old_due_date, move.due_date, move.provisional) == ("2027-01-07", "2027-01-08", False)
    known = await calendars(intake)
    year = known.years[-1]
    assert (year.covers_from, year.source, year.loaded_by[:9]) == ("2027-01-01", SOURCE_2027, "accounts/")
    assert year.load_time.ToDatetime(tzinfo=UTC) == intake.clock.now()
    assert known.by_law_until == "2099-12-31"
    assert faults(await audit("intake", intake.database.superuser_url)) == {}


async def test_the_same_file_again_is_taken_once_and_a_correction_moves_what_was_certain(intake: Intake) -> None:
    intake.clock.set(LATE)
    matter = await intake.file(intake.as_person(intake.complainant))
    first = await load(intake, notice(2027))
    assert (first.deadlines_moved, first.deadlines_confirmed) == (0, 1)
    again = await load(intake, notice(2027))
    assert (again.already_there, again.deadlines_moved, again.deadlines_confirmed) == (True, 0, 0)
    assert again.year == first.year
    corrected = await load(intake, standing_pattern_of_2027())
    assert (corrected.deadlines_moved, corrected.already_there) == (0, False)
    corrected = await load(intake, notice(2027, also_off=[date(2027, 1, 5)]))
    assert corrected.deadlines_moved == 1
    assert await _clock(intake, matter.name) == ("2027-01-08", False)
    assert await intake.scalar("SELECT count(*) FROM event_log WHERE type = 'calendar_year.loaded'") == 3
    assert await intake.scalar("SELECT count(*) FROM calendar_years") == 1


async def test_what_was_loaded_goes_before_the_folder_at_a_start_and_in_another_replica(intake: Intake) -> None:
    intake.clock.set(LATE)
    matter = await intake.file(intake.as_person(intake.complainant))
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(intake.another())
        await load(intake, notice(2027, also_off=[date(2027, 1, 4)]))

        async def known() -> bool:
            return len((await calendars(other)).years) == 4 and await _certain(other)

        await eventually(known)
    async with intake.another() as started:
        assert await eventually(lambda: _certain(started))
    assert await _clock(intake, matter.name) == ("2027-01-08", False)


async def _certain(intake: Intake) -> bool:
    """Whether what is begun now is counted for certain."""
    matter = await intake.file(intake.as_officer())
    (clock,) = (await intake.get(matter.name, intake.as_officer())).deadlines
    return not clock.provisional


REFUSED = {
    "takes a day away that the law gives": (notice(2027, not_off=[date(2027, 1, 1)]), "days_off", "2027-01-01"),
    "leaves a gap": (notice(2028), "covers_from", "2028-01-01"),
    "overlaps": (notice(2027).replace(b"2027-01-01\ncovers", b"2026-12-01\ncovers"), "covers_from", "1 January"),
    "another year's days": (notice(2027, also_off=[date(2026, 5, 1)]), "days_off", "2026-05-01"),
    "ends too early": (notice(2027).replace(b"= 2027-12-31", b"= 2027-11-30"), "covers_until", "2027-12-31"),
    "a make-up day that is a weekday": (notice(2027, worked=[date(2027, 2, 15)]), "makeup_working_days", "2027-02-15"),
    "the same day twice": (
        notice(2027).replace(b"days_off = [", b'days_off = [{date=2027-01-01,name="x"},'),
        "days_off",
        "",
    ),
    "a calendar that is none": (notice(2027, calendar="us"), "calendar", "cn"),
    "another weekend": (notice(2027).replace(b"[6, 7]", b"[5, 6]"), "", ""),
    "a misspelt key": (notice(2027) + b"\nday_off = []", "day_off", ""),
    "no source": (notice(2027, source=" "), "source", ""),
    "a source that moves the cursor": (notice(2027, source="\\u001b[2J"), "source", ""),
    "no TOML": (b"schema = 1\ncovers_from = 2027-13-45", "", "line 2"),
    "no text": ("日历".encode("utf-16"), "", ""),
    "brackets without end": (b"a = " + b"[" * 60_000, "", ""),
    "a number without end": (b"schema = " + b"9" * 60_000, "", ""),
    "nothing": (b"\n", "schema", ""),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_file_that_cannot_be_trusted_is_refused_in_words_and_nothing_of_it_stays(
    intake: Intake, why: str
) -> None:
    content, key, word = REFUSED[why]
    with pytest.raises(DomainError) as caught:
        await load(intake, content, "样本-2027.toml")
    refusal = caught.value
    assert refusal.reason == "CALENDAR_FILE_REFUSED"
    for said in (refusal.zh, refusal.en):
        assert "样本-2027.toml" in said and key in said and len(said) < 600
    assert word in refusal.en
    assert any("\u4e00" <= each <= "\u9fff" for each in refusal.zh.split("：", 1)[1]), "the problem is said in Chinese"
    assert await intake.scalar("SELECT count(*) FROM calendar_years") == 0
    assert [year.covers_from[:4] for year in (await calendars(intake)).years] == ["2024", "2025", "2026"]


async def test_a_file_too_large_and_a_caller_who_is_not_the_operator_are_refused(intake: Intake) -> None:
    with pytest.raises(DomainError) as caught:
        await load(intake, notice(2027) + b"#" * 70_000)
    assert (caught.value.reason, caught.value.field) == ("MALFORMED_REQUEST", "content")
    other = bearer(intake.issuer.person(uuid4(), {uuid4(): [Role.ADMINISTRATOR]}))
    with pytest.raises(DomainError) as caught:
        await load(intake, notice(2027), caller=other)
    assert caught.value.reason == "OPERATOR_REQUIRED"


async def test_an_alert_given_on_a_provisional_day_is_taken_back_when_the_day_is_still_to_come(intake: Intake) -> None:
    intake.clock.set(LATE)
    matter = await intake.file(intake.as_person(intake.complainant))
    intake.clock.set(datetime(2027, 1, 7, 16, 0, tzinfo=UTC))
    await eventually(lambda: last_published(intake.client, "intake", "matter.deadline_lapsed"))
    free = [date(2027, 1, 4) + timedelta(days=each) for each in range(4)]
    loaded = await load(intake, notice(2027, also_off=free))
    assert loaded.deadlines_moved == 1
    (clock,) = (await intake.get(matter.name, intake.as_officer())).deadlines
    assert (clock.due_date, clock.provisional, clock.state) == ("2027-01-13", False, 1)
