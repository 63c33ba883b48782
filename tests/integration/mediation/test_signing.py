"""Signing: one act for one proof, the right order, nothing signed that was not frozen, nothing released too early."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import uuid4

import grpc
import pytest
from comity.common.v1 import deadline_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, mediation_events_pb2

from services.common.kernel.errors import DomainError, ErrorKind
from tests.integration.mediation.running import Mediation, refusal, utc
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


async def test_a_dismissed_agreement_gives_way_to_a_new_one_with_its_own_moment(mediation: Mediation) -> None:
    from comity.court_link.v1 import application_pb2, court_link_events_pb2  # noqa: PLC0415

    name, first, _ = await mediation.sealed()
    ruling = f"rulings/{uuid4()}"
    event = court_link_events_pb2.RulingIssued(
        ruling=ruling, agreement=first.name, case=name, outcome=application_pb2.RULING_OUTCOME_DISMISSED
    )
    await mediation.hear("court_link", "ruling.issued", event, ruling)

    async def dismissed() -> bool:
        return (await mediation.case(name)).ruling_outcome == "DISMISSED"

    await eventually(dismissed)
    mediation.clock.advance(timedelta(days=2))
    found = await mediation.case(name)
    running = [each for each in found.deadlines if each.state == deadline_pb2.DEADLINE_STATE_RUNNING]
    assert (found.state, running) == (case_pb2.CASE_STATE_CONCLUDED, []), "nothing opens by itself"
    parties = (f"parties/{mediation.party_a}", f"parties/{mediation.party_b}")
    for _ in range(2):  # Asking twice is asking once.
        asked = {"party": parties[0], "mediation": True}
        found = await mediation.on_case("ConsentToMediation", mediation.complainant, name, **asked)
        assert (found.state, list(found.anew_wanted_by)) == (case_pb2.CASE_STATE_CONCLUDED, [parties[0]])
    assert await mediation.events("case.reopened") == []
    found = await mediation.on_case("ConsentToMediation", mediation.respondent, name, party=parties[1], mediation=True)
    assert (found.state, list(found.anew_wanted_by)) == (case_pb2.CASE_STATE_OPEN, [])
    (limit,) = [each for each in found.deadlines if each.state == deadline_pb2.DEADLINE_STATE_RUNNING]
    assert limit.rule.startswith("MED.PEOPLES")
    assert len(await mediation.events("case.reopened")) == 1
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
    with pytest.raises(DomainError, match="ELECTRONIC_SIGNATURE_EXCLUDED") as refused:
        await mediation.freeze(agreement)
    assert "电子签名法第3条" in refused.value.metadata["source"]


async def _signed(mediation: Mediation, count: int) -> bool:
    return len(await mediation.events("agreement.slot_signed")) == count


def _reworded(mediation: Mediation) -> object:
    terms = mediation.terms()
    terms.facts += "。"
    return terms
