"""Filing: a number and a clock at once, for the person itself or for somebody at the counter."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import grpc
import pytest
from comity.common.v1 import dossier_pb2, party_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2
from comity.intake.v1 import intake_service_pb2 as pb

from services.common.kernel.principal import Role
from services.common.rpc.client import pull
from services.common.rpc.errors import refusal_of
from tests.integration.intake.conftest import Intake, a_filing
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer


async def refused(call: object) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call  # type: ignore[misc]
    return refusal_of(error.value).reason


async def test_a_person_files_and_gets_number_clock_and_full_view_of_its_own_side(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    mine, other = matter.parties
    assert matter.number == "2026-000001"
    assert matter.state == matter_pb2.MATTER_STATE_SUBMITTED
    assert [(clock.rule, clock.due_date) for clock in matter.deadlines] == [("INTAKE.ACCEPT@house-1", "2026-03-11")]
    assert mine.account == f"accounts/{intake.complainant}"
    assert mine.particulars.identity_number == "110101199003070011"
    assert other.particulars.identity_number == "911100****"
    assert (other.particulars.phone, other.particulars.email, other.particulars.address) == ("", "", "")


async def test_what_papers_say_of_a_party_is_kept_and_goes_to_mediation_and_not_to_the_other_side(
    intake: Intake,
) -> None:
    request = a_filing(intake.organisation)
    request.complainant.ethnic_group, request.complainant.occupation = "汉族", "教师"
    request.complainant.sex, request.complainant.birth_date = party_pb2.SEX_MALE, "1990-03-08"
    request.respondent.organisation_form = party_pb2.ORGANISATION_FORM_SOLE_TRADER
    request.respondent.legal_representative, request.respondent.trade_name = "李样本", "样本小吃店"
    filed = await intake.call("FileMatter", request, intake.as_person(intake.complainant))
    assert [(each.rule, each.field) for each in filed.warnings] == [
        ("BIRTH_DATE_CONTRADICTS_NUMBER", "complainant.birth_date"),
    ]
    mine, other = (await intake.get(filed.matter.name, intake.as_person(intake.complainant))).parties
    assert (mine.particulars.occupation, mine.particulars.birth_date) == ("教师", "1990-03-08")
    assert mine.particulars.identity_paper == party_pb2.IDENTITY_PAPER_RESIDENT_CARD
    assert other.particulars.legal_representative == ""
    everything = (await intake.get(filed.matter.name, intake.as_officer())).parties
    assert everything[1].particulars.trade_name == "样本小吃店"
    assert everything[1].particulars.organisation_form == party_pb2.ORGANISATION_FORM_SOLE_TRADER


async def test_an_officer_files_for_a_person_without_account(intake: Intake) -> None:
    matter = await intake.file(intake.as_officer(), channel=matter_pb2.CHANNEL_HOTLINE)
    assert matter.parties[0].account == ""
    assert matter.parties[1].particulars.phone == "+8613800000002"
    connection = await asyncpg.connect(intake.database.superuser_url)
    actor, authority = await connection.fetchrow("SELECT actor, authority FROM event_log")
    await connection.close()
    assert actor == f"accounts/{intake.officer}"
    assert authority == f"officer of organisations/{intake.organisation}"


async def test_the_same_request_is_answered_once_and_takes_one_number(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    caller = intake.as_person(intake.complainant)
    first = await intake.call("FileMatter", request, caller)
    again = await intake.call("FileMatter", request, caller)
    assert first == again
    request.facts = "other"
    assert await refused(intake.call("FileMatter", request, caller)) == "REQUEST_ID_REUSED"
    assert (first.matter.number, (await intake.file(caller)).number) == ("2026-000001", "2026-000002")


async def test_numbers_are_unique_when_many_file_at_once(intake: Intake) -> None:
    filed = await asyncio.gather(*(intake.file(intake.as_officer()) for _ in range(60)))
    assert len({matter.number for matter in filed}) == 60


async def test_a_new_year_in_beijing_starts_anew(intake: Intake) -> None:
    await intake.file(intake.as_person(intake.complainant))
    intake.clock.set(intake.clock.now().replace(month=12, day=31, hour=15, minute=59))
    assert (await intake.file(intake.as_person(intake.complainant))).number == "2026-000002"
    intake.clock.advance(timedelta(minutes=2))
    matter = await intake.file(intake.as_person(intake.complainant))
    assert matter.number == "2027-000001"
    assert matter.deadlines[0].provisional


async def test_a_name_that_no_font_prints_is_refused_and_named(intake: Intake) -> None:
    complainant = party_pb2.PartyParticulars(
        display_name="样本\U0001f600", kind=party_pb2.PARTY_KIND_NATURAL_PERSON, locale="zh"
    )
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await intake.file(intake.as_person(intake.complainant), complainant=complainant)
    refusal = refusal_of(error.value)
    assert refusal.field == "complainant.display_name"
    assert "1F600" in refusal.en.upper() or "\U0001f600" in refusal.en


async def test_a_matter_is_not_filed_to_an_organisation_that_receives_none(intake: Intake) -> None:
    caller = intake.as_person(intake.complainant)
    unknown = intake.file(caller, organisation=f"organisations/{uuid4()}")
    assert await refused(unknown) == "ORGANISATION_UNKNOWN"
    mediating = intake.file(caller, organisation=f"organisations/{intake.mediation}")
    assert await refused(mediating) == "ORGANISATION_WRONG_KIND"


async def test_the_event_carries_no_name_and_notify_pulls_the_contacts_by_digest(intake: Intake) -> None:
    subscription = await intake.client.jetstream().subscribe("comity.intake.v1.matter.received", stream="INTAKE")
    matter = await intake.file(intake.as_person(intake.complainant))
    message = await subscription.next_msg(timeout=30)
    event = intake_events_pb2.MatterReceived.FromString(message.data)
    assert (event.number, event.acceptance_due_date) == (matter.number, "2026-03-11")
    assert b"sample.example" not in message.data and "样本".encode() not in message.data
    request = pb.ReadContactDossierRequest(matter=event.matter, digest=event.contacts_digest)

    async def read(caller: object) -> bytes:
        return await pull(lambda: intake.stub.ReadContactDossier(request, metadata=caller), event.contacts_digest)

    cards = dossier_pb2.ContactDossier.FromString(await read(intake.as_service("notify"))).cards
    assert [card.email for card in cards] == ["a@sample.example", "b@sample.example"]
    for caller in (intake.as_service("mediation"), intake.as_officer(), intake.as_person(intake.complainant)):
        with pytest.raises(Exception, match="ACCESS_DENIED"):
            await read(caller)


async def test_what_belongs_to_others_answers_as_if_absent(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    elsewhere = bearer(intake.issuer.person(uuid4(), {uuid4(): [Role.INTAKE_OFFICER]}))
    colleague = bearer(intake.issuer.person(uuid4(), {intake.organisation: [Role.MEDIATOR]}))
    for caller in (intake.as_person(uuid4()), elsewhere, colleague):
        assert await refused(intake.get(matter.name, caller)) == "NOT_FOUND"
        page = await intake.call("ListMatters", pb.ListMattersRequest(), caller)
        assert list(page.matters) == []
    assert await refused(intake.get(f"matters/{uuid4()}", intake.as_officer())) == "NOT_FOUND"
    triage = pb.TriageMatterRequest(
        request_id=str(uuid4()), name=matter.name, version=1, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY
    )
    assert await refused(intake.call("TriageMatter", triage, elsewhere)) == "NOT_FOUND"


async def test_row_level_security_hides_a_party_from_the_other_side_and_everything_from_nobody(intake: Intake) -> None:
    await intake.file(intake.as_person(intake.complainant))
    connection = await asyncpg.connect(intake.database.url)
    tables = ("matters", "parties", "particulars", "contacts", "dossiers", "matter_viewers")
    try:
        for table in tables:
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        async with connection.transaction():
            viewer = f"accounts/{intake.complainant}"
            await connection.execute("SELECT set_config('comity.viewer', $1, true)", viewer)
            seen = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
        assert seen == [1, 2, 1, 0, 0, 1]
    finally:
        await connection.close()


async def test_lists_are_paged_newest_first_and_filtered(intake: Intake) -> None:
    filed = [await intake.file(intake.as_person(intake.complainant)) for _ in range(5)]
    await intake.file(intake.as_person(uuid4()))
    names: list[str] = []
    token = ""
    while True:
        request = pb.ListMattersRequest(page_size=2, page_token=token)
        page = await intake.call("ListMatters", request, intake.as_person(intake.complainant))
        names += [matter.name for matter in page.matters]
        token = page.next_page_token
        if not token:
            break
    assert names == [matter.name for matter in reversed(filed)]
    everything = await intake.call("ListMatters", pb.ListMattersRequest(), intake.as_officer())
    assert len(everything.matters) == 6
    await intake.act(
        "Decline", filed[0].name, ground=matter_pb2.DECLINE_GROUND_NO_DISPUTE, remedies="可以向人民法院起诉。"
    )
    declined = pb.ListMattersRequest(
        state=matter_pb2.MATTER_STATE_DECLINED, organisation=f"organisations/{intake.organisation}"
    )
    page = await intake.call("ListMatters", declined, intake.as_officer())
    assert [matter.name for matter in page.matters] == [filed[0].name]
    assert await refused(intake.call("ListMatters", declined, intake.as_person(uuid4()))) == "NOT_FOUND"


async def test_everybody_is_told_of_a_matter_through_the_stream(intake: Intake) -> None:
    await intake.file(intake.as_person(intake.complainant))
    jetstream = intake.client.jetstream()

    async def published() -> bool:
        return bool((await jetstream.stream_info("INTAKE")).state.messages == 1)

    await eventually(published)


@pytest.mark.parametrize("side", ["complainant", "respondent"])
@pytest.mark.parametrize(
    ("kind", "contact"),
    [
        ("email", "a,b@sample.example"),
        ("email", "<x@sample.example"),
        ("email", "(n)victim@sample.example"),
        ("email", "victim%sample.example@relay.example"),
        ("email", "victim@localhost"),
        ("email", "vic..tim@sample.example"),
        ("email", "+8613800000001"),
        ("phone", "victim@sample.example"),
        ("phone", "1380000000"),
    ],
)
async def test_a_contact_that_could_not_be_written_to_is_refused_by_field_and_takes_no_number(
    intake: Intake, side: str, kind: str, contact: str
) -> None:
    request = a_filing(intake.organisation)
    setattr(getattr(request, side), kind, contact)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await intake.call("FileMatter", request, intake.as_person(intake.complainant))
    refusal = refusal_of(error.value)
    assert refusal.reason in ("CONTACT_MALFORMED", "MALFORMED_REQUEST") and refusal.field == f"{side}.{kind}"
    assert (await intake.file(intake.as_person(intake.complainant))).number == "2026-000001"


async def test_a_contact_is_kept_in_its_one_spelling(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.complainant.email = "Wang@\u4f8b\u5b50.\u4e2d\u56fd"
    matter = (await intake.call("FileMatter", request, intake.as_person(intake.complainant))).matter
    assert matter.parties[0].particulars.email == "wang@xn--fsqu00a.xn--fiqs8s"


async def test_one_account_files_so_many_a_day_and_is_told_when_to_file_again(intake: Intake) -> None:
    person = intake.as_person(intake.complainant)
    numbers = [(await intake.file(person)).number for _ in range(20)]
    request = a_filing(intake.organisation)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await intake.call("FileMatter", request, person)
    refusal = refusal_of(error.value)
    assert (error.value.code(), refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_FILINGS")
    assert refusal.metadata["retry_time"] == "2026-03-02T16:00:00+00:00"
    connection = await asyncpg.connect(intake.database.superuser_url)
    assert await connection.fetchval("SELECT count(*) FROM matters") == 20
    await connection.close()
    # Neither another person nor an officer is kept from filing, and no number is lost.
    assert (await intake.file(intake.as_person(uuid4()))).number == "2026-000021"
    assert [(await intake.file(intake.as_officer())).number for _ in range(21)][-1] == "2026-000042"
    assert numbers[-1] == "2026-000020"
    intake.clock.advance(timedelta(hours=15))
    again = bearer(intake.issuer.person(intake.complainant))
    assert (await intake.call("FileMatter", request, again)).matter.number == "2026-000043"


async def test_a_filing_said_again_is_answered_when_the_quota_is_used_up(intake: Intake) -> None:
    person, request = intake.as_person(intake.complainant), a_filing(intake.organisation)
    first = await intake.call("FileMatter", request, person)
    for _ in range(19):
        await intake.file(person)
    assert await intake.call("FileMatter", request, person) == first


async def test_people_write_as_they_write_and_each_value_is_kept_in_one_spelling(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.complainant.display_name = "Nguye\u0302\u0303n Thi\u0323 A\u0301nh"
    request.complainant.identity_number = "110105 19491231 002ｘ"
    request.complainant.phone = "139 0000-0001"
    request.complainant.email = "Wang＠Sample.Invalid"
    request.respondent.phone = "（010）12345678 转 801"
    request.respondent.identity_number = "９１３５０１００M000100Y43"
    request.facts = "cafe\u0301 事实"
    filed = await intake.call("FileMatter", request, intake.as_officer())
    first, second = (each.particulars for each in filed.matter.parties)
    assert (first.display_name, first.identity_number) == ("Nguyễn Thị Ánh", "11010519491231002X")
    assert (first.phone, first.email) == ("+8613900000001", "wang@sample.invalid")
    assert (second.phone, second.identity_number) == ("+861012345678;ext=801", "91350100M000100Y43")
    assert filed.matter.facts == "café 事实"
    assert (first.birth_date, first.sex) == ("1949-12-31", party_pb2.SEX_FEMALE)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("identity_number", "-----", "IDENTITY_NUMBER_MALFORMED"),
        ("phone", "83551234", "CONTACT_MALFORMED"),
        ("email", "a" * 65 + "@sample.invalid", "CONTACT_MALFORMED"),
        ("email", "a@" + ".".join(["b" * 61] * 4) + ".invalid", "CONTACT_MALFORMED"),
        ("region_code", "南京", "MALFORMED_REQUEST"),
        ("display_name", "王" * 101, "MALFORMED_REQUEST"),
        ("nationality", "XX", "NATIONALITY_UNKNOWN"),
    ],
)
async def test_what_cannot_be_taken_is_refused_at_entry_in_words(
    intake: Intake, field: str, value: str, reason: str
) -> None:
    request = a_filing(intake.organisation)
    setattr(request.respondent, field, value)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await intake.call("FileMatter", request, intake.as_officer())
    refusal = refusal_of(error.value)
    assert (refusal.reason, refusal.field) == (reason, f"respondent.{field}")
    assert not {"^", "\\", "[", "regex"} & set(refusal.zh + refusal.en) and "regex" not in refusal.en


async def test_a_party_whom_no_message_reaches_is_told_at_filing_and_not_invited(intake: Intake) -> None:
    request = a_filing(intake.organisation)
    request.respondent.email, request.respondent.phone = "", "010-12345678"
    filed = await intake.call("FileMatter", request, intake.as_officer())
    assert "CONTACT_TAKES_NO_MESSAGES" in [each.rule for each in filed.warnings]
    name, party = filed.matter.name, filed.matter.parties[1].name
    await intake.act("Triage", name, regime="PEOPLES", severity=matter_pb2.SEVERITY_ORDINARY)
    await intake.act("Accept", name)
    assert await refused(intake.act("InviteParty", name, party=party)) == "NO_CONTACT_ON_FILE"


async def test_a_filing_does_not_wait_for_another_of_the_same_officer(intake: Intake) -> None:
    await intake.file(intake.as_officer())
    connection = await asyncpg.connect(intake.database.superuser_url)
    async with connection.transaction():
        # As a filing does that has not come to its commit.
        held = await connection.fetch("SELECT 1 FROM filings WHERE filed > 0 FOR UPDATE")
        assert len(held) == 1
        assert (await intake.file(intake.as_officer())).number == "2026-000002"
    await connection.close()


async def test_the_limit_holds_exactly_when_twenty_file_at_once_at_its_edge(intake: Intake) -> None:
    person = intake.as_person(intake.complainant)
    for _ in range(10):
        await intake.file(person)
    ended = await asyncio.gather(*(intake.file(person) for _ in range(20)), return_exceptions=True)
    refusals = [refusal_of(each).reason for each in ended if isinstance(each, grpc.aio.AioRpcError)]
    assert refusals == ["TOO_MANY_FILINGS"] * 10
    connection = await asyncpg.connect(intake.database.superuser_url)
    assert await connection.fetchval("SELECT count(*) FROM matters") == 20
    await connection.close()


async def test_twenty_at_once_in_the_first_moment_of_a_day_all_find_room(intake: Intake) -> None:
    person = intake.as_person(intake.complainant)
    await intake.file(person)
    intake.clock.advance(timedelta(hours=15))
    tomorrow = bearer(intake.issuer.person(intake.complainant))
    filed = await asyncio.gather(*(intake.file(tomorrow) for _ in range(20)))
    assert len({matter.number for matter in filed}) == 20
    assert await refused(intake.file(tomorrow)) == "TOO_MANY_FILINGS"


async def test_what_is_refused_for_another_reason_takes_no_room(intake: Intake) -> None:
    person = intake.as_person(intake.complainant)
    request = a_filing(intake.organisation)
    await intake.call("FileMatter", request, person)
    request.facts = "other"
    for _ in range(20):
        assert await refused(intake.call("FileMatter", request, person)) == "REQUEST_ID_REUSED"
    for _ in range(19):
        await intake.file(person)
    assert await refused(intake.file(person)) == "TOO_MANY_FILINGS"


async def test_what_an_officer_files_for_others_is_counted_apart_from_what_the_officer_files_alone(
    intake: Intake,
) -> None:
    for _ in range(20):
        await intake.file(bearer(intake.issuer.person(intake.officer)))
    assert await refused(intake.file(bearer(intake.issuer.person(intake.officer)))) == "TOO_MANY_FILINGS"
    assert (await intake.file(intake.as_officer())).number == "2026-000021"
