"""Nobody is locked out by what others ask, and nobody's mailbox is filled by it. Everybody here has one address."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from comity.identity.v1 import identity_service_pb2 as pb

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.storage.retention import Maintenance
from services.identity.storage.removals import REMOVALS
from tests.integration.identity.running import Running, refusal, running
from tests.integration.identity.test_signing_in import wrong
from tests.kit.clock import FakeClock
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres

VICTIM = "owner@example.org"


async def burn(identity: Running, challenge: str) -> None:
    """Uses up the tries of a challenge with wrong codes."""
    code = wrong(identity.notify.code_for(VICTIM)[-6:])
    guess = pb.CompleteSignInRequest(challenge=challenge, code=code)
    reasons = [await refusal(identity.call("CompleteSignIn", guess)) for _ in range(6)]
    assert reasons == ["CODE_NOT_ACCEPTED"] * 5 + ["TRIES_EXHAUSTED"]


@pytest.mark.parametrize("asked", [1, 5, 50, 100])
async def test_a_stranger_at_the_same_address_who_asks_and_guesses_keeps_nobody_from_signing_in(
    identity: Running, asked: int
) -> None:
    owner = await identity.person("样本甲 SAMPLE", VICTIM)
    for _ in range(asked):
        await burn(identity, await identity.challenge(VICTIM))
    assert (await identity.sign_in(VICTIM)).account.name == owner.account.name


async def test_a_stranger_who_guesses_after_the_owner_asked_uses_up_none_of_the_owners_tries(identity: Running) -> None:
    await identity.person("样本甲 SAMPLE", VICTIM)
    mine = await identity.challenge(VICTIM)
    code = identity.notify.code_for(VICTIM)
    for _ in range(9):
        await burn(identity, await identity.challenge(VICTIM))
    for _ in range(4):
        guess = pb.CompleteSignInRequest(challenge=mine, code=wrong(code))
        assert await refusal(identity.call("CompleteSignIn", guess)) == "CODE_NOT_ACCEPTED"
    assert await identity.call("CompleteSignIn", pb.CompleteSignInRequest(challenge=mine, code=code))


async def test_asking_again_while_a_code_is_good_sends_no_further_mail_and_every_asking_takes_the_code(
    identity: Running,
) -> None:
    await identity.person("样本甲 SAMPLE", VICTIM)
    before = len(identity.notify.sent)
    challenges = [await identity.challenge(VICTIM) for _ in range(5)]
    assert len(set(challenges)) == 5 and len(identity.notify.sent) == before + 1
    code = identity.notify.code_for(VICTIM)
    assert await identity.call("CompleteSignIn", pb.CompleteSignInRequest(challenge=challenges[2], code=code))
    used = pb.CompleteSignInRequest(challenge=challenges[4], code=code)
    assert await refusal(identity.call("CompleteSignIn", used)) == "CODE_NOT_ACCEPTED"


async def test_a_code_is_sent_again_after_a_minute_and_three_times_in_all(identity: Running) -> None:
    await identity.challenge(VICTIM)
    for _ in range(8):
        identity.clock.advance(timedelta(minutes=1))
        await identity.challenge(VICTIM)
    codes = [each.code for each in identity.notify.sent]
    assert len(codes) == 3 and len(set(codes)) == 1


async def test_many_askings_left_unanswered_make_the_code_longer_and_its_guessing_hopeless(identity: Running) -> None:
    for _ in range(100):
        await identity.challenge(VICTIM)
    assert [len(each.code) for each in identity.notify.sent] == [6, 12]
    tries = await identity.rows(
        "SELECT count(*) AS n FROM challenges JOIN codes ON codes.id = code_id WHERE length = 'SHORT'"
    )
    assert tries[0].n * 5 <= 100


async def test_codes_that_come_back_never_make_the_next_one_longer(identity: Running) -> None:
    await identity.person("样本甲 SAMPLE", VICTIM)
    for _ in range(25):
        await identity.sign_in(VICTIM)
    assert {len(each.code) for each in identity.notify.sent} == {6}


async def test_a_day_of_asking_from_everywhere_fills_no_mailbox(identity: Running) -> None:
    for _ in range(24 * 30):
        await identity.challenge(VICTIM)
        identity.clock.advance(timedelta(minutes=2))
    assert len(identity.notify.sent) <= 150


async def test_one_address_gets_so_many_codes_for_others_and_is_told_when_to_ask_again(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with running(postgres, nats, clock, tmp_path, codes_per_address_and_ten_minutes=20) as identity:
        owner = await identity.person("样本甲 SAMPLE", VICTIM)
        answers = await asyncio.gather(
            *(identity.challenge(f"stranger{number}@example.org") for number in range(60)), return_exceptions=True
        )
        assert sum(isinstance(each, str) for each in answers) == 19
        refused = next(each for each in answers if isinstance(each, DomainError))
        assert (refused.kind, refused.reason) == (ErrorKind.EXHAUSTED, "TOO_MANY_CODES")
        assert refused.metadata["retry_time"] == (clock.now() + timedelta(seconds=30)).isoformat()
        assert len(identity.notify.sent) == 20
        # Nor has the stranger used up what is a known device's.
        assert (await identity.sign_in(VICTIM, device=owner.device)).account.name == owner.account.name
        clock.advance(timedelta(seconds=30))
        assert await identity.challenge("somebody@example.org")


async def test_two_replicas_count_together(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    limits = {"codes_per_address_and_ten_minutes": 10}
    async with (
        running(postgres, nats, clock, tmp_path, **limits) as first,
        running(postgres, nats, clock, tmp_path, first.fresh, first.notify, **limits) as second,
    ):
        asked = (one.challenge(f"stranger{number}@example.org") for number in range(20) for one in (first, second))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(each, str) for each in answers) >= 10 and len(first.notify.sent) == 10


async def test_the_whole_house_sends_strangers_so_many_codes_a_minute_and_known_devices_and_signers_still_theirs(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with running(postgres, nats, clock, tmp_path, codes_per_house_and_minute=5) as identity:
        owner = await identity.person("样本甲 SAMPLE", VICTIM)
        for number in range(4):
            await identity.challenge(f"stranger{number}@example.org")
        assert await refusal(identity.challenge("one-too-many@example.org")) == "TOO_MANY_CODES"
        assert await identity.sign_in(VICTIM, device=owner.device)
        assert await identity.proof(owner, "signingRounds/1", bytes(32))
        clock.advance(timedelta(minutes=1))
        assert await identity.challenge("one-too-many@example.org")


async def test_a_known_device_has_a_code_of_its_own_that_no_stranger_can_guess_at(identity: Running) -> None:
    owner = await identity.person("样本甲 SAMPLE", VICTIM)
    for _ in range(30):
        await identity.challenge(VICTIM)
    before = len(identity.notify.sent)
    challenge = await identity.challenge(VICTIM, owner.device)
    assert len(identity.notify.sent) == before + 1 and len(identity.notify.sent[-1].code) == 6
    request = pb.CompleteSignInRequest(challenge=challenge, code=identity.notify.sent[-1].code, device=owner.device)
    assert (await identity.call("CompleteSignIn", request)).device == owner.device


async def test_a_device_is_known_for_a_year_by_its_own_account_only_and_never_by_a_secret_of_its_own_choice(
    identity: Running,
) -> None:
    owner, other = await identity.person("样本甲 SAMPLE", VICTIM), await identity.person()
    assert len(owner.device) == 43 and owner.device != other.device
    rows = await identity.rows("SELECT d::text AS line FROM devices d UNION ALL SELECT r::text FROM replies r")
    assert not any(owner.device in row.line for row in rows)
    crossed = await identity.sign_in(VICTIM, device=other.device)
    assert crossed.device not in (owner.device, other.device)
    chosen = await identity.sign_in(VICTIM, device="password")
    assert chosen.device != "password"
    identity.clock.advance(timedelta(days=366))
    assert (await identity.sign_in(VICTIM, device=owner.device)).device != owner.device


SPELLINGS = [
    "(1){}", "(x) {}", "<{}", "{}>", "root,{}", "{};x", '"{}', "a:{};", "{},", " ,{}", "r%{}", "r!{}", "\\{}", "{}(1)",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_of_an_address_hides_another_recipient(identity: Running, spelling: str) -> None:
    assert await refusal(identity.challenge(spelling.format("victim@example.org"))) == "CONTACT_MALFORMED"
    assert identity.notify.sent == []


async def test_tags_and_capitals_do_not_multiply_a_mailbox(identity: Running) -> None:
    answers = [await identity.challenge(f"Victim+{number}@Example.org") for number in range(80)]
    assert len(set(answers)) == 80
    assert len(identity.notify.sent) == 5


async def test_somebody_whose_own_address_has_a_tag_signs_in_whatever_others_ask(identity: Running) -> None:
    owner = await identity.person("样本甲 SAMPLE", "victim+comity@example.org")
    for number in range(40):
        await identity.challenge(f"victim+{number}@example.org")
    assert (await identity.sign_in("victim+comity@example.org")).account.name == owner.account.name


async def test_text_messages_go_to_the_countries_that_are_served_only(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with running(postgres, nats, clock, tmp_path) as identity:
        with pytest.raises(DomainError) as caught:
            await identity.challenge("+8819000000001")
        assert (caught.value.reason, caught.value.field) == ("PHONE_NOT_SERVED", "contact")
        assert identity.notify.sent == []
        assert await identity.challenge("+8613800000001")
    async with running(postgres, nats, clock, tmp_path / "all", phone_prefixes=()) as identity:
        assert await identity.challenge("+8819000000001")


async def test_one_account_cannot_have_codes_sent_to_everybody(identity: Running) -> None:
    person = await identity.person()
    reasons = []
    for number in range(30):
        request = pb.StartContactVerificationRequest(request_id=str(uuid4()), contact=f"victim{number}@example.org")
        try:
            await identity.call("StartContactVerification", request, person)
        except DomainError as error:
            reasons.append(error.reason)
    assert set(reasons) == {"TOO_MANY_CODES"}
    assert len([each for each in identity.notify.sent if each.contact.startswith("victim")]) <= 10


async def test_what_counts_is_forgotten_when_it_counts_no_more(identity: Running) -> None:
    await identity.challenge(VICTIM)
    assert await identity.rows("SELECT 1 FROM buckets")
    identity.clock.advance(timedelta(days=1))
    async with identity.database() as database:
        await Maintenance(database, REMOVALS).keep()
    assert await identity.rows("SELECT 1 FROM buckets") == []


async def test_who_is_refused_and_asks_again_at_once_is_refused_and_what_was_answered_before_is_answered_again(
    identity: Running,
) -> None:
    def asking(contact: str = "a@example.org") -> pb.StartSignInRequest:
        return pb.StartSignInRequest(request_id=str(uuid4()), contact=contact)

    first = asking()
    answered = await identity.call("StartSignIn", first)
    with pytest.raises(DomainError, match="TOO_MANY_CODES"):
        for _ in range(200):
            await identity.call("StartSignIn", asking())
    for _ in range(3):
        assert await refusal(identity.call("StartSignIn", asking())) == "TOO_MANY_CODES"
    assert await identity.call("StartSignIn", first) == answered
    assert (await identity.call("StartSignIn", asking("b@example.org"))).challenge.name
    identity.clock.advance(timedelta(hours=1))
    assert (await identity.call("StartSignIn", asking())).challenge.name
