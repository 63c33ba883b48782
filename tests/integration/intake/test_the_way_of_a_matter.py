"""From triage to the closing call, with the other services' events."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from comity.court_link.v1 import application_pb2, court_link_events_pb2
from comity.identity.v1 import identity_events_pb2
from comity.intake.v1 import intake_events_pb2, matter_pb2
from comity.intake.v1 import intake_service_pb2 as pb
from comity.mediation.v1 import mediation_events_pb2
from comity.notify.v1 import notice_pb2, notify_events_pb2

from services.common.rpc.client import pull
from services.common.rpc.errors import refusal_of
from tests.integration.intake.conftest import Intake
from tests.integration.intake.test_filing import refused
from tests.kit.eventually import eventually

ORDINARY = matter_pb2.SEVERITY_ORDINARY
REACHED = {"channel": matter_pb2.CHANNEL_HOTLINE, "reached": True}


def states(matter: matter_pb2.Matter) -> dict[str, str]:
    names = {clock.rule.split("@")[0]: clock.state for clock in matter.deadlines}
    return {rule: {1: "RUNNING", 3: "MET", 5: "CANCELLED"}[state] for rule, state in names.items()}


async def test_a_regime_must_exist_and_admit_the_matter(intake: Intake) -> None:
    matter = await intake.file(intake.as_officer(), kind=matter_pb2.MATTER_KIND_CONSULTATION)
    assert await refused(intake.act("Triage", matter.name, regime="NOTHING", severity=ORDINARY)) == "REGIME_UNKNOWN"
    for regime in ("PEOPLES", "SPECIAL_INVITED_DELEGATED"):
        refusal = await refused(intake.act("Triage", matter.name, regime=regime, severity=ORDINARY))
        assert refusal == "REGIME_DOES_NOT_ADMIT"


async def test_acceptance_meets_its_clock_and_starts_the_closing_clock(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    triaged = await intake.act("Triage", matter.name, regime="PEOPLES", severity=ORDINARY)
    assert triaged.regime == "PEOPLES@2024"
    assert states(triaged) == {"INTAKE.ACCEPT": "RUNNING"}
    accepted = await intake.act("Accept", matter.name)
    assert states(accepted) == {"INTAKE.ACCEPT": "MET", "INTAKE.CLOSE": "RUNNING"}


async def test_a_stale_version_is_refused(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    await intake.act("Triage", matter.name, regime="PEOPLES", severity=ORDINARY)
    late = pb.AcceptMatterRequest(request_id=str(uuid4()), name=matter.name, version=1)
    assert await refused(intake.call("AcceptMatter", late, intake.as_officer())) == "STALE_VERSION"


async def test_a_withdrawn_matter_has_no_clock_left(intake: Intake) -> None:
    matter = await intake.file(intake.as_person(intake.complainant))
    assert await refused(intake.act("Withdraw", matter.name)) == "NOT_THE_COMPLAINANT"
    withdrawn = await intake.act("Withdraw", matter.name, intake.as_person(intake.complainant), reason="已和解")
    assert withdrawn.state == matter_pb2.MATTER_STATE_WITHDRAWN
    assert states(withdrawn) == {"INTAKE.ACCEPT": "CANCELLED"}


async def accepted(intake: Intake) -> matter_pb2.Matter:
    matter = await intake.file(intake.as_person(intake.complainant))
    await intake.act("Triage", matter.name, regime="PEOPLES", severity=ORDINARY)
    return await intake.act("Accept", matter.name)


async def test_an_invited_party_joins_sees_the_matter_and_consents(intake: Intake) -> None:
    matter = await accepted(intake)
    party = matter.parties[1].name
    intake.identity.down = True
    await intake.act("InviteParty", matter.name, party=party)
    await eventually(lambda: _after(intake, lambda: intake.identity.asked >= 2))
    intake.identity.down = False

    async def invitation() -> str:
        return (await intake.get(matter.name, intake.as_officer())).parties[1].invitation

    name = await eventually(lambda: _after(intake, invitation))
    assert len(intake.identity.invitations) == 1
    joined = identity_events_pb2.InvitationAccepted(
        invitation=name, subject=matter.name, party=party, account=f"accounts/{intake.respondent}"
    )
    await intake.hear("identity", "invitation.accepted", joined, name)
    seen = await eventually(lambda: _visible(intake, matter.name))
    assert seen.parties[1].particulars.phone == "+8613800000002"
    assert seen.parties[0].particulars.phone == ""
    assert seen.parties[0].particulars.identity_number == "110101****"
    assert seen.contacts == []
    consented = await intake.act(
        "RecordConsent", matter.name, intake.as_person(intake.respondent), party=party, mediation=True, online=True
    )
    assert consented.parties[1].HasField("mediation_consent_time")
    others = intake.act(
        "RecordConsent", matter.name, intake.as_person(intake.respondent), party=matter.parties[0].name, mediation=True
    )
    assert await refused(others) == "CONSENT_NOT_YOURS"
    assert await refused(intake.act("InviteParty", matter.name, party=party)) == "PARTY_ALREADY_JOINED"


async def test_an_invitation_that_intake_did_not_make_binds_nobody(intake: Intake) -> None:
    matter = await accepted(intake)
    party, thief = matter.parties[1].name, uuid4()
    before_it_is_invited, of_another_making = f"invitations/{uuid4()}", f"invitations/{uuid4()}"

    async def accept(invitation: str, account: UUID) -> None:
        event = identity_events_pb2.InvitationAccepted(
            invitation=invitation, subject=matter.name, party=party, account=f"accounts/{account}"
        )
        await intake.hear("identity", "invitation.accepted", event, invitation)

    await accept(before_it_is_invited, thief)
    await intake.act("InviteParty", matter.name, party=party)

    async def invitation() -> str:
        return (await intake.get(matter.name, intake.as_officer())).parties[1].invitation

    own = await eventually(invitation)
    await accept(of_another_making, thief)
    await accept(own, intake.respondent)
    await eventually(lambda: _visible(intake, matter.name))
    before = await _taken(intake)
    await accept(f"invitations/{uuid4()}", thief)
    await eventually(lambda: _taken_since(intake, before))
    assert await refused(intake.get(matter.name, intake.as_person(thief))) == "NOT_FOUND"
    assert await _visible(intake, matter.name)


async def _taken(intake: Intake) -> int:
    """How many events of identity were dealt with."""
    connection = await asyncpg.connect(intake.database.superuser_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM inbox WHERE source = 'identity'"))
    finally:
        await connection.close()


async def _taken_since(intake: Intake, before: int) -> bool:
    return await _taken(intake) > before


async def _after(intake: Intake, question: Callable[[], Any]) -> Any:
    # The job's next try is due in fake time.
    await intake.pass_time(timedelta(seconds=1))
    answer = question()
    return await answer if inspect.isawaitable(answer) else answer


async def _visible(intake: Intake, name: str) -> matter_pb2.Matter | None:
    page = await intake.call("ListMatters", pb.ListMattersRequest(), intake.as_person(intake.respondent))
    return next((matter for matter in page.matters if matter.name == name), None)


async def test_an_officer_records_a_consent_only_of_a_party_that_was_reached(intake: Intake) -> None:
    matter = await accepted(intake)
    party = matter.parties[1].name
    consent = {"party": party, "mediation": True}
    assert await refused(intake.act("RecordConsent", matter.name, **consent)) == "CONSENT_NOT_EVIDENCED"
    missed = {**REACHED, "reached": False, "contact_time": intake.clock.now()}
    await intake.act("RecordContact", matter.name, party=party, **missed)
    assert await refused(intake.act("RecordConsent", matter.name, **consent)) == "CONSENT_NOT_EVIDENCED"
    await intake.act("RecordContact", matter.name, party=party, contact_time=intake.clock.now(), **REACHED)
    assert (await intake.act("RecordConsent", matter.name, **consent)).parties[1].HasField("mediation_consent_time")


async def test_forwarding_needs_both_consents_and_a_mediation_organisation(intake: Intake) -> None:
    matter = await accepted(intake)
    forward = intake.act("Forward", matter.name, organisation=f"organisations/{intake.mediation}")
    assert await refused(forward) == "CONSENT_MISSING"
    wrong = intake.act("Forward", matter.name, organisation=f"organisations/{intake.organisation}")
    assert await refused(wrong) == "ORGANISATION_WRONG_KIND"


async def test_a_forwarded_matter_has_a_dossier_that_only_mediation_pulls(intake: Intake) -> None:
    subscription = await intake.client.jetstream().subscribe("comity.intake.v1.matter.forwarded", stream="INTAKE")
    matter = await intake.in_mediation()
    event = intake_events_pb2.MatterForwarded.FromString((await subscription.next_msg(timeout=30)).data)
    assert (event.organisation, event.regime) == (f"organisations/{intake.mediation}", "PEOPLES@2024")
    request = pb.ReadMatterDossierRequest(matter=matter.name, digest=event.dossier_digest)
    as_mediation = intake.as_service("mediation")
    data = await pull(lambda: intake.stub.ReadMatterDossier(request, metadata=as_mediation), event.dossier_digest)
    dossier = matter_pb2.MatterDossier.FromString(data)
    assert dossier.parties[1].particulars.identity_number == "91110000600037341X"
    assert dossier.parties[0].account == f"accounts/{intake.complainant}"
    as_notify = intake.as_service("notify")
    with pytest.raises(Exception, match="ACCESS_DENIED"):
        await pull(lambda: intake.stub.ReadMatterDossier(request, metadata=as_notify), event.dossier_digest)


async def opened_case(intake: Intake) -> tuple[matter_pb2.Matter, str]:
    matter = await intake.in_mediation()
    case = f"cases/{uuid4()}"
    opened = mediation_events_pb2.CaseOpened(case=case, origin=matter.name)
    await intake.hear("mediation", "case.opened", opened, case)

    async def known() -> bool:
        return (await intake.get(matter.name, intake.as_officer())).case == case

    await eventually(known)
    return matter, case


async def complete_call_back(intake: Intake, matter: str, state: int) -> None:
    call_back = f"callBacks/{uuid4()}"
    event = notify_events_pb2.CallBackCompleted(call_back=call_back, subject=matter, state=state, rating=5)
    await intake.hear("notify", "call_back.completed", event, call_back)


async def test_a_confirmed_matter_is_called_back_and_closed(intake: Intake) -> None:
    matter, case = await opened_case(intake)
    agreement = f"agreements/{uuid4()}"
    sealed = mediation_events_pb2.AgreementSealed(agreement=agreement, case=case, origin=matter.name)
    await intake.hear("mediation", "agreement.sealed", sealed, agreement)
    await intake.reaches(matter.name, matter_pb2.MATTER_STATE_SETTLED)
    ruling = f"rulings/{uuid4()}"
    issued = court_link_events_pb2.RulingIssued(
        ruling=ruling, case=case, origin=matter.name, outcome=application_pb2.RULING_OUTCOME_CONFIRMED
    )
    await intake.hear("court_link", "ruling.issued", issued, ruling)
    concluded = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)
    assert concluded.outcome == matter_pb2.OUTCOME_CONFIRMED
    await complete_call_back(intake, matter.name, notice_pb2.CALL_BACK_STATE_DONE)
    closed = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CLOSED)
    assert states(closed)["INTAKE.CLOSE"] == "MET"


async def test_a_ruling_that_overtakes_the_sealed_agreement_concludes_the_matter_all_the_same(intake: Intake) -> None:
    matter, case = await opened_case(intake)
    ruling, agreement = f"rulings/{uuid4()}", f"agreements/{uuid4()}"
    issued = court_link_events_pb2.RulingIssued(
        ruling=ruling, case=case, origin=matter.name, outcome=application_pb2.RULING_OUTCOME_DISMISSED
    )
    await intake.hear("court_link", "ruling.issued", issued, ruling)
    await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)
    sealed = mediation_events_pb2.AgreementSealed(agreement=agreement, case=case, origin=matter.name)
    await intake.hear("mediation", "agreement.sealed", sealed, agreement)
    await intake.hear("mediation", "agreement.sealed", sealed, agreement, version=2)
    await complete_call_back(intake, matter.name, notice_pb2.CALL_BACK_STATE_UNREACHABLE)
    closed = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CLOSED)
    assert closed.outcome == matter_pb2.OUTCOME_DISMISSED_BY_COURT


async def test_a_settlement_nobody_takes_to_court_is_concluded_when_the_window_lapses(intake: Intake) -> None:
    matter, case = await opened_case(intake)
    lapsed = court_link_events_pb2.WindowLapsed(agreement=f"agreements/{uuid4()}", case=case)
    await intake.hear("court_link", "application_window.lapsed", lapsed, lapsed.agreement)
    concluded = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)
    assert concluded.outcome == matter_pb2.OUTCOME_SETTLED


async def test_a_window_that_lapsed_before_the_case_is_heard_of_concludes_the_matter_all_the_same(
    intake: Intake,
) -> None:
    matter = await intake.in_mediation()
    lapsed = court_link_events_pb2.WindowLapsed(
        agreement=f"agreements/{uuid4()}", case=f"cases/{uuid4()}", origin=matter.name
    )
    await intake.hear("court_link", "application_window.lapsed", lapsed, lapsed.agreement)
    concluded = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)
    assert concluded.outcome == matter_pb2.OUTCOME_SETTLED


async def test_a_failed_mediation_is_called_back_and_a_wish_to_reopen_waits_for_an_officer(intake: Intake) -> None:
    matter, case = await opened_case(intake)
    terminated = mediation_events_pb2.CaseTerminated(case=case, origin=matter.name)
    await intake.hear("mediation", "case.terminated", terminated, case, version=9)
    concluded = await intake.reaches(matter.name, matter_pb2.MATTER_STATE_CALL_BACK_PENDING)
    assert concluded.outcome == matter_pb2.OUTCOME_NOT_SETTLED
    assert await refused(intake.act("Close", matter.name)) == "REOPENING_NOT_REQUESTED"
    await complete_call_back(intake, matter.name, notice_pb2.CALL_BACK_STATE_REOPEN_REQUESTED)

    async def flagged() -> bool:
        return (await intake.get(matter.name, intake.as_officer())).reopen_requested

    await eventually(flagged)
    closed = await intake.act("Close", matter.name)
    assert closed.state == matter_pb2.MATTER_STATE_CLOSED


async def test_events_of_court_referrals_and_unknown_cases_are_passed_over(intake: Intake) -> None:
    case = f"cases/{uuid4()}"
    opened = mediation_events_pb2.CaseOpened(case=case, origin=f"referrals/{uuid4()}")
    await intake.hear("mediation", "case.opened", opened, case)
    lapsed = court_link_events_pb2.WindowLapsed(agreement=f"agreements/{uuid4()}", case=case)
    await intake.hear("court_link", "application_window.lapsed", lapsed, lapsed.agreement)
    connection = await asyncpg.connect(intake.database.superuser_url)

    async def handled() -> bool:
        return bool(await connection.fetchval("SELECT count(*) >= 4 FROM inbox"))

    await eventually(handled)
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0
    await connection.close()


async def test_the_log_of_a_matter_holds_every_step_in_a_chain(intake: Intake) -> None:
    matter = await intake.in_mediation()
    connection = await asyncpg.connect(intake.database.superuser_url)
    rows = await connection.fetch("SELECT type, previous_hash, hash FROM event_log ORDER BY version")
    head = await connection.fetchval("SELECT head FROM matters")
    await connection.close()
    assert [row["type"] for row in rows][:3] == ["matter.received", "matter.triaged", "matter.accepted"]
    assert all(later["previous_hash"] == earlier["hash"] for earlier, later in pairwise(rows))
    assert rows[-1]["hash"] == head
    assert matter.version == len(rows)


async def test_who_withdraws_after_forwarding_is_told_in_words_to_leave_the_mediation(intake: Intake) -> None:
    matter = await intake.in_mediation()
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await intake.act("Withdraw", matter.name, intake.as_person(intake.complainant))
    refusal = refusal_of(error.value)
    assert refusal.reason == "ILLEGAL_TRANSITION"
    assert "退出调解" in refusal.zh and "leave the mediation" in refusal.en
    assert "IN_MEDIATION" not in refusal.zh + refusal.en
