"""Calendars without collision, notice, quorum, records."""

import asyncio
from datetime import timedelta

from comity.mediation.v1 import case_pb2, session_pb2

from services.common.kernel.errors import DomainError
from tests.integration.mediation.running import Mediation, refusal


async def test_of_fifty_bookings_at_once_one_wins_and_the_others_learn_nothing(mediation: Mediation) -> None:
    name = await mediation.opened()
    case = await mediation.case(name)
    start, end = mediation.at(hours=80), mediation.at(hours=81)

    async def book() -> str:
        try:
            await mediation.call(
                "ScheduleSession",
                mediation.mediator,
                case=name,
                version=case.version,
                kind=session_pb2.SESSION_KIND_JOINT,
                start_time=start,
                end_time=end,
            )
        except DomainError as error:
            return f"{error.reason} {error.metadata}"
        return "BOOKED"

    outcomes = await asyncio.gather(*(book() for _ in range(50)))
    assert outcomes.count("BOOKED") == 1
    assert outcomes.count("SLOT_TAKEN {}") == 49
    assert len(await mediation.sql("SELECT 1 FROM sessions")) == 1


async def test_one_mediator_is_not_in_two_cases_at_once(mediation: Mediation) -> None:
    first, second = await mediation.forward(), await mediation.forward()
    roster = await mediation.roster()
    for name in (first, second):
        await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=roster)
        await mediation.on_case("DiscloseConflict", mediation.mediator, name, statement="无")
        await mediation.read_the_notice(name)
        await mediation.on_case("OpenCase", mediation.mediator, name, identities_checked=True)
    await mediation.schedule(first)
    assert await refusal(mediation.schedule(second, start_hours=80.5)) == "SLOT_TAKEN"
    assert (await mediation.schedule(second, start_hours=82)).state == session_pb2.SESSION_STATE_SCHEDULED


async def test_a_cancelled_session_frees_its_time(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(name)
    await mediation.on_session("CancelSession", mediation.mediator, session.name, reason="改期")
    assert (await mediation.schedule(name)).state == session_pb2.SESSION_STATE_SCHEDULED


async def test_back_to_back_sessions_do_not_collide_and_a_moved_one_takes_its_new_time(mediation: Mediation) -> None:
    name = await mediation.opened()
    first = await mediation.schedule(name, start_hours=80)
    second = await mediation.schedule(name, start_hours=82)
    moved = mediation.on_session(
        "RescheduleSession",
        mediation.mediator,
        first.name,
        start_time=second.start_time,
        end_time=second.end_time,
        reason="改期",
    )
    assert await refusal(moved) == "SLOT_TAKEN"
    again = await mediation.on_session(
        "RescheduleSession",
        mediation.mediator,
        first.name,
        start_time=second.end_time,
        end_time=mediation.at(hours=84),
        reason="改期",
    )
    assert again.start_time == second.end_time


async def test_inside_the_notice_period_it_starts_only_once_all_have_waived(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(name, start_hours=1)
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        await mediation.on_session(
            "CheckIn",
            mediation.mediator,
            session.name,
            party=f"parties/{party}",
            account=f"accounts/{who}",
            identity_method="ID_CARD",
        )
    assert await refusal(mediation.on_session("StartSession", mediation.mediator, session.name)) == "NOTICE_RUNNING"
    await mediation.on_session("WaiveNotice", mediation.complainant, session.name, party=f"parties/{mediation.party_a}")
    foreign = mediation.on_session(
        "WaiveNotice", mediation.complainant, session.name, party=f"parties/{mediation.party_b}"
    )
    assert await refusal(foreign) == "NOT_FOUND"
    assert await refusal(mediation.on_session("StartSession", mediation.mediator, session.name)) == "NOTICE_RUNNING"
    await mediation.on_session("WaiveNotice", mediation.respondent, session.name, party=f"parties/{mediation.party_b}")
    started = await mediation.on_session("StartSession", mediation.mediator, session.name)
    assert started.state == session_pb2.SESSION_STATE_IN_PROGRESS


async def test_without_quorum_it_does_not_start_and_absence_waits_for_the_grace_time(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(name)
    mediation.clock.advance(timedelta(hours=80))
    assert await refusal(mediation.on_session("StartSession", mediation.mediator, session.name)) == "NO_QUORUM"
    absent = {"result": session_pb2.SESSION_RESULT_NO_QUORUM, "absent_party": f"parties/{mediation.party_b}"}
    early = mediation.on_session("EndSession", mediation.mediator, session.name, **absent)
    assert await refusal(early) == "GRACE_RUNNING"
    mediation.clock.advance(timedelta(minutes=16))
    ended = await mediation.on_session("EndSession", mediation.mediator, session.name, **absent)
    assert (ended.state, ended.absent_party) == (
        session_pb2.SESSION_STATE_NO_QUORUM,
        f"parties/{mediation.party_b}",
    )


async def test_a_technical_failure_counts_nobody_as_absent(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(name)
    ended = await mediation.on_session(
        "EndSession", mediation.mediator, session.name, result=session_pb2.SESSION_RESULT_ABORTED
    )
    assert (ended.state, ended.absent_party) == (session_pb2.SESSION_STATE_ABORTED, "")


async def test_a_challenge_in_the_middle_of_a_session_suspends_it(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.hold(name, end=False)
    case = await mediation.on_case(
        "ChallengeMediator", mediation.complainant, name, party=f"parties/{mediation.party_a}", reason="不公正"
    )
    assert case.state == case_pb2.CASE_STATE_SUSPENDED
    found = (await mediation.call("GetSession", mediation.complainant, name=session.name)).session
    assert found.state == session_pb2.SESSION_STATE_ADJOURNED
    decided = mediation.on_case("DecideChallenge", mediation.mediator, name, upheld=False, reason="不成立")
    assert await refusal(decided) == "ACCESS_DENIED"
    case = await mediation.on_case("DecideChallenge", mediation.administrator, name, upheld=False, reason="不成立")
    assert case.state == case_pb2.CASE_STATE_OPEN
