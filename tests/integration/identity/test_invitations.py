"""Inviting a named party and claiming its place."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from comity.identity.v1 import identity_events_pb2 as events_pb
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError
from tests.integration.identity.running import Person, Running, refusal
from tests.integration.identity.test_events import received
from tests.kit.nats import KitNats

ON_FILE = "party@example.org"
NUMBER = "11010119491231002X"


async def invite(identity: Running, service: str = "intake", **given: Any) -> pb.Invitation:
    fields = {
        "request_id": str(uuid4()),
        "subject": f"matters/{uuid4()}",
        "party": f"parties/{uuid4()}",
        "display_name": "样本丙 SAMPLE",
        "identity_number": NUMBER,
        "email": ON_FILE,
        "locale": "zh",
        **given,
    }
    return (await identity.call("CreateInvitation", pb.CreateInvitationRequest(**fields), service)).invitation


async def start(identity: Running, person: Person, invitation: str) -> pb.Challenge:
    request = pb.StartInvitationClaimRequest(request_id=str(uuid4()), invitation=invitation)
    return (await identity.call("StartInvitationClaim", request, person)).challenge


def accept(identity: Running, invitation: str, challenge: str, **given: str) -> pb.AcceptInvitationRequest:
    fields = {
        "request_id": str(uuid4()),
        "invitation": invitation,
        "challenge": challenge,
        "code": identity.notify.code_for(ON_FILE),
        "identity_number": NUMBER,
        **given,
    }
    return pb.AcceptInvitationRequest(**fields)


async def test_the_code_goes_to_the_contact_on_file_and_binds_the_account(identity: Running, nats: KitNats) -> None:
    invitation = await invite(identity)
    person = await identity.person()
    challenge = await start(identity, person, invitation.name)
    assert identity.notify.sent[-1].contact == ON_FILE and challenge.sent_to == "p***@example.org"
    request = accept(identity, invitation.name, challenge.name)
    answer = await identity.call("AcceptInvitation", request, person)
    assert answer.invitation.accepted
    assert await identity.call("AcceptInvitation", request, person) == answer
    (data,) = await received(nats, "invitation.accepted")
    event = events_pb.InvitationAccepted.FromString(data)
    assert (event.subject, event.party, event.account) == (invitation.subject, invitation.party, person.account.name)


async def test_a_spelling_of_the_number_with_dashes_is_the_same_number(identity: Running) -> None:
    invitation = await invite(identity, identity_number="110101 19491231 002x")
    person = await identity.person()
    challenge = await start(identity, person, invitation.name)
    request = accept(identity, invitation.name, challenge.name, identity_number="110101-19491231-002X")
    assert (await identity.call("AcceptInvitation", request, person)).invitation.accepted


async def test_inviting_the_same_party_again_makes_no_second_invitation(identity: Running) -> None:
    first = await invite(identity, subject="matters/1", party="parties/1")
    calls = [invite(identity, subject="matters/1", party="parties/1") for _ in range(10)]
    assert {each.name for each in await asyncio.gather(*calls)} == {first.name}
    rows = await identity.rows("SELECT 1 FROM event_log WHERE type = 'invitation.created'")
    assert len(rows) == 1


async def test_two_people_with_right_codes_at_once_and_one_is_bound(identity: Running) -> None:
    invitation = await invite(identity)
    requests = []
    for _ in range(4):
        person = await identity.person()
        challenge = await start(identity, person, invitation.name)
        requests.append((accept(identity, invitation.name, challenge.name), person))
    calls = [identity.call("AcceptInvitation", request, person) for request, person in requests]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, pb.AcceptInvitationResponse) for each in answers) == 1
    assert {each.reason for each in answers if isinstance(each, DomainError)} <= {"NOT_FOUND"}
    assert len(await identity.rows("SELECT 1 FROM event_log WHERE type = 'invitation.accepted'")) == 1


async def test_unknown_used_and_expired_invitations_look_the_same(identity: Running) -> None:
    person = await identity.person()
    used, expired = await invite(identity), await invite(identity)
    challenge = await start(identity, person, used.name)
    await identity.call("AcceptInvitation", accept(identity, used.name, challenge.name), person)
    refusals = []
    identity.clock.advance(timedelta(minutes=5))
    for name in (used.name, f"invitations/{uuid4()}"):
        with pytest.raises(DomainError) as caught:
            await start(identity, person, name)
        refusals.append((caught.value.kind, caught.value.reason, caught.value.zh, caught.value.en))
    identity.clock.advance(timedelta(days=30))
    person = await identity.sign_in(person.email)
    with pytest.raises(DomainError) as caught:
        await start(identity, person, expired.name)
    refusals.append((caught.value.kind, caught.value.reason, caught.value.zh, caught.value.en))
    assert len(set(refusals)) == 1


async def test_a_wrong_code_and_a_wrong_number_are_refused_alike_and_five_wrong_numbers_end_it(
    identity: Running,
) -> None:
    invitation = await invite(identity)
    person = await identity.person()
    challenge = await start(identity, person, invitation.name)
    wrong_code = accept(identity, invitation.name, challenge.name, code="000000")
    wrong_number = accept(identity, invitation.name, challenge.name, identity_number="11010119491231003X")
    assert await refusal(identity.call("AcceptInvitation", wrong_code, person)) == "CLAIM_NOT_ACCEPTED"
    for _ in range(4):
        assert await refusal(identity.call("AcceptInvitation", wrong_number, person)) == "CLAIM_NOT_ACCEPTED"
    challenge = await start(identity, person, invitation.name)
    last = accept(identity, invitation.name, challenge.name, identity_number="")
    assert await refusal(identity.call("AcceptInvitation", last, person)) == "CLAIM_NOT_ACCEPTED"
    with pytest.raises(DomainError):
        await start(identity, person, invitation.name)


async def test_a_code_for_one_invitation_does_not_open_another_nor_another_persons_claim(identity: Running) -> None:
    mine, other = await invite(identity), await invite(identity)
    person, thief = await identity.person(), await identity.person()
    challenge = await start(identity, person, mine.name)
    crossed = accept(identity, other.name, challenge.name)
    assert await refusal(identity.call("AcceptInvitation", crossed, person)) == "CLAIM_NOT_ACCEPTED"
    stolen = accept(identity, mine.name, challenge.name)
    assert await refusal(identity.call("AcceptInvitation", stolen, thief)) == "CLAIM_NOT_ACCEPTED"


async def test_a_stranger_asking_for_codes_does_not_use_up_those_of_the_party(identity: Running) -> None:
    invitation = await invite(identity)
    stranger, party = await identity.person(), await identity.person()
    for _ in range(50):
        await start(identity, stranger, invitation.name)
    challenge = await start(identity, party, invitation.name)
    answer = await identity.call("AcceptInvitation", accept(identity, invitation.name, challenge.name), party)
    assert answer.invitation.accepted


async def test_a_service_invites_to_what_is_its_own_and_moves_no_invitation_of_another(identity: Running) -> None:
    mine = await invite(identity, subject="matters/1", party="parties/1")
    for service, subject in (
        ("court_link", "matters/1"),
        ("court_link", f"matters/{uuid4()}"),
        ("court_link", "mattersX/1"),
        ("intake", f"referrals/{uuid4()}"),
        ("intake", "cases/1"),
        ("intake", "accounts/1"),
    ):
        call = invite(identity, service, subject=subject, party="parties/1", email="thief@example.org")
        assert await refusal(call) == "INVITATION_NOT_YOURS"
    assert (await invite(identity, "court_link", subject="referrals/1", party="parties/1")).name != mine.name
    person = await identity.person()
    await start(identity, person, mine.name)
    assert identity.notify.sent[-1].contact == ON_FILE
    rows = await identity.rows("SELECT service FROM invitations ORDER BY service")
    assert [row.service for row in rows] == ["court_link", "intake"]


async def test_the_identity_number_on_file_is_nowhere_in_the_database(identity: Running) -> None:
    await invite(identity)
    rows = await identity.rows(
        "SELECT i::text AS line FROM invitations i UNION ALL SELECT r::text FROM replies r "
        "UNION ALL SELECT e::text FROM event_log e UNION ALL SELECT o::text FROM outbox o"
    )
    assert rows and not any(NUMBER in row.line or NUMBER.encode().hex() in row.line for row in rows)


async def test_a_person_cannot_invite(identity: Running) -> None:
    person = await identity.person()
    request = pb.CreateInvitationRequest(request_id=str(uuid4()), subject="matters/1", party="parties/1", email=ON_FILE)
    assert await refusal(identity.call("CreateInvitation", request, person)) == "ACCESS_DENIED"
