"""What a person does with its own account leaves every view of another person as it was, byte for byte."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from comity.identity.v1 import identity_service_pb2 as pb

from tests.integration.identity import test_invitations as invitations
from tests.integration.identity.running import Person, Running, refusal
from tests.integration.identity.test_changing_contacts import PHONE, change
from tests.integration.identity.test_signing_out import sign_out
from tests.kit.views import Views, unseen_by

_SERVICE = pb.DESCRIPTOR.services_by_name["IdentityService"]
Act = Callable[[Running, Person], Awaitable[object]]


async def changes_its_contact(identity: Running, person: Person) -> None:
    await change(identity, person, PHONE, person.email)


async def is_refused_a_change(identity: Running, person: Person) -> None:
    request = pb.CompleteContactVerificationRequest(challenge=f"challenges/{uuid4()}", code="000000")
    assert await refusal(identity.call("CompleteContactVerification", request, person))


async def signs_in_again_here_and_elsewhere(identity: Running, person: Person) -> None:
    await identity.sign_in(person.email, device=person.device)
    await identity.sign_in(person.email)
    await identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), person)


async def leaves_a_code_unanswered_and_answers_one_wrongly(identity: Running, person: Person) -> None:
    await identity.challenge(person.email)
    wrong = pb.CompleteSignInRequest(challenge=await identity.challenge(person.email), code="000000")
    assert await refusal(identity.call("CompleteSignIn", wrong))


async def signs_out(identity: Running, person: Person) -> None:
    await identity.call("SignOut", sign_out(), person)


async def signs_out_everywhere(identity: Running, person: Person) -> None:
    await identity.sign_in(person.email)
    await identity.call("SignOutEverywhere", pb.SignOutEverywhereRequest(request_id=str(uuid4())), person)


async def claims_a_place(identity: Running, person: Person) -> None:
    invitation = await invitations.invite(identity)
    challenge = await invitations.start(identity, person, invitation.name)
    request = invitations.accept(identity, invitation.name, challenge.name)
    assert (await identity.call("AcceptInvitation", request, person)).invitation.accepted


async def proves_who_it_is(identity: Running, person: Person) -> None:
    assert await identity.proof(person, f"signingRounds/{uuid4()}", bytes(32))


async def opens_an_account(identity: Running, person: Person) -> None:
    await identity.person("样本乙 SAMPLE")


async def reads_everything(identity: Running, person: Person) -> None:
    views = seen_by(identity, person)
    await views.of(await views.everything())


def seen_by(identity: Running, person: Person) -> Views:
    return Views(_SERVICE, identity.stub, identity.fresh.superuser_url, lambda: person.metadata)


@pytest.mark.parametrize(
    "act",
    [
        changes_its_contact,
        is_refused_a_change,
        signs_in_again_here_and_elsewhere,
        leaves_a_code_unanswered_and_answers_one_wrongly,
        signs_out,
        signs_out_everywhere,
        claims_a_place,
        proves_who_it_is,
        opens_an_account,
        reads_everything,
    ],
    ids=lambda act: act.__name__,
)
async def test_what_one_person_does_alone_shows_another_nothing(identity: Running, act: Act) -> None:
    person, other = await identity.person(), await identity.person("样本丁 SAMPLE")
    await invitations.invite(identity)
    async with unseen_by(seen_by(identity, other)):
        await act(identity, person)


async def test_a_person_sees_what_it_does_itself_else_nothing_was_proven_here(identity: Running) -> None:
    person = await identity.person()
    with pytest.raises(AssertionError, match="GetAccount"):
        async with unseen_by(seen_by(identity, person)):
            await changes_its_contact(identity, person)
