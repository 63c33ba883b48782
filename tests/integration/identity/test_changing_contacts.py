"""A contact is added or replaced by a code to the new one and a code to an old one; a token alone moves nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from comity.common.v1 import dossier_pb2
from comity.identity.v1 import identity_events_pb2 as events_pb
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError
from services.common.rpc.client import pull
from tests.integration.identity.running import Person, Running, refusal
from tests.integration.identity.test_events import received
from tests.kit.nats import KitNats
from tests.kit.tokens import bearer

PHONE = "+8613800000002"


async def start(
    identity: Running, person: Person, contact: str, by: pb.ContactKind = pb.CONTACT_KIND_UNSPECIFIED
) -> pb.StartContactVerificationResponse:
    request = pb.StartContactVerificationRequest(request_id=str(uuid4()), contact=contact, confirm_by=by)
    answer: pb.StartContactVerificationResponse = await identity.call("StartContactVerification", request, person)
    return answer


def both(
    identity: Running, started: pb.StartContactVerificationResponse, new: str, old: str
) -> pb.CompleteContactVerificationRequest:
    return pb.CompleteContactVerificationRequest(
        challenge=started.challenge.name,
        code=identity.notify.code_for(new),
        confirming_challenge=started.confirming_challenge.name,
        confirming_code=identity.notify.code_for(old),
    )


async def change(identity: Running, person: Person, new: str, old: str) -> pb.Account:
    started = await start(identity, person, new)
    request = both(identity, started, new, old)
    return (await identity.call("CompleteContactVerification", request, person)).account


async def test_both_codes_put_the_contact_on_the_account(identity: Running) -> None:
    person = await identity.person()
    account = await change(identity, person, PHONE, person.email)
    assert (account.phone, account.email) == (PHONE, person.email)
    assert (await identity.sign_in(PHONE)).account.name == person.account.name


async def test_the_thief_of_a_token_moves_no_contact_without_an_old_one(identity: Running) -> None:
    person = await identity.person()
    started = await start(identity, person, PHONE)
    request = both(identity, started, PHONE, person.email)
    alone = pb.CompleteContactVerificationRequest(challenge=request.challenge, code=request.code)
    assert await refusal(identity.call("CompleteContactVerification", alone, person)) == "OLD_CONTACT_REQUIRED"
    twice = pb.CompleteContactVerificationRequest(
        challenge=request.challenge,
        code=request.code,
        confirming_challenge=request.challenge,
        confirming_code=request.code,
    )
    assert await refusal(identity.call("CompleteContactVerification", twice, person)) == "CODE_NOT_ACCEPTED"
    own = await identity.call("GetAccount", pb.GetAccountRequest(name="accounts/me"), person)
    assert own.account.phone == ""


async def test_a_confirming_code_is_good_for_the_contact_it_was_asked_for_only(identity: Running) -> None:
    person = await identity.person()
    one = both(identity, await start(identity, person, PHONE), PHONE, person.email)
    other = both(identity, await start(identity, person, "thief@example.org"), "thief@example.org", person.email)
    crossed = pb.CompleteContactVerificationRequest(
        challenge=other.challenge,
        code=other.code,
        confirming_challenge=one.confirming_challenge,
        confirming_code=one.confirming_code,
    )
    assert await refusal(identity.call("CompleteContactVerification", crossed, person)) == "CODE_NOT_ACCEPTED"


async def test_another_persons_codes_are_no_ones_and_both_are_used_up_together(identity: Running) -> None:
    person, stranger = await identity.person(), await identity.person()
    request = both(identity, await start(identity, person, PHONE), PHONE, person.email)
    assert await refusal(identity.call("CompleteContactVerification", request, stranger)) == "CODE_NOT_ACCEPTED"
    await identity.call("CompleteContactVerification", request, person)
    assert await refusal(identity.call("CompleteContactVerification", request, person)) == "CODE_NOT_ACCEPTED"


async def test_a_contact_of_another_account_stays_there(identity: Running) -> None:
    holder = await identity.person("样本乙 SAMPLE", PHONE)
    person = await identity.person()
    request = both(identity, await start(identity, person, PHONE), PHONE, person.email)
    assert await refusal(identity.call("CompleteContactVerification", request, person)) == "CONTACT_TAKEN"
    assert (await identity.sign_in(PHONE)).account.name == holder.account.name


async def proof_goes_to(identity: Running, person: Person) -> str:
    request = pb.StartProofRequest(request_id=str(uuid4()), subject="signingRounds/1", digest=bytes(32))
    await identity.call("StartProof", request, person)
    return str(identity.notify.sent[-1].contact)


async def test_codes_for_signing_go_to_a_new_contact_a_day_later(identity: Running) -> None:
    person = await identity.person()
    await change(identity, person, PHONE, person.email)
    assert await proof_goes_to(identity, person) == person.email
    identity.clock.advance(timedelta(hours=23, minutes=59))
    person = await identity.sign_in(person.email)
    assert await proof_goes_to(identity, person) == person.email
    identity.clock.advance(timedelta(minutes=11))
    person = await identity.sign_in(person.email)
    assert await proof_goes_to(identity, person) == PHONE


async def test_the_only_contact_replaced_signs_and_confirms_nothing_for_a_day(identity: Running) -> None:
    person = await identity.person()
    changed_at = identity.clock.now()
    await change(identity, person, "new@example.org", person.email)
    with pytest.raises(DomainError) as caught:
        await proof_goes_to(identity, person)
    assert caught.value.reason == "CONTACT_TOO_NEW"
    assert caught.value.metadata["retry_time"] == (changed_at + timedelta(days=1)).isoformat()
    with pytest.raises(DomainError, match="CONTACT_TOO_NEW"):
        await start(identity, person, PHONE)
    assert (await identity.sign_in("new@example.org")).account.name == person.account.name


async def test_the_confirming_code_goes_where_the_person_can_read_it(identity: Running) -> None:
    person = await identity.person()
    await change(identity, person, PHONE, person.email)
    identity.clock.advance(timedelta(days=1))
    person = await identity.sign_in(person.email)
    lost_mail = await start(identity, person, "new@example.org")
    assert lost_mail.confirming_challenge.sent_to == "+861****0002"
    lost_phone = await start(identity, person, "+8613800000003", pb.CONTACT_KIND_EMAIL)
    assert lost_phone.confirming_challenge.sent_to == "p***@example.org"
    other = await identity.person()
    with pytest.raises(DomainError, match="NO_SUCH_CONTACT"):
        await start(identity, other, "+8613800000004", pb.CONTACT_KIND_PHONE)


async def test_the_event_of_a_change_names_every_contact_that_was_there_before(
    identity: Running, nats: KitNats
) -> None:
    person = await identity.person()
    await change(identity, person, PHONE, person.email)
    identity.clock.advance(timedelta(days=1))
    person = await identity.sign_in(person.email)
    await change(identity, person, "new@example.org", PHONE)
    event = events_pb.AccountContactVerified.FromString((await received(nats, "account.contact_verified", 2))[1])
    request = pb.ReadContactDossierRequest(account=event.account, digest=event.contacts_digest)
    metadata = bearer(await identity.service_token("notify"))
    data = await pull(
        lambda: identity.stub.ReadContactDossier(request, metadata=metadata, timeout=30), event.contacts_digest
    )
    now, *told = dossier_pb2.ContactDossier.FromString(data).cards
    assert (now.recipient, now.email, now.phone) == (person.account.name, "new@example.org", PHONE)
    assert {each.email or each.phone for each in told} == {PHONE, "person1@example.org"}
    assert all(each.recipient.startswith(f"{person.account.name}/") for each in told)
