"""Codes and signing in, through the real server."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError, ErrorKind
from tests.integration.identity.running import Running, refusal, running
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_a_registered_person_signs_in_with_the_code_that_was_sent(identity: Running) -> None:
    account = await identity.register(email="Zhang@Example.org")
    person = await identity.sign_in("zhang@example.org")
    assert person.account.name == account.name
    assert not account.email_verified and person.account.email_verified
    own = await identity.call("GetAccount", pb.GetAccountRequest(name="accounts/me"), person)
    assert own.account == person.account


async def test_a_code_works_once_although_fifty_try_it_at_the_same_time(identity: Running) -> None:
    account = await identity.register()
    challenge = await identity.challenge(account.email)
    request = pb.CompleteSignInRequest(challenge=challenge, code=identity.notify.code_for(account.email))
    calls = [identity.call("CompleteSignIn", request) for _ in range(50)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, pb.CompleteSignInResponse) for each in answers) == 1
    reasons = {each.reason for each in answers if isinstance(each, DomainError)}
    assert reasons <= {"CODE_NOT_ACCEPTED", "TRIES_EXHAUSTED"}
    assert await refusal(identity.call("CompleteSignIn", request)) == "CODE_NOT_ACCEPTED"


async def test_after_five_wrong_codes_the_right_one_is_refused_too(identity: Running) -> None:
    account = await identity.register()
    challenge = await identity.challenge(account.email)
    code = identity.notify.code_for(account.email)
    for _ in range(5):
        guess = pb.CompleteSignInRequest(challenge=challenge, code=wrong(code))
        assert await refusal(identity.call("CompleteSignIn", guess)) == "CODE_NOT_ACCEPTED"
    right = pb.CompleteSignInRequest(challenge=challenge, code=code)
    assert await refusal(identity.call("CompleteSignIn", right)) == "TRIES_EXHAUSTED"


async def test_ten_thousand_guesses_at_two_replicas_find_nothing_after_the_fifth(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with (
        running(postgres, nats, clock, tmp_path) as first,
        running(postgres, nats, clock, tmp_path, first.fresh, first.notify) as second,
    ):
        account = await first.register()
        challenge = await first.challenge(account.email)
        code = int(first.notify.code_for(account.email))
        # The right code is among the guesses, but never among the first fifty.
        guesses = iter([(code + 1 + step) % 10**6 for step in range(50)] + list(range(10_000)) + [code])
        reasons: set[str] = set()

        async def guess(one: Running) -> None:
            for number in guesses:
                request = pb.CompleteSignInRequest(challenge=challenge, code=f"{number:06d}")
                reasons.add(await refusal(one.call("CompleteSignIn", request)))

        await asyncio.gather(*(guess(one) for one in (first, second) for _ in range(8)))
        assert reasons == {"CODE_NOT_ACCEPTED", "TRIES_EXHAUSTED"}
        assert (await first.rows("SELECT tries FROM challenges"))[0].tries == 5


async def test_a_code_is_good_for_ten_minutes_and_not_a_second_longer(identity: Running) -> None:
    account = await identity.register()
    challenge = await identity.challenge(account.email)
    request = pb.CompleteSignInRequest(challenge=challenge, code=identity.notify.code_for(account.email))
    identity.clock.advance(timedelta(minutes=10))
    assert await refusal(identity.call("CompleteSignIn", request)) == "CODE_NOT_ACCEPTED"


async def test_the_same_request_sends_one_code_only(identity: Running) -> None:
    account = await identity.register()
    request = pb.StartSignInRequest(request_id=str(uuid4()), contact=account.email)
    first = await identity.call("StartSignIn", request)
    again = await identity.call("StartSignIn", request)
    assert first == again and len(identity.notify.sent) == 1


async def test_a_contact_gets_five_codes_an_hour_and_is_told_when_to_ask_again(identity: Running) -> None:
    account = await identity.register()
    started = identity.clock.now()
    for _ in range(5):
        await identity.challenge(account.email)
        identity.clock.advance(timedelta(minutes=1))
    with pytest.raises(DomainError) as caught:
        await identity.challenge(account.email)
    assert caught.value.kind is ErrorKind.EXHAUSTED
    assert caught.value.metadata["retry_time"] == (started + timedelta(hours=1)).isoformat()
    identity.clock.set(started + timedelta(hours=1))
    await identity.challenge(account.email)


async def test_copies_of_many_requests_at_once_do_not_get_more_codes_than_allowed(identity: Running) -> None:
    account = await identity.register()
    answers = await asyncio.gather(*(identity.challenge(account.email) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, str) for each in answers) == 5


async def test_asking_for_a_code_tells_nothing_about_whether_the_contact_is_known(identity: Running) -> None:
    await identity.register(email="known@example.org")
    known = await identity.call(
        "StartSignIn", pb.StartSignInRequest(request_id=str(uuid4()), contact="known@example.org")
    )
    stranger = await identity.call(
        "StartSignIn", pb.StartSignInRequest(request_id=str(uuid4()), contact="knawn@example.org")
    )
    known.challenge.name = stranger.challenge.name = ""
    assert known == stranger
    assert [each.contact for each in identity.notify.sent] == ["known@example.org", "knawn@example.org"]


async def test_only_who_reads_the_code_learns_that_there_is_no_account(identity: Running) -> None:
    challenge = await identity.challenge("nobody@example.org")
    code = identity.notify.code_for("nobody@example.org")
    guess = pb.CompleteSignInRequest(challenge=challenge, code=wrong(code))
    assert await refusal(identity.call("CompleteSignIn", guess)) == "CODE_NOT_ACCEPTED"
    right = pb.CompleteSignInRequest(challenge=challenge, code=code)
    assert await refusal(identity.call("CompleteSignIn", right)) == "NO_ACCOUNT"
    account = await identity.register(email="nobody@example.org")
    assert (await identity.call("CompleteSignIn", right)).account.name == account.name


async def test_registering_with_a_contact_that_is_taken_answers_like_any_other(identity: Running) -> None:
    first = await identity.register(email="taken@example.org")
    await identity.sign_in("taken@example.org")
    second = await identity.register(email="taken@example.org")
    assert not second.email_verified and second.name != first.name
    assert (await identity.sign_in("taken@example.org")).account.name == first.name


async def test_nobody_gets_into_an_account_by_writing_another_persons_contact_into_an_own_one(
    identity: Running,
) -> None:
    trap = await identity.register(email="victim@example.org", phone="+8613800000001")
    await identity.sign_in("+8613800000001")
    victim = await identity.register(email="victim@example.org")
    signed_in = await identity.sign_in("victim@example.org")
    assert signed_in.account.name == victim.name != trap.name


async def test_a_code_that_cannot_be_sent_is_void_and_the_same_request_works_later(identity: Running) -> None:
    account = await identity.register()
    request = pb.StartSignInRequest(request_id=str(uuid4()), contact=account.email)
    identity.notify.down = True
    for _ in range(8):
        assert await refusal(identity.call("StartSignIn", request)) == "CODE_NOT_SENT"
    assert {row.state for row in await identity.rows("SELECT state FROM challenges")} == {"VOID"}
    identity.notify.down = False
    answer = await identity.call("StartSignIn", request)
    code = identity.notify.code_for(account.email)
    await identity.call("CompleteSignIn", pb.CompleteSignInRequest(challenge=answer.challenge.name, code=code))


async def test_the_database_holds_no_code(identity: Running) -> None:
    account = await identity.register()
    await identity.challenge(account.email)
    code = identity.notify.code_for(account.email)
    rows = await identity.rows("SELECT c::text AS line FROM challenges c UNION ALL SELECT r::text FROM replies r")
    assert rows and not any(code in row.line for row in rows)


async def test_another_persons_contact_is_added_only_by_a_code_that_was_sent_there(identity: Running) -> None:
    person = await identity.person()
    request = pb.StartContactVerificationRequest(request_id=str(uuid4()), contact="+8613800000002")
    challenge = (await identity.call("StartContactVerification", request, person)).challenge.name
    code = identity.notify.code_for("+8613800000002")
    complete = pb.CompleteContactVerificationRequest(challenge=challenge, code=code)
    stranger = await identity.person()
    assert await refusal(identity.call("CompleteContactVerification", complete, stranger)) == "CODE_NOT_ACCEPTED"
    account = (await identity.call("CompleteContactVerification", complete, person)).account
    assert account.phone == "+8613800000002" and account.phone_verified
    assert (await identity.sign_in("+8613800000002")).account.name == person.account.name
