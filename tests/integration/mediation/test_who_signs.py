"""Who signs, for whom and on what authority: whom the text names, with a power that holds today, freely."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from comity.common.v1 import party_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2

from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.integration.mediation.running import Mediation, refusal
from tests.integration.mediation.test_settling import represent


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
    assert asked["party-2"].title == "法定代表人"
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
