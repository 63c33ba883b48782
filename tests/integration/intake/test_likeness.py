"""The same complaint again, and one person on both sides: pointed out to officers, seen by nobody else, never refused."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from comity.intake.v1 import intake_service_pb2 as pb

from services.intake.domain.likeness import LOOKED_AT, complainant_keys
from services.intake.domain.values import Party, PartyKind, PartySide, PrivateParticulars
from services.intake.storage.repositories import OTHERS
from tests.integration.intake.conftest import Intake, a_filing
from tests.kit.plans import rows_read

FACTS = "样本 SAMPLE：2026年3月1日在被申请人处购买冰箱一台，使用三日后不制冷，多次要求退货退款，被申请人拒绝。"


async def filed(intake: Intake, caller: Any = None, **changes: Any) -> Any:
    request = a_filing(intake.organisation)
    request.request_id, request.facts = str(uuid4()), FACTS
    for path, value in changes.items():
        side, _, field = path.partition("__")
        setattr(getattr(request, side) if field else request, field or side, value)
    return (await intake.call("FileMatter", request, caller or intake.as_officer())).matter


async def duplicates(intake: Intake, name: str) -> list[str]:
    return [each.matter for each in (await intake.get(name, intake.as_officer())).possible_duplicates]


async def test_the_same_complaint_again_is_pointed_out_with_its_number(intake: Intake) -> None:
    first = await filed(intake)
    again = await filed(
        intake,
        facts=FACTS + "现再次投诉。",
        complainant__identity_number="110101 900307 001",
        complainant__phone="139 0000 0009",
        respondent__identity_number="",
        respondent__phone="",
        respondent__display_name="sample  trading LTD",
    )
    seen = await intake.get(again.name, intake.as_officer())
    assert [(each.matter, each.number) for each in seen.possible_duplicates] == [(first.name, first.number)]
    assert await duplicates(intake, first.name) == [again.name]


async def test_what_only_looks_alike_in_part_is_none(intake: Intake) -> None:
    first = await filed(intake)
    await filed(intake, respondent__display_name="另一家公司", respondent__identity_number="", respondent__phone="")
    await filed(intake, facts="房屋漏水，楼上住户不予修理，要求赔偿地板损失。")
    await filed(intake, complainant__identity_number="11010519491231002X", complainant__phone="+8613900000077")
    await intake.pass_time(timedelta(days=181))
    await filed(intake)
    assert await duplicates(intake, first.name) == []


async def test_parties_are_told_of_no_likeness(intake: Intake) -> None:
    caller = intake.as_person(intake.complainant)
    await filed(intake, caller)
    again = await filed(intake, caller)
    seen = await intake.get(again.name, caller)
    assert list(seen.possible_duplicates) == [] and list(seen.remarks) == []


async def test_another_organisation_s_matters_are_not_told(intake: Intake) -> None:
    first = await filed(intake)
    connection = await asyncpg.connect(intake.database.superuser_url)
    await connection.execute("UPDATE likenesses SET organisation_id = $1", uuid4())
    await connection.close()
    again = await filed(intake)
    assert await duplicates(intake, again.name) == [] and first.name != again.name


async def test_one_person_on_both_sides_is_pointed_out_and_taken(intake: Intake) -> None:
    same = await filed(intake, respondent__identity_number="110101-19900307-0011")
    seen = await intake.get(same.name, intake.as_officer())
    assert "SAME_PERSON_ON_BOTH_SIDES" in [each.rule for each in seen.remarks]
    phone = await filed(intake, respondent__phone="138 0000 0001")
    seen = await intake.get(phone.name, intake.as_officer())
    assert "SAME_CONTACT_ON_BOTH_SIDES" in [each.rule for each in seen.remarks]
    plain = await intake.get((await filed(intake)).name, intake.as_officer())
    assert not {each.rule for each in plain.remarks} & {"SAME_PERSON_ON_BOTH_SIDES", "SAME_CONTACT_ON_BOTH_SIDES"}


async def test_who_files_is_told_of_one_person_on_both_sides(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.respondent.identity_number = request.complainant.identity_number
    answer: pb.FileMatterResponse = await intake.call("FileMatter", request, intake.as_officer())
    assert "SAME_PERSON_ON_BOTH_SIDES" in [each.rule for each in answer.warnings]


async def test_no_more_is_read_than_the_newest_matters_of_the_complainant(intake: Intake) -> None:
    for number in range(12):
        await filed(intake, complainant__identity_number=f"E{number:08}", complainant__phone="")
    mine = [await filed(intake) for _ in range(4)]
    matter = await stored(intake, mine[0].name)
    values = {
        "organisation": intake.organisation,
        "keys": list(complainant_keys(matter)),
        "itself": matter.id,
        "size": LOOKED_AT,
    }
    read = await rows_read(intake.database.url, "system", "likenesses", OTHERS, **values)
    assert read <= len(values["keys"]) * len(mine)


async def stored(intake: Intake, name: str) -> Any:
    """The matter as the service keeps it."""
    seen = await intake.get(name, intake.as_officer())
    parties = tuple(
        Party(
            id=uuid4(),
            side=side,
            display_name=each.particulars.display_name,
            kind=PartyKind.NATURAL_PERSON,
            particulars=PrivateParticulars(
                identity_number=each.particulars.identity_number, phone=each.particulars.phone
            ),
        )
        for side, each in zip(PartySide, seen.parties, strict=True)
    )
    return SimpleNamespace(id=UUID(name.partition("/")[2]), complainant=parties[0], parties=parties)
