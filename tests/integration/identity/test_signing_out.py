"""A sign-in is ended by its person, and what was issued in it is no longer good."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from comity.identity.v1 import identity_events_pb2 as events_pb
from comity.identity.v1 import identity_service_pb2 as pb

from tests.integration.identity.running import Person, Running, refusal, running
from tests.integration.identity.test_events import received
from tests.kit.clock import FakeClock
from tests.kit.eventually import eventually
from tests.kit.nats import KitNats
from tests.kit.page_tokens import page_token
from tests.kit.postgres import KitPostgres

ME = pb.GetAccountRequest(name="accounts/me")


async def sessions(identity: Running, person: Person) -> Any:
    return (await identity.call("ListSessions", pb.ListSessionsRequest(), person)).sessions


def sign_out(session: str = "") -> pb.SignOutRequest:
    return pb.SignOutRequest(request_id=str(uuid4()), session=session)


async def test_signing_out_ends_this_sign_in_at_once_and_no_other(identity: Running, nats: KitNats) -> None:
    here = await identity.person()
    there = await identity.sign_in(here.email)
    await identity.call("SignOut", sign_out(), here)
    assert await refusal(identity.call("GetAccount", ME, here)) == "TOKEN_REVOKED"
    assert await refusal(identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), here)) == "TOKEN_REVOKED"
    assert await identity.call("GetAccount", ME, there)
    event = events_pb.AccountTokensRevoked.FromString((await received(nats, "account.tokens_revoked"))[0])
    assert event.account == here.account.name and event.session.startswith("signIns/")
    assert here.email.encode() not in event.SerializeToString()


async def test_a_person_sees_its_own_sign_ins_and_ends_one_from_afar(identity: Running) -> None:
    lost = await identity.person()
    identity.clock.advance(timedelta(minutes=1))
    here = await identity.sign_in(lost.email)
    await identity.person()
    now, earlier = await sessions(identity, here)
    assert now.current and not earlier.current
    assert earlier.expire_time.ToDatetime() - earlier.create_time.ToDatetime() == timedelta(hours=8)
    await identity.call("SignOut", sign_out(earlier.name), here)
    assert await refusal(identity.call("GetAccount", ME, lost)) == "TOKEN_REVOKED"
    assert [each.name for each in await sessions(identity, here)] == [now.name]


async def test_sign_ins_come_in_pages(identity: Running) -> None:
    person = await identity.person()
    for _ in range(4):
        person = await identity.sign_in(person.email)
    names, token = [], ""
    for _ in range(3):
        request = pb.ListSessionsRequest(page_size=2, page_token=token)
        page = await identity.call("ListSessions", request, person)
        names += [each.name for each in page.sessions]
        token = page.next_page_token
    assert token == "" and names == sorted(names, reverse=True) and len(set(names)) == 5
    for wrong in ("nonsense", page_token("sessions", "x"), page_token("sessions", "1", "2")):
        request = pb.ListSessionsRequest(page_token=wrong)
        assert await refusal(identity.call("ListSessions", request, person)) == "MALFORMED_PAGE_TOKEN"


async def test_nobody_ends_the_sign_in_of_another(identity: Running) -> None:
    one, other = await identity.person(), await identity.person()
    (mine,) = await sessions(identity, one)
    assert await refusal(identity.call("SignOut", sign_out(mine.name), other)) == "NOT_FOUND"
    assert await refusal(identity.call("SignOut", sign_out(f"signIns/{uuid4()}"), other)) == "NOT_FOUND"
    assert await identity.call("GetAccount", ME, one)


async def test_signing_out_everywhere_ends_every_sign_in_and_forgets_the_devices(identity: Running) -> None:
    one = await identity.person()
    other = await identity.sign_in(one.email)
    request = pb.SignOutEverywhereRequest(request_id=str(uuid4()))
    await identity.call("SignOutEverywhere", request, one)
    for person in (one, other):
        assert await refusal(identity.call("GetAccount", ME, person)) == "TOKEN_REVOKED"
    again = await identity.sign_in(one.email, device=one.device)
    assert again.device != one.device
    assert await identity.call("GetAccount", ME, again)
    assert len(await sessions(identity, again)) == 1


async def test_a_session_that_was_ended_is_not_renewed_when_the_list_of_the_ended_is_long_forgotten(
    identity: Running,
) -> None:
    person = await identity.person()
    await identity.rows_written("DELETE FROM sessions")
    assert await refusal(identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), person)) == "SESSION_TOO_OLD"


async def test_a_renewed_token_ends_with_the_sign_in_it_was_renewed_in(identity: Running) -> None:
    person = await identity.person()
    renewed = (await identity.call("RenewAccessToken", pb.RenewAccessTokenRequest(), person)).access_token.token
    await identity.call("SignOut", sign_out(), person)
    later = Person(person.account, renewed, person.email)
    assert await refusal(identity.call("GetAccount", ME, later)) == "TOKEN_REVOKED"


async def test_another_replica_refuses_a_revoked_token_soon_too(
    postgres: KitPostgres, nats: KitNats, clock: FakeClock, tmp_path: Path
) -> None:
    async with (
        running(postgres, nats, clock, tmp_path) as first,
        running(postgres, nats, clock, tmp_path, first.fresh, first.notify) as second,
    ):
        person = await first.person()
        assert await second.call("GetAccount", ME, person)
        await first.call("SignOut", sign_out(), person)
        assert await refusal(first.call("GetAccount", ME, person)) == "TOKEN_REVOKED"

        async def refused() -> bool:
            try:
                await second.call("GetAccount", ME, person)
            except Exception as error:
                return getattr(error, "reason", "") == "TOKEN_REVOKED"
            return False

        await eventually(refused)


async def test_taking_a_role_away_ends_the_tokens_that_say_it_is_held(identity: Running, nats: KitNats) -> None:
    administrator = await identity.administrator()
    head = await identity.person("样本主任 SAMPLE")
    made = await identity.organisation(administrator, pb.ORGANISATION_KIND_MEDIATION, head.account)
    head = await identity.sign_in(head.email)
    mediator = await identity.person("样本调解员 SAMPLE")
    await identity.grant(head, made.name, mediator.account.name, pb.ROLE_MEDIATOR)
    mediator = await identity.sign_in(mediator.email)
    request = pb.RevokeRoleRequest(
        request_id=str(uuid4()), organisation=made.name, account=mediator.account.name, role=pb.ROLE_MEDIATOR
    )
    await identity.call("RevokeRole", request, head)
    assert await refusal(identity.call("GetAccount", ME, mediator)) == "TOKEN_REVOKED"
    assert not (await identity.sign_in(mediator.email)).account.memberships
    event = events_pb.AccountTokensRevoked.FromString((await received(nats, "account.tokens_revoked"))[0])
    assert (event.account, event.session, event.generation) == (mediator.account.name, "", 1)
