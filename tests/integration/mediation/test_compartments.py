"""Private stays private: through every list and get, and by SQL as the service's own role with another viewer."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from comity.mediation.v1 import case_pb2, offer_pb2, session_pb2

from tests.integration.mediation.running import Mediation, refusal

SECRET = "八万元也可以接受 would take 80k"


async def note(
    mediation: Mediation, name: str, who: UUID, compartment: int, party: UUID | None = None
) -> case_pb2.Item:
    answer = await mediation.call(
        "AddItem",
        who,
        case=name,
        compartment=compartment,
        party=f"parties/{party}" if party else "",
        text=SECRET,
    )
    return answer.item


async def texts(mediation: Mediation, name: str, who: UUID) -> list[str]:
    return [each.text for each in (await mediation.call("ListItems", who, case=name)).items]


async def test_a_caucus_note_is_seen_by_its_party_and_the_mediator_until_the_party_releases_it(
    mediation: Mediation,
) -> None:
    name = await mediation.opened()
    item = await note(mediation, name, mediation.complainant, case_pb2.COMPARTMENT_CAUCUS, mediation.party_a)
    assert await texts(mediation, name, mediation.complainant) == [SECRET]
    assert await texts(mediation, name, mediation.mediator) == [SECRET]
    for outsider in (mediation.respondent, mediation.administrator, mediation.keeper):
        assert await texts(mediation, name, outsider) == []
    release = mediation.call("ReleaseItem", mediation.mediator, name=item.name, version=item.version)
    assert await refusal(release) == "RELEASE_BY_PARTY"
    await mediation.call("ReleaseItem", mediation.complainant, name=item.name, version=item.version)
    assert await texts(mediation, name, mediation.respondent) == [SECRET]


@pytest.mark.parametrize(
    ("compartment", "readers"),
    [
        (case_pb2.COMPARTMENT_CAUCUS, {"complainant", "mediator"}),
        (case_pb2.COMPARTMENT_PARTY_PRIVATE, {"complainant"}),
        (case_pb2.COMPARTMENT_MEDIATOR_ONLY, {"mediator"}),
        (case_pb2.COMPARTMENT_SHARED, {"complainant", "respondent", "mediator", "administrator"}),
    ],
)
async def test_the_database_itself_hides_a_compartment_from_every_other_viewer(
    mediation: Mediation, compartment: int, readers: set[str]
) -> None:
    name = await mediation.opened()
    mediator_writes = compartment == case_pb2.COMPARTMENT_MEDIATOR_ONLY
    of_a_party = compartment in (case_pb2.COMPARTMENT_CAUCUS, case_pb2.COMPARTMENT_PARTY_PRIVATE)
    writer = mediation.mediator if mediator_writes else mediation.complainant
    await note(mediation, name, writer, compartment, mediation.party_a if of_a_party else None)
    people = {
        "complainant": mediation.complainant,
        "respondent": mediation.respondent,
        "mediator": mediation.mediator,
        "administrator": mediation.administrator,
        "stranger": uuid4(),
    }
    seen = {who for who, account in people.items() if await mediation.sql_as(account, "SELECT 1 FROM items")}
    assert seen == readers


async def test_no_table_that_another_viewer_can_read_holds_the_text(mediation: Mediation) -> None:
    name = await mediation.opened()
    await note(mediation, name, mediation.complainant, case_pb2.COMPARTMENT_CAUCUS, mediation.party_a)
    tables = await mediation.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for row in tables:
        if row["tablename"] == "alembic_version":
            continue
        found = await mediation.sql_as(
            mediation.respondent, f'SELECT 1 FROM "{row["tablename"]}" AS r WHERE r::text LIKE $1', f"%{SECRET}%"
        )
        assert found == [], row["tablename"]


async def test_without_a_viewer_there_are_no_rows(mediation: Mediation) -> None:
    import asyncpg  # noqa: PLC0415

    await mediation.opened()
    connection = await asyncpg.connect(mediation.database.url)
    try:
        for table in ("cases", "case_members", "items", "offers", "sessions", "agreements", "bookings", "event_log"):
            assert await connection.fetch(f"SELECT 1 FROM {table}") == [], table
    finally:
        await connection.close()


async def test_a_stranger_finds_nothing_and_no_difference_to_what_is_not_there(mediation: Mediation) -> None:
    name = await mediation.opened()
    stranger = uuid4()
    assert await refusal(mediation.call("GetCase", stranger, name=name)) == "NOT_FOUND"
    assert await refusal(mediation.call("GetCase", stranger, name=f"cases/{uuid4()}")) == "NOT_FOUND"
    assert await refusal(mediation.call("ListItems", stranger, case=name)) == "NOT_FOUND"
    assert list((await mediation.call("ListCases", stranger)).cases) == []


async def test_the_other_side_learns_nothing_of_a_caucus_session(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(
        name, kind=session_pb2.SESSION_KIND_CAUCUS, caucus_party=f"parties/{mediation.party_a}"
    )
    mine = await mediation.call("ListSessions", mediation.complainant, case=name)
    assert [each.name for each in mine.sessions] == [session.name]
    theirs = await mediation.call("ListSessions", mediation.respondent, case=name)
    assert list(theirs.sessions) == []
    assert await refusal(mediation.call("GetSession", mediation.respondent, name=session.name)) == "NOT_FOUND"
    assert await mediation.sql_as(mediation.respondent, "SELECT 1 FROM sessions") == []
    assert await mediation.sql_as(mediation.respondent, "SELECT 1 FROM bookings") == []


async def test_particulars_of_the_other_side_come_masked(mediation: Mediation) -> None:
    name = await mediation.opened()
    seen = await mediation.case(name, mediation.complainant)
    mine, theirs = seen.parties
    assert mine.particulars.identity_number == "110101199003070011"
    assert theirs.particulars.identity_number == "911100****"
    assert (theirs.particulars.address, theirs.account) == ("", "")


async def test_a_recused_mediator_loses_access_at_once_and_the_successor_sees_no_old_notes(
    mediation: Mediation,
) -> None:
    name = await mediation.opened()
    await note(mediation, name, mediation.mediator, case_pb2.COMPARTMENT_MEDIATOR_ONLY)
    await note(mediation, name, mediation.complainant, case_pb2.COMPARTMENT_CAUCUS, mediation.party_a)
    party = f"parties/{mediation.party_a}"
    await mediation.on_case("ChallengeMediator", mediation.complainant, name, party=party, reason="有利害关系")
    case = await mediation.on_case("DecideChallenge", mediation.administrator, name, upheld=True, reason="成立")
    assert case.state == case_pb2.CASE_STATE_CONSENTED
    assert await refusal(mediation.call("GetCase", mediation.mediator, name=name)) == "NOT_FOUND"
    for table in ("cases", "items", "offers"):
        assert await mediation.sql_as(mediation.mediator, f"SELECT 1 FROM {table}") == []

    successor = uuid4()
    first, mediation.mediator = mediation.mediator, successor
    await mediation.open(name)
    assert await texts(mediation, name, successor) == []
    again = await mediation.roster(uuid4(), display_name="第三人")
    assert again != first


async def test_before_the_disclosure_the_mediator_sees_the_people_and_not_the_file(mediation: Mediation) -> None:
    name = await mediation.forward()
    mediator = await mediation.roster()
    await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
    seen = await mediation.case(name, mediation.mediator)
    assert [party.particulars.display_name for party in seen.parties] == ["王样本", "样本商贸有限公司"]
    assert (seen.facts, seen.request) == ("", "")
    await mediation.on_case("DiscloseConflict", mediation.mediator, name, statement="无")
    assert (await mediation.case(name, mediation.mediator)).facts


async def test_who_refuses_a_proposal_never_learns_that_the_other_accepted(mediation: Mediation) -> None:
    name = await mediation.opened()
    offer = await mediation.offer(name, mediation.mediator)
    mine = await mediation.respond(offer.name, mediation.complainant, accept=True)
    assert [(each.party, each.accept) for each in mine.responses] == [(f"parties/{mediation.party_a}", True)]
    before = (await mediation.call("GetOffer", mediation.respondent, name=offer.name)).offer
    assert (list(before.responses), before.state) == ([], offer_pb2.OFFER_STATE_OPEN)
    assert await mediation.sql_as(mediation.respondent, "SELECT 1 FROM offer_responses") == []
    after = await mediation.respond(offer.name, mediation.respondent, accept=False)
    assert after.state == offer_pb2.OFFER_STATE_REFUSED
    assert [each.party for each in after.responses] == [f"parties/{mediation.party_b}"]
    rows = await mediation.sql_as(mediation.respondent, "SELECT party FROM offer_responses")
    assert [row["party"] for row in rows] == [mediation.party_b]
    assert await mediation.sql_as(mediation.respondent, "SELECT 1 FROM event_log") == []
    listed = (await mediation.call("ListOffers", mediation.mediator, case=name)).offers
    assert len(listed[0].responses) == 2


async def test_full_particulars_are_rows_that_only_their_party_and_who_runs_the_case_can_read(
    mediation: Mediation,
) -> None:
    await mediation.opened()
    number = "110101199003070011"
    query = "SELECT 1 FROM party_particulars WHERE data::text LIKE $1"
    for who in (mediation.complainant, mediation.mediator, mediation.administrator):
        assert await mediation.sql_as(who, query, f"%{number}%")
    for who in (mediation.respondent, uuid4()):
        assert await mediation.sql_as(who, query, f"%{number}%") == []
    for table in ("cases", "mediators", "replies", "event_log"):
        found = await mediation.sql_as(mediation.respondent, f"SELECT r::text FROM {table} AS r")
        assert not [row for row in found if number in row["r"]], table


async def test_the_record_of_a_caucus_is_its_party_s_and_the_mediator_s(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(
        name, kind=session_pb2.SESSION_KIND_CAUCUS, caucus_party=f"parties/{mediation.party_a}"
    )
    mediation.clock.advance(timedelta(hours=80))
    await mediation.on_session(
        "CheckIn",
        mediation.mediator,
        session.name,
        party=f"parties/{mediation.party_a}",
        account=f"accounts/{mediation.complainant}",
        identity_method="ID_CARD",
    )
    await mediation.on_session("StartSession", mediation.mediator, session.name)
    ended = await mediation.on_session(
        "EndSession", mediation.mediator, session.name, result=session_pb2.SESSION_RESULT_HELD
    )
    record = (
        await mediation.call(
            "DraftSessionRecord",
            mediation.mediator,
            session=ended.name,
            version=ended.version,
            undisputed_facts=[SECRET],
            result=SECRET,
        )
    ).session_record
    seen = await mediation.call("ListSessionRecords", mediation.complainant, case=name)
    assert [each.name for each in seen.session_records] == [record.name]
    for other in (mediation.respondent, mediation.administrator):
        assert list((await mediation.call("ListSessionRecords", other, case=name)).session_records) == []
        assert await refusal(mediation.call("GetSessionRecord", other, name=record.name)) == "NOT_FOUND"
    await mediation.call(
        "ConfirmSessionRecord",
        mediation.complainant,
        name=record.name,
        version=record.version,
        response=session_pb2.RECORD_RESPONSE_CONFIRM,
    )
    offer = await mediation.offer(name)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    draft = await mediation.draft(name)
    await mediation.sign_all(name, draft, await mediation.freeze(draft))
    (dossier,) = await mediation.sql("SELECT bytes FROM dossiers")
    assert SECRET.encode() not in dossier["bytes"]


async def test_a_mediator_who_withdraws_leaves_no_session_on_the_calendar(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.schedule(name)
    party = f"parties/{mediation.party_a}"
    await mediation.on_case("ChallengeMediator", mediation.complainant, name, party=party, reason="有利害关系")
    await mediation.on_case("DecideChallenge", mediation.administrator, name, upheld=True, reason="成立")
    found = (await mediation.call("GetSession", mediation.complainant, name=session.name)).session
    assert found.state == session_pb2.SESSION_STATE_CANCELLED
    assert await mediation.sql("SELECT 1 FROM bookings") == []
