"""Papers are drawn apart from signatures, each once, and only such as can be drawn."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2, terms_pb2

from services.common.kernel.errors import DomainError, ErrorKind
from tests.integration.mediation.running import Mediation, refusal, running
from tests.kit.eventually import eventually
from tests.kit.largest_terms import fill
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres


def largest(mediation: Mediation) -> terms_pb2.Terms:
    return fill(mediation.terms())


def others(mediation: Mediation) -> Mediation:
    """Another case's people at the same service."""
    people = ("mediator", "complainant", "respondent", "party_a", "party_b")
    return replace(mediation, **{who: uuid4() for who in people})


async def drafted(mediation: Mediation, terms: terms_pb2.Terms) -> agreement_pb2.Agreement:
    name = await mediation.opened()
    offer = await mediation.offer(name, terms=terms)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    version = (await mediation.case(name)).version
    answer = await mediation.call("DraftAgreement", mediation.mediator, case=name, version=version, terms=terms)
    return answer.agreement


async def test_a_repeat_has_what_was_drawn_for_a_call_that_was_given_up(mediation: Mediation) -> None:
    agreement = await drafted(mediation, mediation.terms())
    mediation.identity.gate.clear()
    first = asyncio.ensure_future(mediation.freeze(agreement))
    await eventually(lambda: asked(mediation, 1))
    first.cancel()
    others = [asyncio.ensure_future(mediation.freeze(agreement)) for _ in range(3)]
    mediation.identity.gate.set()
    answers = await asyncio.gather(*others, return_exceptions=True)
    frozen = [each for each in answers if not isinstance(each, BaseException)]
    late = [each.reason for each in answers if isinstance(each, DomainError)]
    assert len(frozen) == 1 and set(late) <= {"STALE_VERSION", "ILLEGAL_TRANSITION"}
    assert mediation.identity.issued == ["freeze"], "drawn and frozen once"


async def frozen(cast: Mediation, agreement: agreement_pb2.Agreement) -> None:
    """As a client gets there: whose call took too long asks again, and joins what is under way."""

    id = agreement.name.removeprefix("agreements/")

    async def there() -> bool:
        try:
            await cast.freeze(agreement)
        except DomainError as late:
            # A call whose caller left may have come to its end all the same.
            if not late.passing and late.reason != "STALE_VERSION":
                raise
        # Asked of the database: who reads such a text over and over uses up its allowance.
        (row,) = await cast.sql("SELECT state FROM agreements WHERE id = $1::uuid", UUID(id))
        return bool(row["state"] == "FROZEN")

    await eventually(there, 200)


async def asked(mediation: Mediation, times: int) -> bool:
    return mediation.identity.at_the_gate == times


async def test_largest_papers_whose_callers_left_hold_up_no_other_case_s_freeze_nor_signature(
    mediation: Mediation,
) -> None:
    name, usual, signing_round = await mediation.frozen()
    other = others(mediation)
    waiting = await drafted(other, other.terms())
    casts = [others(mediation) for _ in range(4)]
    large = [await drafted(cast, largest(cast)) for cast in casts]
    given_up = [asyncio.ensure_future(cast.freeze(each)) for cast, each in zip(casts, large, strict=True)]
    await asyncio.sleep(0)
    await mediation.sign_all(name, usual, signing_round)
    for each in given_up:
        each.cancel()
    await frozen(other, waiting)
    for cast, agreement in zip(casts, large, strict=True):
        await frozen(cast, agreement)
    assert mediation.identity.issued.count("freeze") == 6, "each was drawn once, however often it was asked for"


async def test_terms_that_are_too_large_are_refused_where_they_are_made(mediation: Mediation) -> None:
    name = await mediation.opened()
    many = largest(mediation)
    many.obligations[0].instalments.add(amount=many.obligations[0].instalments[0].amount, due_date="2027-12-01")
    await refused(mediation, name, many, "TOO_MANY_INSTALMENTS", "terms.obligations")
    long = mediation.terms()
    long.facts = "\n" * 20_000
    await refused(mediation, name, long, "TERMS_TOO_LONG", "terms")


async def refused(mediation: Mediation, name: str, terms: terms_pb2.Terms, reason: str, field: str) -> None:
    found = await mediation.call("ValidateTerms", mediation.complainant, case=name, terms=terms)
    assert [each.reason for each in found.findings] == [reason]
    with pytest.raises(DomainError) as made:
        await mediation.offer(name, terms=terms)
    assert (made.value.kind, made.value.reason, made.value.field) == (ErrorKind.INVALID, reason, field)
    assert made.value.zh and made.value.en


async def test_a_drawing_over_its_time_limit_is_refused_for_good_and_the_next_is_made(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    limits: dict[str, Any] = {"work_clock_seconds": 4.5}
    async with running(postgres, nats, tmp_path, **limits) as mediation:
        other = others(mediation)
        hung, usual = await drafted(mediation, mediation.terms()), await drafted(other, other.terms())
        mediation.identity.gate.clear()
        assert await refusal(mediation.freeze(hung)) == "PAPER_TOO_LARGE"
        mediation.identity.gate.set()
        assert (await other.freeze(usual)).frozen_digest


@pytest.mark.parametrize("text", ["李\n调解", "   ", "李\u202e调解"])
async def test_what_would_stand_in_a_paper_and_cannot_is_refused_at_entry(mediation: Mediation, text: str) -> None:
    with pytest.raises(DomainError) as refused_name:
        await mediation.roster(display_name=text)
    assert refused_name.value.field == "display_name" and refused_name.value.zh
    name = await mediation.opened()
    agent = {"account": f"accounts/{uuid4()}", "authority": party_pb2.AUTHORITY_AGENT_GENERAL, "display_name": text}
    with pytest.raises(DomainError) as refused_agent:
        await mediation.on_case(
            "AppointRepresentative", mediation.complainant, name, party=f"parties/{mediation.party_a}", **agent
        )
    assert refused_agent.value.field == "display_name"
    if text.strip():
        with pytest.raises(DomainError) as refused_room:
            await mediation.schedule(name, room=text)
        assert refused_room.value.field == "room"
    session = await mediation.schedule(name, room="第一调解室")
    with pytest.raises(DomainError) as refused_method:
        await mediation.on_session(
            "CheckIn",
            mediation.mediator,
            session.name,
            party=f"parties/{mediation.party_a}",
            account=f"accounts/{mediation.complainant}",
            identity_method=text,
        )
    assert refused_method.value.field == "identity_method"
