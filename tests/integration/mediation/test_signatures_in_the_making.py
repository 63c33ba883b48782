"""Signatures made by workers: one at a time on the newest revision, whatever dies, lags or runs beside."""

import asyncio
from datetime import timedelta

import pytest
from comity.mediation.v1 import agreement_pb2, mediation_events_pb2

from services.mediation.messaging import jobs as signing_jobs
from tests.integration.mediation.running import Mediation
from tests.kit.events import last_published
from tests.kit.eventually import eventually


async def test_both_parties_at_once_make_two_signatures_one_after_the_other(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    await asyncio.gather(
        mediation.sign(signing_round, mediation.complainant, "party-1"),
        mediation.sign(signing_round, mediation.respondent, "party-2"),
    )
    found = await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
    assert {slot.state for slot in found.slots if slot.party} == {agreement_pb2.SLOT_STATE_SIGNED}
    assert len(await mediation.events("agreement.slot_signed")) == 2


async def test_identity_may_be_down_for_a_while(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    mediation.identity.down = True
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    jobs = "SELECT 1 FROM jobs WHERE kind = 'sign_slot' AND attempts > 0 AND state = 'QUEUED'"
    await eventually(lambda: mediation.sql(jobs))
    mediation.identity.down = False
    await eventually(lambda: _signed(mediation, 1))


async def test_a_round_held_by_another_worker_waits_and_a_lapsed_lease_is_taken_over(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    await mediation.sql(
        "INSERT INTO round_leases (round_id, token, until) VALUES ($1, gen_random_uuid(), $2)",
        signing_round.name.partition("/")[2],
        mediation.clock.now() + timedelta(seconds=40),
    )
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    waiting = "SELECT 1 FROM jobs WHERE kind = 'sign_slot' AND state = 'QUEUED' AND last_error = 'ROUND_BUSY'"
    await eventually(lambda: mediation.sql(waiting))
    assert await mediation.events("agreement.slot_signed") == []
    mediation.clock.advance(timedelta(seconds=41))
    await eventually(lambda: _signed(mediation, 1))


async def test_an_act_whose_certificate_is_refused_is_given_back_to_its_signer(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    mediation.identity.refuses = True
    await mediation.sign(signing_round, mediation.complainant, "party-1")

    async def given_back() -> bool:
        found = (await mediation.call("GetSigningRound", mediation.complainant, name=signing_round.name)).signing_round
        return found.slots[0].state == agreement_pb2.SLOT_STATE_WAITING

    await eventually(given_back)
    told = await eventually(lambda: last_published(mediation.client, "mediation", "agreement.act_released"))
    event = mediation_events_pb2.AgreementActReleased.FromString(told)
    assert (event.signing_round, event.account) == (signing_round.name, f"accounts/{mediation.complainant}")
    mediation.identity.refuses = False
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await eventually(lambda: _signed(mediation, 1))


async def test_two_replicas_sign_each_act_once_and_in_one_file(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    async with mediation.replica():
        await asyncio.gather(
            mediation.sign(signing_round, mediation.complainant, "party-1"),
            mediation.sign(signing_round, mediation.respondent, "party-2"),
        )
        await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
    assert len(await mediation.events("agreement.slot_signed")) == 2


async def test_a_signature_made_on_a_file_that_has_grown_meanwhile_is_made_again_without_waiting_for_its_lease(
    mediation: Mediation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_jobs, "LEASE", timedelta(minutes=10))
    _, _, signing_round = await mediation.frozen()
    mediation.identity.gate.clear()
    await mediation.sign(signing_round, mediation.respondent, "party-2")
    await eventually(lambda: _asked(mediation, "party-2"))
    # As if its lease had lapsed while it waits for a certificate: both are then made on the same file.
    await mediation.sql("DELETE FROM round_leases")
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await eventually(lambda: mediation.sql("SELECT 1 FROM round_leases"))
    mediation.identity.gate.set()
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE, seconds=60)


async def _signed(mediation: Mediation, count: int) -> bool:
    return len(await mediation.events("agreement.slot_signed")) == count


def _asked(mediation: Mediation, slot: str) -> bool:
    return any(request.slot == slot for request in mediation.identity.asked)
