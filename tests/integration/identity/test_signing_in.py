"""Codes and signing in, through the real server."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError
from tests.integration.identity.running import Running, refusal, running
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_the_code_and_a_profile_open_the_account_and_the_next_code_alone_signs_in(identity: Running) -> None:
    person = await identity.person("样本甲 SAMPLE", "Zhang@Example.org")
    assert (person.account.display_name, person.account.email) == ("样本甲 SAMPLE", "zhang@example.org")
    again = await identity.sign_in("zhang@EXAMPLE.org")
    assert again.account.name == person.account.name
    own = await identity.call("GetAccount", pb.GetAccountRequest(name="accounts/me"), again)
    assert own.account == again.account


async def test_the_profile_of_somebody_who_has_an_account_is_not_looked_at(identity: Running) -> None:
    person = await identity.person("样本甲 SAMPLE", "zhang@example.org")
    again = await identity.person("假名 SAMPLE", "zhang@example.org")
    assert again.account.name == person.account.name and again.account.display_name == "样本甲 SAMPLE"


async def test_whatever_strangers_ask_and_send_the_owner_of_the_contact_gets_an_account_of_its_own_making(
    identity: Running,
) -> None:
    trap = await identity.challenge("victim@example.org")
    forged = pb.Profile(display_name="假名 赵六 SAMPLE", locale="zh", identity_number="110101194912310038")
    guess = pb.CompleteSignInRequest(challenge=trap, code="000000", profile=forged)
    assert await refusal(identity.call("CompleteSignIn", guess)) == "CODE_NOT_ACCEPTED"
    victim = await identity.person("样本本人 SAMPLE", "victim@example.org")
    assert victim.account.display_name == "样本本人 SAMPLE"
    assert len(await identity.rows("SELECT 1 FROM accounts")) == 1


async def test_of_a_stranger_nothing_is_kept_before_a_code_came_back(identity: Running) -> None:
    challenge = await identity.challenge("nobody@example.org")
    profile = pb.Profile(display_name="样本无名 SAMPLE", locale="zh")
    guess = pb.CompleteSignInRequest(challenge=challenge, code="000000", profile=profile)
    await refusal(identity.call("CompleteSignIn", guess))
    for table in ("accounts", "event_log", "outbox", "dossiers", "sessions", "devices"):
        assert await identity.rows(f"SELECT 1 FROM {table}") == []


async def test_two_who_open_one_account_at_once_are_in_the_same_one(identity: Running) -> None:
    answers = await asyncio.gather(
        *(identity.person("样本甲 SAMPLE", "both@example.org") for _ in range(4)), return_exceptions=True
    )
    names = {each.account.name for each in answers if not isinstance(each, BaseException)}
    assert len(names) == 1 and len(await identity.rows("SELECT 1 FROM accounts")) == 1
    assert {each.reason for each in answers if isinstance(each, DomainError)} <= {"CODE_NOT_ACCEPTED"}


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
        assert [row.tries for row in await first.rows("SELECT tries FROM challenges ORDER BY tries")] == [1, 5]


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
    assert first == again and len(identity.notify.sent) == 2


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
    assert [each.contact for each in identity.notify.sent[-2:]] == ["known@example.org", "knawn@example.org"]


async def test_only_who_reads_the_code_learns_that_there_is_no_account_and_the_code_stays_good(
    identity: Running,
) -> None:
    challenge = await identity.challenge("nobody@example.org")
    code = identity.notify.code_for("nobody@example.org")
    guess = pb.CompleteSignInRequest(challenge=challenge, code=wrong(code))
    assert await refusal(identity.call("CompleteSignIn", guess)) == "CODE_NOT_ACCEPTED"
    right = pb.CompleteSignInRequest(challenge=challenge, code=code)
    assert await refusal(identity.call("CompleteSignIn", right)) == "PROFILE_REQUIRED"
    right.profile.CopyFrom(pb.Profile(display_name="样本甲 SAMPLE", locale="zh"))
    assert (await identity.call("CompleteSignIn", right)).account.email == "nobody@example.org"


async def test_a_code_that_cannot_be_sent_is_void_and_the_same_request_works_later(identity: Running) -> None:
    account = await identity.register()
    request = pb.StartSignInRequest(request_id=str(uuid4()), contact=account.email)
    identity.notify.down = True
    for _ in range(8):
        assert await refusal(identity.call("StartSignIn", request)) == "CODE_NOT_SENT"
    assert {row.state for row in await identity.rows("SELECT state FROM codes")} == {"USED", "VOID"}
    identity.notify.down = False
    answer = await identity.call("StartSignIn", request)
    code = identity.notify.code_for(account.email)
    await identity.call("CompleteSignIn", pb.CompleteSignInRequest(challenge=answer.challenge.name, code=code))


async def test_the_database_holds_no_code(identity: Running) -> None:
    account = await identity.register()
    await identity.challenge(account.email)
    code = identity.notify.code_for(account.email)
    rows = await identity.rows(
        "SELECT c::text AS line FROM challenges c UNION ALL SELECT r::text FROM replies r "
        "UNION ALL SELECT k::text FROM codes k UNION ALL SELECT b::text FROM buckets b"
    )
    assert rows and not any(code in row.line for row in rows)
