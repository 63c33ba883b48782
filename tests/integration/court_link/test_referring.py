"""Courts, and what they refer to mediation."""

from typing import Any
from uuid import uuid4

import pytest
from comity.common.v1 import dossier_pb2, party_pb2
from comity.court_link.v1 import court_link_service_pb2 as pb
from comity.court_link.v1 import court_pb2
from comity.identity.v1 import identity_events_pb2
from comity.mediation.v1 import case_pb2
from comity.mediation.v1 import mediation_events_pb2 as mediation_events

from services.common.kernel.errors import ErrorKind
from services.common.kernel.principal import Role
from services.common.rpc.client import pull
from tests.integration.court_link.world import SUZHOU, XUANWU, Person, World, digest
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer


async def test_a_court_is_entered_by_an_administrator_of_its_own_organisation(world: World) -> None:
    bench = await world.bench(XUANWU)
    fields = {"display_name": "样本法院", "level": court_pb2.COURT_LEVEL_BASIC, "region_codes": [XUANWU]}
    foreign = Person(roles={uuid4(): [Role.ADMINISTRATOR]})
    refused = await world.refusal(foreign, "CreateCourt", organisation=f"organisations/{bench.organisation}", **fields)
    assert refused.kind is ErrorKind.NOT_FOUND
    mediation = uuid4()
    own = Person(roles={mediation: [Role.ADMINISTRATOR]})
    refused = await world.refusal(own, "CreateCourt", organisation=f"organisations/{mediation}", **fields)
    assert refused.reason == "NOT_A_COURT"
    again = Person(roles={bench.organisation: [Role.ADMINISTRATOR]})
    refused = await world.refusal(again, "CreateCourt", organisation=f"organisations/{bench.organisation}", **fields)
    assert refused.reason == "COURT_EXISTS"
    await world.bench(SUZHOU)
    first = await world.call(Person(), "ListCourts", page_size=1)
    second = await world.call(Person(), "ListCourts", page_size=1, page_token=first.next_page_token)
    assert len({first.courts[0].name, second.courts[0].name}) == 2 and not second.next_page_token


def particulars(name: str, phone: str) -> party_pb2.PartyParticulars:
    return party_pb2.PartyParticulars(
        display_name=name, kind=party_pb2.PARTY_KIND_NATURAL_PERSON, phone=phone, address="样本路1号", locale="zh"
    )


async def referred(world: World, clerk: Person, court: str, **fields: Any) -> court_pb2.Referral:
    values: dict[str, Any] = {
        "kind": court_pb2.REFERRAL_KIND_DELEGATED,
        "docket_number": "（2026）样0102诉前调1号",
        "subject_matter": "SALES",
        "facts": "样本事实",
        "request": "支付货款",
        "claimant": particulars("王样本", "+8613900000001"),
        "respondent": particulars("李样本", "+8613900000002"),
    }
    response = await world.call(
        clerk, "CreateReferral", court=court, organisation=f"organisations/{uuid4()}", **(values | fields)
    )
    referral: court_pb2.Referral = response.referral
    return referral


async def dossier_of(world: World, referral: court_pb2.Referral) -> court_pb2.ReferralDossier:
    """As mediation pulls it."""
    event = await eventually(lambda: _received(world))
    token = {"metadata": bearer(world.tokens.service("mediation")), "timeout": 10}
    request = pb.ReadReferralDossierRequest(referral=referral.name, digest=event.dossier_digest)
    return court_pb2.ReferralDossier.FromString(
        await pull(lambda: world.stub.ReadReferralDossier(request, **token), event.dossier_digest)
    )


async def test_a_referral_goes_to_an_organisation_that_mediates(world: World) -> None:
    bench, other = await world.bench(XUANWU), await world.bench(SUZHOU)
    refused = await world.refusal(
        bench.clerk,
        "CreateReferral",
        court=bench.court.name,
        organisation=f"organisations/{other.organisation}",
        kind=court_pb2.REFERRAL_KIND_DELEGATED,
        docket_number="1",
        subject_matter="SALES",
        facts="样本事实",
        request="支付货款",
        claimant=particulars("王样本", "+8613900000001"),
        respondent=particulars("李样本", "+8613900000002"),
    )
    assert refused.reason == "NOT_A_MEDIATION_ORGANISATION"


async def test_a_referral_hands_mediation_its_dossier_and_notify_the_contacts(world: World) -> None:
    bench, other = await world.bench(XUANWU), await world.bench(SUZHOU)
    referral = await referred(world, bench.clerk, bench.court.name)
    event = await eventually(lambda: _received(world))
    dossier = await dossier_of(world, referral)
    assert dossier.referral == referral.name and dossier.regime == "SPECIAL_INVITED_DELEGATED@2024"
    assert [each.name for each in dossier.parties] == [each.name for each in referral.parties]
    token = {"metadata": bearer(world.tokens.service("notify")), "timeout": 10}
    contacts_request = pb.ReadContactDossierRequest(referral=referral.name, digest=event.contacts_digest)
    contacts = dossier_pb2.ContactDossier.FromString(
        await pull(lambda: world.stub.ReadContactDossier(contacts_request, **token), event.contacts_digest)
    )
    assert {card.phone for card in contacts.cards} == {"+8613900000001", "+8613900000002"}
    assert digest(contacts.SerializeToString(deterministic=True)) == event.contacts_digest
    hidden = await world.refusal(other.clerk, "GetReferral", name=referral.name)
    assert hidden.kind is ErrorKind.NOT_FOUND
    listed = await world.call(bench.judge, "ListReferrals")
    assert [each.name for each in listed.referrals] == [referral.name]
    assert not (await world.call(other.clerk, "ListReferrals")).referrals


async def _received(world: World) -> object:
    from comity.court_link.v1 import court_link_events_pb2 as events  # noqa: PLC0415

    found = await last_published(world.nats, "court_link", "referral.received")
    return events.ReferralReceived.FromString(found) if found else None


async def test_both_parties_are_invited_and_bound_and_see_the_other_by_name_only(world: World) -> None:
    bench = await world.bench(XUANWU)
    referral = await referred(world, bench.clerk, bench.court.name)
    await eventually(lambda: _all_invited(world, bench.clerk, referral.name))
    assert len(world.identity.invitations) == 2
    claimant, thief = Person(), Person()
    invited = (await world.call(bench.clerk, "GetReferral", name=referral.name)).referral
    forged = identity_events_pb2.InvitationAccepted(
        invitation=f"invitations/{uuid4()}",
        subject=referral.name,
        party=referral.parties[0].name,
        account=thief.name,
    )
    await world.publish("invitation.accepted", forged, forged.invitation, "identity")
    accepted = identity_events_pb2.InvitationAccepted(
        invitation=invited.parties[0].invitation,
        subject=referral.name,
        party=referral.parties[0].name,
        account=claimant.name,
    )
    await world.publish("invitation.accepted", accepted, accepted.invitation, "identity")
    seen = await eventually(lambda: _reached(world, claimant, referral.name))
    assert seen.parties[0].particulars.phone == "+8613900000001"
    assert seen.parties[1].particulars.display_name == "李样本" and not seen.parties[1].particulars.phone
    await eventually(lambda: last_published(world.nats, "court_link", "referral.party_joined"))
    assert (await world.refusal(thief, "GetReferral", name=referral.name)).kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("side", ["claimant", "respondent"])
async def test_a_contact_that_could_not_be_written_to_is_refused_by_field(world: World, side: str) -> None:
    bench = await world.bench(XUANWU)
    parties = {"claimant": particulars("王样本", ""), "respondent": particulars("李样本", "")}
    parties[side].email = "root,victim@sample.example"
    refusal = await world.refusal(
        bench.clerk,
        "CreateReferral",
        court=bench.court.name,
        organisation=f"organisations/{uuid4()}",
        kind=court_pb2.REFERRAL_KIND_DELEGATED,
        docket_number="1",
        subject_matter="SALES",
        facts="样本事实",
        request="支付货款",
        **parties,
    )
    assert (refusal.reason, refusal.field) == ("CONTACT_MALFORMED", f"{side}.email")


async def _all_invited(world: World, clerk: Person, name: str) -> bool:
    found = (await world.call(clerk, "GetReferral", name=name)).referral
    return all(party.invitation for party in found.parties)


async def _reached(world: World, person: Person, name: str) -> object:
    from services.common.kernel.errors import DomainError  # noqa: PLC0415

    try:
        return (await world.call(person, "GetReferral", name=name)).referral
    except DomainError:
        return None


async def test_mediation_reports_the_end_and_a_late_report_changes_nothing(world: World) -> None:
    bench = await world.bench(XUANWU)
    referral = await referred(world, bench.clerk, bench.court.name)
    case = f"cases/{uuid4()}"
    taken = mediation_events.CaseReferralAccepted(case=case, origin=referral.name)
    await world.publish("case.referral_accepted", taken, case)
    await eventually(lambda: _state_is(world, bench.clerk, referral.name, court_pb2.REFERRAL_STATE_TAKEN_OVER))
    ended = mediation_events.CaseTerminated(
        case=case, origin=referral.name, reason=case_pb2.TERMINATION_REASON_GAP_TOO_WIDE
    )
    await world.publish("case.terminated", ended, case)
    await eventually(lambda: _state_is(world, bench.clerk, referral.name, court_pb2.REFERRAL_STATE_RETURNED))
    found = (await world.call(bench.clerk, "GetReferral", name=referral.name)).referral
    assert found.termination_reason == "GAP_TOO_WIDE" and found.case == case
    await world.publish("case.referral_accepted", taken, case)
    other = await referred(world, bench.clerk, bench.court.name)
    declined = mediation_events.CaseDeclined(case=f"cases/{uuid4()}", origin=other.name)
    await world.publish("case.declined", declined, declined.case)
    await eventually(lambda: _state_is(world, bench.clerk, other.name, court_pb2.REFERRAL_STATE_DECLINED))
    assert await _state_is(world, bench.clerk, referral.name, court_pb2.REFERRAL_STATE_RETURNED)


async def _state_is(world: World, person: Person, name: str, state: int) -> bool:
    return bool((await world.call(person, "GetReferral", name=name)).referral.state == state)


async def test_twins_of_a_docket_number_are_one_and_come_again_only_after_the_end(world: World) -> None:
    bench, other = await world.bench(XUANWU), await world.bench(SUZHOU)
    first = await referred(world, bench.clerk, bench.court.name, docket_number="(2026)样0102 诉前调１号")
    assert first.docket_number == "（2026）样0102诉前调1号"
    fields = {
        "court": bench.court.name,
        "organisation": f"organisations/{uuid4()}",
        "kind": court_pb2.REFERRAL_KIND_DELEGATED,
        "docket_number": "〔2026〕样0102诉前调1号",
        "subject_matter": "SALES",
        "facts": "样本事实",
        "request": "支付货款",
        "claimant": particulars("王样本", "139 0000 0001"),
        "respondent": particulars("李样本", "139 0000 0002"),
    }
    refused = await world.refusal(bench.clerk, "CreateReferral", **fields)
    assert (refused.reason, refused.field) == ("DOCKET_NUMBER_TAKEN", "docket_number")
    assert (await referred(world, other.clerk, other.court.name)).docket_number == first.docket_number


async def test_what_a_court_says_of_a_party_goes_to_mediation_and_what_contradicts_is_told(world: World) -> None:
    bench = await world.bench(XUANWU)
    claimant = particulars("Nguye\u0302\u0303n Thi\u0323 A\u0301nh", "139 0000 0001")
    claimant.identity_number, claimant.sex = "110105 19491231 002x", party_pb2.SEX_MALE
    claimant.ethnic_group, claimant.nationality = "京族", "vn"
    response = await world.call(
        bench.clerk,
        "CreateReferral",
        court=bench.court.name,
        organisation=f"organisations/{uuid4()}",
        kind=court_pb2.REFERRAL_KIND_DELEGATED,
        docket_number="（2026）样0102诉前调7号",
        subject_matter="SALES",
        facts="样本事实",
        request="支付货款",
        claimant=claimant,
        respondent=particulars("李样本", "+8613900000002"),
    )
    assert [(each.rule, each.field) for each in response.warnings] == [("SEX_CONTRADICTS_NUMBER", "claimant.sex")]
    kept = (await dossier_of(world, response.referral)).parties[0].particulars
    assert (kept.display_name, kept.phone) == ("Nguyễn Thị Ánh", "+8613900000001")
    assert (kept.birth_date, kept.ethnic_group, kept.nationality) == ("1949-12-31", "京族", "VN")
