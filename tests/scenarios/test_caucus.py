"""Scenario 10: what a party tells the mediator alone stays there until that party releases it, item by item."""

from uuid import uuid4

from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.common.kernel.errors import ErrorKind
from tests.scenarios.conftest import Town
from tests.scenarios.played import refusal

_FIRST, _SECOND = "实际八万元可以接受 would take 80k（样本）", "下月要搬家 moving next month（样本）"


async def test_a_caucus_note_is_its_party_s_until_that_party_releases_it_item_by_item(town: Town) -> None:
    case = town.journey("caucus")
    await case.to_open()
    await town.quiet()
    notices = len(await case.notices(case.respondent))
    first = await case.caucus_note("complainant", _FIRST)
    second = await case.caucus_note("complainant", _SECOND)
    assert {each.text for each in await case.items(case.mediator)} == {_FIRST, _SECOND}
    assert await case.items(case.respondent) == []
    assert await case.items(case.complainant) == [first, second] or await case.items(case.complainant) == [
        second,
        first,
    ]

    foreign = await refusal(case.release_as(case.respondent, first))
    absent = await refusal(case.release_as(case.respondent, first, name="items/01890000-0000-7000-8000-000000000001"))
    assert (foreign.kind, foreign.reason, foreign.en) == (absent.kind, absent.reason, absent.en)
    assert foreign.kind is ErrorKind.NOT_FOUND
    by_mediator = await refusal(case.release_as(case.mediator, first))
    assert by_mediator.kind in {ErrorKind.DENIED, ErrorKind.NOT_FOUND}
    into_foreign = await refusal(case.note(case.respondent, "x（样本）", case_pb2.COMPARTMENT_CAUCUS, "complainant"))
    assert into_foreign.kind in {ErrorKind.DENIED, ErrorKind.NOT_FOUND}
    assert await case.items(case.respondent) == []
    await town.quiet()
    assert len(await case.notices(case.respondent)) == notices

    released = await case.release_as(case.complainant, second)
    assert released.HasField("release_time")
    assert [each.text for each in await case.items(case.respondent)] == [_SECOND]
    assert (await refusal(case.release_as(case.respondent, first))).kind is ErrorKind.NOT_FOUND


async def test_who_is_pressed_before_there_is_a_case_reaches_the_officers_and_nobody_else(town: Town) -> None:
    case = town.journey("pressed early", lane=3)
    await case.file()
    await case.take_up()
    await town.quiet()
    before = len(await case.notices(case.complainant))
    await case.tell_officers_of_pressure()
    await town.quiet()
    said = [each.subject for each in await case.notices(case.officer) if each.template == "word_for_officers"]
    assert said.count(case.matter) == 1
    assert len(await case.notices(case.complainant)) == before


async def test_who_is_pressed_reaches_the_mediator_and_nobody_else(town: Town) -> None:
    case = town.journey("pressed", lane=2)
    await case.to_open()
    await town.quiet()
    others = {side: len(await case.notices(case.of(side))) for side in ("complainant", "respondent")}
    await case.complainant.call(
        case.mediator.services.mediation.ReportPressure,
        mediation_pb.ReportPressureRequest(
            request_id=str(uuid4()), name=case.name, party=case.parties["complainant"], text="有人逼我（样本）"
        ),
    )
    (told,) = [each for each in await case.items(case.mediator) if each.pressure]
    assert told.text == "有人逼我（样本）"
    await town.quiet()
    said = [each for each in await case.notices(case.mediator) if each.template == "word_for_mediator"]
    assert [each.subject for each in said] == [case.name]
    assert "逼" not in said[0].body
    assert {side: len(await case.notices(case.of(side))) for side in others} == others
