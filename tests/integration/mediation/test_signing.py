"""Signing: one act for one proof, the right order, nothing signed that was not frozen, nothing released too early."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest
from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, mediation_events_pb2

from services.common.kernel.errors import DomainError, ErrorKind
from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from services.mediation.messaging import jobs as signing_jobs
from tests.integration.mediation.running import Mediation, refusal, utc
from tests.integration.mediation.test_settling import represent
from tests.kit.eventually import eventually


async def test_fifty_copies_of_one_act_make_one_signature(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    proof = mediation.proof(mediation.complainant, signing_round)

    async def sign() -> str:
        while True:
            try:
                await mediation.sign(signing_round, mediation.complainant, "party-1", proof=proof)
            except DomainError as error:
                if error.kind is not ErrorKind.UNAVAILABLE:  # It waited too long for its turn, and asks again.
                    return error.reason
            else:
                return "SIGNED"

    outcomes = await asyncio.gather(*(sign() for _ in range(50)))
    assert outcomes.count("SIGNED") == 1
    assert set(outcomes) == {"SIGNED", "SLOT_ALREADY_SIGNED"}
    await eventually(lambda: _signed(mediation, 1))
    assert len(await mediation.events("agreement.act_recorded")) == 1
    assert mediation.identity.issued.count("party-1") == 1
    assert len(await mediation.sql("SELECT 1 FROM spent_proofs")) == 1


async def test_a_repeated_request_has_its_answer_also_when_the_proof_has_expired_meanwhile(
    mediation: Mediation,
) -> None:
    _, _, signing_round = await mediation.frozen()
    fields = {"request_id": str(uuid4()), "proof": mediation.proof(mediation.complainant, signing_round)}
    first = await mediation.sign(signing_round, mediation.complainant, "party-1", **fields)
    mediation.clock.advance(timedelta(minutes=11))
    assert await mediation.sign(signing_round, mediation.complainant, "party-1", **fields) == first


async def test_a_spent_proof_signs_nothing_else(mediation: Mediation) -> None:
    _, agreement, signing_round = await mediation.frozen()
    proof = mediation.issuer.proof(mediation.complainant, signing_round.name, signing_round.frozen_digest, jti="once")
    await mediation.sign(signing_round, mediation.complainant, "party-1", proof=proof)
    await eventually(lambda: _signed(mediation, 1))
    # The same number in another proof, for a round that a revision opened anew.
    found = (await mediation.call("GetAgreement", mediation.mediator, name=agreement.name)).agreement
    revised = await mediation.call(
        "ReviseAgreement",
        mediation.mediator,
        name=found.name,
        version=found.version,
        terms=_reworded(mediation),
    )
    again = await mediation.freeze(revised.agreement)
    replay = mediation.issuer.proof(mediation.complainant, again.name, again.frozen_digest, jti="once")
    assert await refusal(mediation.sign(again, mediation.complainant, "party-1", proof=replay)) == "PROOF_SPENT"


async def test_a_proof_is_good_for_its_person_round_and_document_only(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    issuer, me, digest = mediation.issuer, mediation.complainant, signing_round.frozen_digest
    for proof in (
        issuer.proof(mediation.respondent, signing_round.name, digest),
        issuer.proof(me, f"signingRounds/{uuid4()}", digest),
        issuer.proof(me, signing_round.name, hashlib.sha256(b"other").digest()),
        issuer.person(me),
        "not a token",
    ):
        assert await refusal(mediation.sign(signing_round, me, "party-1", proof=proof)) == "PROOF_INVALID"
    stale = issuer.proof(me, signing_round.name, digest)
    mediation.clock.advance(timedelta(minutes=11))
    assert await refusal(mediation.sign(signing_round, me, "party-1", proof=stale)) == "PROOF_INVALID"
    other = hashlib.sha256(b"other").digest()
    assert await refusal(mediation.sign(signing_round, me, "party-1", frozen_digest=other)) == "DIGEST_DIFFERS"
    assert await mediation.sql("SELECT 1 FROM spent_proofs") == []


async def test_everybody_signs_in_turn_and_only_the_own_place(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    assert await refusal(mediation.sign(signing_round, mediation.mediator, "mediator")) == "NOT_YET_YOUR_TURN"
    assert await refusal(mediation.seal(signing_round)) == "NOT_YET_YOUR_TURN"
    assert await refusal(mediation.sign(signing_round, mediation.complainant, "party-2")) == "NOT_YOUR_SLOT"
    assert await refusal(mediation.sign(signing_round, mediation.mediator, "party-1")) == "NOT_YOUR_SLOT"
    assert await refusal(mediation.sign(signing_round, mediation.complainant, "seal")) == "NOT_YOUR_SLOT"
    unread = mediation.sign(signing_round, mediation.complainant, "party-1", read_whole_document=False)
    assert await refusal(unread) == "NOT_READ"
    assert await refusal(mediation.sign(signing_round, uuid4(), "party-1")) == "NOT_FOUND"


async def test_both_parties_at_once_make_two_signatures_one_after_the_other(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    await asyncio.gather(
        mediation.sign(signing_round, mediation.complainant, "party-1"),
        mediation.sign(signing_round, mediation.respondent, "party-2"),
    )
    found = await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_PARTIES_COMPLETE)
    assert {slot.state for slot in found.slots if slot.party} == {agreement_pb2.SLOT_STATE_SIGNED}
    assert len(await mediation.events("agreement.slot_signed")) == 2


async def test_one_changed_character_voids_what_was_signed(mediation: Mediation) -> None:
    name, agreement, signing_round = await mediation.frozen()
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await eventually(lambda: _signed(mediation, 1))
    found = (await mediation.call("GetAgreement", mediation.mediator, name=agreement.name)).agreement
    revised = (
        await mediation.call(
            "ReviseAgreement",
            mediation.mediator,
            name=found.name,
            version=found.version,
            terms=_reworded(mediation),
        )
    ).agreement
    assert (revised.revision, revised.state) == (2, agreement_pb2.AGREEMENT_STATE_DRAFTED)
    old = (await mediation.call("GetSigningRound", mediation.complainant, name=signing_round.name)).signing_round
    assert old.state == agreement_pb2.ROUND_STATE_VOIDED
    assert await refusal(mediation.sign(old, mediation.respondent, "party-2")) == "ROUND_CLOSED"
    again = await mediation.freeze(revised)
    assert again.frozen_digest != signing_round.frozen_digest
    assert {slot.state for slot in again.slots} == {agreement_pb2.SLOT_STATE_WAITING}
    (ended,) = await mediation.events("agreement.round_ended")
    event = mediation_events_pb2.AgreementRoundEnded.FromString(ended["payload"])
    assert event.state == agreement_pb2.ROUND_STATE_VOIDED
    await mediation.sign_all(name, revised, again)


async def test_who_refuses_to_sign_ends_the_case_without_an_agreement(mediation: Mediation) -> None:
    name, agreement, signing_round = await mediation.frozen()
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    refused = await mediation.call(
        "RefuseToSign",
        mediation.respondent,
        name=signing_round.name,
        party=f"parties/{mediation.party_b}",
        reason="不同意",
    )
    assert refused.signing_round.state == agreement_pb2.ROUND_STATE_REFUSED
    case = await mediation.case(name)
    assert (case.state, case.termination_reason) == (
        case_pb2.CASE_STATE_TERMINATED,
        case_pb2.TERMINATION_REASON_REFUSED_TO_SIGN,
    )
    found = (await mediation.call("GetAgreement", mediation.complainant, name=agreement.name)).agreement
    assert found.state == agreement_pb2.AGREEMENT_STATE_VOID
    assert await mediation.events("agreement.effective") == []
    assert await mediation.events("case.concluded") == []


async def test_somebody_under_pressure_signs_nothing_and_the_mediator_alone_learns_it(mediation: Mediation) -> None:
    name, _, signing_round = await mediation.frozen()
    after = await mediation.sign(signing_round, mediation.complainant, "party-1", acts_freely=False)
    assert after.slots[0].state == agreement_pb2.SLOT_STATE_WAITING
    notes = (await mediation.call("ListItems", mediation.mediator, case=name)).items
    assert len(notes) == 1
    for other in (mediation.complainant, mediation.respondent, mediation.administrator):
        assert list((await mediation.call("ListItems", other, case=name)).items) == []
    assert await mediation.events("agreement.act_recorded") == []


async def test_an_agent_signs_only_with_the_power_to_sign_that_is_valid_today(mediation: Mediation) -> None:
    name = await mediation.agreed()
    general, settling, signing = uuid4(), uuid4(), uuid4()
    await represent(mediation, name, general)
    special = {"authority": party_pb2.AUTHORITY_AGENT_SPECIAL, "end_date": "2026-03-02"}
    await represent(mediation, name, settling, powers=[case_pb2.POWER_SETTLE], **special)
    await represent(mediation, name, signing, powers=[case_pb2.POWER_SIGN], **special)
    signing_round = await mediation.freeze(await mediation.draft(name))
    assert await refusal(mediation.sign(signing_round, general, "party-2")) == "SPECIAL_AUTHORITY_MISSING"
    assert await refusal(mediation.sign(signing_round, settling, "party-2")) == "SPECIAL_AUTHORITY_MISSING"
    signed = await mediation.sign(signing_round, signing, "party-2")
    slot = next(each for each in signed.slots if each.slot == "party-2")
    assert (slot.account, slot.authority) == (f"accounts/{signing}", party_pb2.AUTHORITY_AGENT_SPECIAL)


async def test_every_certificate_names_whom_the_text_names(mediation: Mediation) -> None:
    """Whatever an account calls itself: the asking service hands over the name that the case knows."""
    name, agreement, _ = await mediation.sealed()
    asked = {each.slot: each.signer for each in mediation.identity.asked if each.subject.startswith("signingRounds/")}
    assert [(asked[slot].display_name, asked[slot].on_behalf_of) for slot in ("party-1", "party-2", "mediator")] == [
        ("王样本", ""),
        ("张法人", "样本商贸有限公司"),
        ("李调解", ""),
    ]
    assert asked["party-2"].title == "法定代表人 Legal representative"
    assert not asked["seal"].display_name and not asked["freeze"].display_name
    content = await mediation.download(mediation.complainant, agreement.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    knowledge = Knowledge((mediation.identity.certificates.root_der,))
    report = await asyncio.to_thread(inspect, content, knowledge, mediation.clock.now())
    assert report.valid, report.failures
    (dossier,) = await mediation.sql("SELECT bytes FROM dossiers")
    parties = agreement_pb2.AgreementDossier.FromString(dossier["bytes"]).parties
    assert [(each.authority, each.acting_name) for each in parties] == [
        (party_pb2.AUTHORITY_SELF, ""),
        (party_pb2.AUTHORITY_LEGAL_REPRESENTATIVE, "张法人"),
    ]
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_CONCLUDED


async def test_nobody_signs_whom_the_frozen_text_does_not_name(mediation: Mediation) -> None:
    name = await mediation.agreed()
    agreement = await mediation.draft(name)
    agent = uuid4()
    special = {
        "authority": party_pb2.AUTHORITY_AGENT_SPECIAL,
        "end_date": "2026-03-02",
        "powers": [case_pb2.POWER_SIGN],
    }
    await represent(mediation, name, agent, **special)
    assert await refusal(mediation.freeze(agreement)) == "SIGNERS_CHANGED"
    revised = await mediation.call(
        "ReviseAgreement",
        mediation.mediator,
        name=agreement.name,
        version=agreement.version,
        terms=mediation.terms(),
    )
    signing_round = await mediation.freeze(revised.agreement)
    late = uuid4()
    await represent(mediation, name, late, **special)
    assert await refusal(mediation.sign(signing_round, late, "party-2")) == "SIGNER_NOT_NAMED"
    signed = await mediation.sign(signing_round, agent, "party-2")
    assert signed.slots[1].state != agreement_pb2.SLOT_STATE_WAITING


async def test_an_expired_power_of_attorney_signs_nothing(mediation: Mediation) -> None:
    name = await mediation.agreed()
    agent = uuid4()
    special = {"authority": party_pb2.AUTHORITY_AGENT_SPECIAL, "end_date": "2026-03-02"}
    await represent(mediation, name, agent, powers=[case_pb2.POWER_SIGN], **special)
    signing_round = await mediation.freeze(await mediation.draft(name))
    mediation.clock.advance(timedelta(days=1))
    assert await refusal(mediation.sign(signing_round, agent, "party-2")) == "AUTHORITY_EXPIRED"


async def test_an_unfinished_round_expires_with_every_signature_in_it(mediation: Mediation) -> None:
    name, agreement, signing_round = await mediation.frozen()
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await eventually(lambda: _signed(mediation, 1))
    mediation.clock.advance(timedelta(days=16))
    await mediation.round_reaches(signing_round.name, agreement_pb2.ROUND_STATE_EXPIRED)
    found = (await mediation.call("GetAgreement", mediation.mediator, name=agreement.name)).agreement
    assert (found.state, found.frozen_digest) == (agreement_pb2.AGREEMENT_STATE_DRAFTED, b"")
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_AGREED
    again = await mediation.freeze(found)
    assert again.name != signing_round.name


async def test_signed_files_are_released_only_when_the_round_is_sealed(mediation: Mediation) -> None:
    _, agreement, signing_round = await mediation.frozen()
    frozen = await mediation.download(mediation.respondent, agreement.name, agreement_pb2.DOCUMENT_FORM_FROZEN)
    assert hashlib.sha256(frozen).digest() == signing_round.frozen_digest
    terms = await mediation.download(mediation.respondent, agreement.name, agreement_pb2.DOCUMENT_FORM_TERMS)
    assert hashlib.sha256(terms).digest() == agreement.terms_digest
    early = mediation.download(mediation.respondent, agreement.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    with pytest.raises(grpc.aio.AioRpcError, match="once it is sealed"):
        await early


async def test_identity_may_be_down_for_a_while(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    mediation.identity.down = True
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    jobs = "SELECT 1 FROM jobs WHERE kind = 'sign_slot' AND attempts > 0 AND state = 'QUEUED'"
    await eventually(lambda: mediation.sql(jobs))
    mediation.identity.down = False
    await eventually(lambda: _signed(mediation, 1))


async def test_a_dismissed_agreement_gives_way_to_a_new_one_with_its_own_moment(mediation: Mediation) -> None:
    from comity.court_link.v1 import application_pb2, court_link_events_pb2  # noqa: PLC0415

    name, first, _ = await mediation.sealed()
    ruling = f"rulings/{uuid4()}"
    event = court_link_events_pb2.RulingIssued(
        ruling=ruling, agreement=first.name, case=name, outcome=application_pb2.RULING_OUTCOME_DISMISSED
    )
    await mediation.hear("court_link", "ruling.issued", event, ruling)

    async def reopened() -> bool:
        return (await mediation.case(name)).state == case_pb2.CASE_STATE_OPEN

    await eventually(reopened)
    mediation.clock.advance(timedelta(days=2))
    offer = await mediation.offer(name)
    await mediation.respond(offer.name, mediation.respondent, accept=True)
    draft = await mediation.draft(name)
    assert draft.supersedes == first.name
    _, second, _ = await mediation.sign_all(name, draft, await mediation.freeze(draft))
    old = (await mediation.call("GetAgreement", mediation.complainant, name=first.name)).agreement
    assert old.state == agreement_pb2.AGREEMENT_STATE_SUPERSEDED
    assert utc(second.effective_time) - utc(old.effective_time) >= timedelta(days=2)
    pdf = await mediation.download(mediation.complainant, first.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    assert hashlib.sha256(pdf).digest() == first.sealed_digest


async def test_a_subject_that_the_law_keeps_on_paper_is_not_signed_electronically(mediation: Mediation) -> None:
    name = await mediation.agreed(subject_matter="SUCCESSION")
    agreement = await mediation.draft(name)
    assert await refusal(mediation.freeze(agreement)) == "ELECTRONIC_SIGNATURE_EXCLUDED"


async def _signed(mediation: Mediation, count: int) -> bool:
    return len(await mediation.events("agreement.slot_signed")) == count


def _reworded(mediation: Mediation) -> object:
    terms = mediation.terms()
    terms.facts += "。"
    return terms


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


async def test_a_signature_made_for_a_revision_that_moved_on_is_not_recorded(mediation: Mediation) -> None:
    """Two workers, one file: the second has to append to what the first left."""
    _, _, signing_round = await mediation.frozen()
    await mediation.sign(signing_round, mediation.complainant, "party-1")
    await eventually(lambda: _signed(mediation, 1))
    await mediation.sql(
        "UPDATE signing_rounds SET data = jsonb_set(data, '{revision_digest}', to_jsonb(repeat('00', 32)))"
    )
    await mediation.sign(signing_round, mediation.respondent, "party-2")
    stuck = "SELECT 1 FROM jobs WHERE kind = 'sign_slot' AND state = 'QUEUED' AND attempts > 0"
    await eventually(lambda: mediation.sql(stuck))
    assert len(await mediation.events("agreement.slot_signed")) == 1


async def test_an_act_whose_certificate_is_refused_is_given_back_to_its_signer(mediation: Mediation) -> None:
    _, _, signing_round = await mediation.frozen()
    mediation.identity.refuses = True
    await mediation.sign(signing_round, mediation.complainant, "party-1")

    async def given_back() -> bool:
        found = (await mediation.call("GetSigningRound", mediation.complainant, name=signing_round.name)).signing_round
        return found.slots[0].state == agreement_pb2.SLOT_STATE_WAITING

    await eventually(given_back)
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


async def test_a_forwarded_matter_that_arrives_twice_opens_one_case(mediation: Mediation) -> None:
    name = await mediation.forward()
    (row,) = await mediation.sql("SELECT origin FROM cases")
    events = await mediation.sql("SELECT version FROM event_log WHERE type = 'case.opened'")
    assert len(events) == 1
    from comity.intake.v1 import intake_events_pb2  # noqa: PLC0415

    again = intake_events_pb2.MatterForwarded(
        matter=row["origin"],
        organisation=f"organisations/{mediation.organisation}",
        dossier_digest=next(iter(mediation.sources.dossiers)),
    )
    heard = await _heard(mediation)
    await mediation.hear("intake", "matter.forwarded", again, row["origin"], version=2)
    await eventually(lambda: _has_heard(mediation, heard + 1))
    assert len(await mediation.sql("SELECT 1 FROM cases")) == 1
    assert (await mediation.case(name)).version == 1


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


def _asked(mediation: Mediation, slot: str) -> bool:
    return any(request.slot == slot for request in mediation.identity.asked)


async def _heard(mediation: Mediation) -> int:
    (row,) = await mediation.sql("SELECT count(*) AS events FROM inbox")
    return int(row["events"])


async def _has_heard(mediation: Mediation, events: int) -> bool:
    return await _heard(mediation) == events
