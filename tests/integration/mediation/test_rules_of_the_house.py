"""What mediation does by the regimes of its house, whatever they call themselves and however they differ."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from comity.common.v1 import deadline_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, session_pb2

from services.common.kernel.errors import DomainError
from services.common.papers import render_paper
from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.integration.mediation.running import Mediation, refusal, running
from tests.kit.nats import KitNats
from tests.kit.postgres import KitPostgres
from tests.kit.rules import another_clock, edited


async def test_terms_state_responsibilities_where_the_regime_says_so_whatever_it_is_called(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/peoples.toml": {'id = "PEOPLES"': 'id = "PEOPLES_HERE"'}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.forward(regime="PEOPLES_HERE@2024")
        terms = mediation.terms()
        terms.ClearField("responsibilities")
        found = await mediation.call("ValidateTerms", mediation.complainant, case=name, terms=terms)
        assert [each.field for each in found.findings] == ["responsibilities"]


async def test_a_referred_case_runs_under_the_regime_that_the_court_s_side_names(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/delegated.toml": {'id = "SPECIAL_INVITED_DELEGATED"': 'id = "DELEGATED_HERE"'}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.refer(regime="DELEGATED_HERE@2024")
        assert (await mediation.case(name)).regime == "DELEGATED_HERE@2024"


async def test_a_regime_without_the_mediator_s_slot_has_a_paper_a_round_and_a_moment_that_fit(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {
        "regimes/peoples.toml": {
            '  { role = "MEDIATOR", tier = 2 },\n': "",
            'effective_when = "PARTIES_MEDIATOR_AND_SEAL"': 'effective_when = "ALL_PARTIES_SIGNED"',
        }
    }
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        _, agreement, signing_round = await mediation.frozen()
        assert [(each.slot, each.tier) for each in signing_round.slots] == [
            ("party-1", 1),
            ("party-2", 1),
            ("seal", 3),
        ]
        assert await refusal(mediation.seal(signing_round)) == "NOT_YET_YOUR_TURN"
        assert await refusal(mediation.sign(signing_round, mediation.mediator, "mediator")) == "NOT_YOUR_SLOT"
        await mediation.sign(signing_round, mediation.complainant, "party-1")
        await mediation.sign(signing_round, mediation.respondent, "party-2")
        await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
        found = (await mediation.call("GetAgreement", mediation.complainant, name=agreement.name)).agreement
        assert (found.state, found.effectiveness_rule) == (
            agreement_pb2.AGREEMENT_STATE_EFFECTIVE,
            "ALL_PARTIES_SIGNED",
        )
        await mediation.seal(signing_round)
        await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
        assert set(await slots_that_verify(mediation, agreement.name)) == {"party-1", "party-2", "seal"}


async def test_mediator_and_parties_of_one_tier_sign_as_they_like(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/peoples.toml": {'role = "MEDIATOR", tier = 2': 'role = "MEDIATOR", tier = 1'}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        _, agreement, signing_round = await mediation.frozen()
        for who, slot in (
            (mediation.mediator, "mediator"),
            (mediation.respondent, "party-2"),
            (mediation.complainant, "party-1"),
        ):
            assert await refusal(mediation.seal(signing_round)) == "NOT_YET_YOUR_TURN"
            await mediation.sign(signing_round, who, slot)
        await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_AWAITING_SEAL)
        await mediation.seal(signing_round)
        await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_SEALED)
        assert len(await slots_that_verify(mediation, agreement.name)) == 4


async def slots_that_verify(mediation: Mediation, agreement: str) -> list[str]:
    """The signed slots of the sealed file, which proves itself as ``comity verify`` looks at it."""
    pdf = await mediation.download(mediation.complainant, agreement, agreement_pb2.DOCUMENT_FORM_SIGNED)
    known, later = Knowledge((mediation.identity.certificates.root_der,)), mediation.clock.now() + timedelta(minutes=1)
    report = await asyncio.to_thread(inspect, pdf, known, later, render_again=lambda terms: render_paper(terms).content)
    assert report.valid, report.failures
    return [each.slot for each in report.signatures]


async def test_a_conflict_has_one_of_the_regime_s_grounds_and_is_waived_only_where_it_says_so(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {
        "regimes/peoples.toml": {
            '"NEAR_RELATIVE", "INTEREST", "OTHER_RELATION"': '"NEAR_RELATIVE", "INTEREST"',
            "]\nwaivable_by_all_parties = true": "]\nwaivable_by_all_parties = false",
        }
    }
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.forward()
        mediator = await mediation.roster()
        await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
        with pytest.raises(DomainError, match="GROUND_UNSUITABLE") as refused:
            await mediation.on_case(
                "DiscloseConflict",
                mediation.mediator,
                name,
                grounds=[case_pb2.RECUSAL_GROUND_OTHER_RELATION],
                statement="同乡",
            )
        assert (refused.value.field, "人民调解法第15条" in refused.value.metadata["source"]) == ("grounds", True)
        known = [case_pb2.RECUSAL_GROUND_INTEREST]
        case = await mediation.on_case(
            "DiscloseConflict", mediation.mediator, name, grounds=known, statement="曾任顾问"
        )
        # Nobody may waive it here: another mediator is to be designated.
        assert case.state == case_pb2.CASE_STATE_CONSENTED


async def test_a_case_ends_for_the_regime_s_reasons_and_for_absence_after_as_many_no_shows_as_it_says(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {
        "regimes/peoples.toml": {
            "no_shows_to_terminate = 2": "no_shows_to_terminate = 3",
            '"GAP_TOO_WIDE",': "",
        }
    }
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.opened()

        def end(reason: int = case_pb2.TERMINATION_REASON_UNJUSTIFIED_ABSENCE) -> Awaitable[Any]:
            said = {"reason": reason, "statement": "屡次缺席。"}
            return mediation.on_case("TerminateCase", mediation.mediator, name, **said)

        assert await refusal(end(case_pb2.TERMINATION_REASON_GAP_TOO_WIDE)) == "REASON_UNSUITABLE"
        session = await missed(mediation, await mediation.schedule(name))
        # Another time of the same session, another session, and one that the other side misses.
        at = {"start_time": mediation.at(hours=80), "end_time": mediation.at(hours=81), "reason": "对方未到"}
        session = await mediation.on_session("RescheduleSession", mediation.mediator, session.name, **at)
        await missed(mediation, session)
        await missed(mediation, await mediation.schedule(name), mediation.party_a)
        with pytest.raises(DomainError, match="TOO_FEW_NO_SHOWS") as refused:
            await end()
        assert (refused.value.field, refused.value.metadata["needed"]) == ("reason", "3")
        await missed(mediation, await mediation.schedule(name))
        assert (await end()).state == case_pb2.CASE_STATE_TERMINATED


async def missed(mediation: Mediation, session: session_pb2.Session, party: UUID | None = None) -> session_pb2.Session:
    """Ended without quorum after the grace, because one side (the respondent) did not come."""
    mediation.clock.advance(timedelta(hours=80, minutes=16))
    return await mediation.on_session(
        "EndSession",
        mediation.mediator,
        session.name,
        result=session_pb2.SESSION_RESULT_NO_QUORUM,
        absent_party=f"parties/{party or mediation.party_b}",
    )


@pytest.mark.parametrize("allowed", [False, True])
async def test_the_mediator_passes_on_what_was_said_in_private_only_where_the_regime_allows_it(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path, allowed: bool
) -> None:
    rule = 'caucus_release = "ALLOW_UNLESS_CONFIDENTIAL"' if allowed else 'caucus_release = "DENY"'
    another = {"regimes/peoples.toml": {'caucus_release = "DENY"': rule}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.opened()
        said = {"compartment": case_pb2.COMPARTMENT_CAUCUS, "party": f"parties/{mediation.party_a}"}

        async def released(who: UUID, **more: Any) -> str:
            added = await mediation.call("AddItem", mediation.mediator, case=name, text="八万可以", **said, **more)
            try:
                await mediation.call("ReleaseItem", who, name=added.item.name, version=added.item.version)
            except DomainError as error:
                return error.reason
            listed = await mediation.call("ListItems", mediation.respondent, case=name)
            return "RELEASED" if added.item.name in {each.name for each in listed.items} else "HIDDEN"

        assert await released(mediation.complainant, confidential=True) == "RELEASED"
        assert await released(mediation.mediator, confidential=True) == "RELEASE_BY_PARTY"
        assert await released(mediation.mediator) == ("RELEASED" if allowed else "RELEASE_BY_PARTY")


async def test_an_offer_without_a_day_of_its_own_ends_when_the_regime_s_clock_says(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    clock = another_clock("OFFER.LOCAL", like="OFFER.ANSWER", file="house.toml").replace("count = 7", "count = 2")
    another = {
        "clocks/house.toml": {"[[rule]]\n": clock + "[[rule]]\n"},
        "regimes/peoples.toml": {'ANSWER_OFFER = "OFFER.ANSWER"': 'ANSWER_OFFER = "OFFER.LOCAL"'},
    }
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        offer = await mediation.offer(await mediation.opened(), expire_time=None)
        # 2 March 2026 and two days, until midnight in Beijing.
        assert offer.expire_time.ToDatetime().isoformat() == "2026-03-04T16:00:00"


async def test_an_offer_says_its_day_itself_where_the_regime_has_no_clock_for_it(
    postgres: KitPostgres, nats: KitNats, tmp_path: Path
) -> None:
    another = {"regimes/peoples.toml": {'ANSWER_OFFER = "OFFER.ANSWER"\n': ""}}
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.opened()
        with pytest.raises(DomainError, match="EXPIRY_MISSING") as refused:
            await mediation.offer(name, expire_time=None)
        assert refused.value.field == "expire_time"
        await mediation.offer(name)


async def test_sessions_are_called_as_the_regime_says(postgres: KitPostgres, nats: KitNats, tmp_path: Path) -> None:
    another = {
        "regimes/peoples.toml": {
            "notice_hours = 72": "notice_hours = 5",
            "notice_waivable_by_all_parties = true": "notice_waivable_by_all_parties = false",
            "grace_minutes = 15": "grace_minutes = 120",
        }
    }
    async with running(postgres, nats, tmp_path, rules=edited(tmp_path, another)) as mediation:
        name = await mediation.opened()
        with pytest.raises(DomainError, match="NOTICE_TOO_SHORT") as refused:
            await mediation.schedule(name, start_hours=4)
        assert (refused.value.field, "通知期" in refused.value.metadata["source"]) == ("start_time", True)
        session = await mediation.schedule(name, start_hours=6)
        mediation.clock.advance(timedelta(hours=7))
        absent = {"result": session_pb2.SESSION_RESULT_NO_QUORUM, "absent_party": f"parties/{mediation.party_b}"}

        def end() -> Awaitable[Any]:
            return mediation.on_session("EndSession", mediation.mediator, session.name, **absent)

        assert await refusal(end()) == "GRACE_RUNNING"
        mediation.clock.advance(timedelta(hours=1, minutes=1))
        assert (await end()).state == session_pb2.SESSION_STATE_NO_QUORUM


async def test_the_clocks_of_a_referral_run_from_its_arrival_to_the_mediator(mediation: Mediation) -> None:
    name = await mediation.refer()
    assert await clocks(mediation, name) == {"ODM.CONFIRM": "RUNNING"}
    await mediation.on_case("AcceptReferral", mediation.administrator, name)
    running = {"ODM.CONFIRM": "MET", "MED.DELEGATED": "RUNNING", "ODM.CONTACT": "RUNNING"}
    assert await clocks(mediation, name) == running
    await mediation.state_who_acts(name)
    for who, party in ((mediation.complainant, mediation.party_a), (mediation.respondent, mediation.party_b)):
        await mediation.on_case("ConsentToMediation", who, name, party=f"parties/{party}", mediation=True, online=True)
    assert await clocks(mediation, name) == running | {"ODM.CONTACT": "MET", "ODM.DESIGNATE": "RUNNING"}
    mediator = await mediation.roster()
    await mediation.on_case("AppointMediator", mediation.administrator, name, mediator=mediator)
    assert (await clocks(mediation, name))["ODM.DESIGNATE"] == "MET"


async def clocks(mediation: Mediation, case: str) -> dict[str, str]:
    """State by rule."""
    return {
        each.rule.partition("@")[0]: deadline_pb2.DeadlineState.Name(each.state).removeprefix("DEADLINE_STATE_")
        for each in (await mediation.case(case)).deadlines
    }
