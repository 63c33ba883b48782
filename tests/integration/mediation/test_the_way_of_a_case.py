"""From a forwarded matter to a sealed agreement, through the real server, PostgreSQL, NATS and signing processes."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from comity.intake.v1 import intake_events_pb2
from comity.mediation.v1 import agreement_pb2, case_pb2, mediation_events_pb2
from comity.mediation.v1 import mediation_service_pb2 as pb

from services.common.papers import render_paper
from services.common.rpc.client import pull
from services.common.signing.inspect import inspect
from services.common.signing.trust_settings import Knowledge
from tests.integration.mediation.running import Mediation
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer


async def test_a_forwarded_matter_ends_in_a_sealed_agreement_that_verifies(mediation: Mediation) -> None:
    name, agreement, _ = await mediation.sealed()
    assert agreement.state == agreement_pb2.AGREEMENT_STATE_SEALED
    assert agreement.effectiveness_rule == "PARTIES_MEDIATOR_AND_SEAL"
    assert (await mediation.case(name)).state == case_pb2.CASE_STATE_CONCLUDED
    pdf = await mediation.download(mediation.complainant, agreement.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    assert hashlib.sha256(pdf).digest() == agreement.sealed_digest
    report = await asyncio.to_thread(
        inspect,
        pdf,
        Knowledge((mediation.identity.certificates.root_der,)),
        mediation.clock.now() + timedelta(minutes=1),
        render_again=lambda terms: render_paper(terms).content,
    )
    assert report.valid, report.failures
    assert report.frozen_sha256 == agreement.frozen_digest.hex()
    assert hashlib.sha256(report.terms).digest() == agreement.terms_digest

    (sealed,) = await mediation.events("agreement.sealed")
    event = mediation_events_pb2.AgreementSealed.FromString(sealed["payload"])
    request = pb.ReadAgreementDossierRequest(agreement=agreement.name, digest=event.dossier_digest)
    token = bearer(mediation.issuer.service("court_link"))
    data = await pull(
        lambda: mediation.stub.ReadAgreementDossier(request, metadata=token, timeout=30), event.dossier_digest
    )
    dossier = agreement_pb2.AgreementDossier.FromString(data)
    assert dossier.sealed_digest == agreement.sealed_digest
    assert [party.particulars.identity_number for party in dossier.parties] == [
        "110101199003070011",
        "91110000600037341X",
    ]
    assert [each.slot for each in dossier.certificates] == ["party-1", "party-2", "mediator", "seal"]


async def test_a_forwarded_matter_that_arrives_twice_opens_one_case(mediation: Mediation) -> None:
    name = await mediation.forward()
    (row,) = await mediation.sql("SELECT origin FROM cases")
    events = await mediation.sql("SELECT version FROM event_log WHERE type = 'case.opened'")
    assert len(events) == 1
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


async def _heard(mediation: Mediation) -> int:
    (row,) = await mediation.sql("SELECT count(*) AS events FROM inbox")
    return int(row["events"])


async def _has_heard(mediation: Mediation, events: int) -> bool:
    return await _heard(mediation) == events


async def test_each_organisation_counts_its_cases_and_agreements_from_one_in_each_year_of_beijing(
    mediation: Mediation,
) -> None:
    mediation.identity.short_name = "样证"
    name, agreement, _ = await mediation.frozen()
    assert (await mediation.case(name)).number == "2026-000001"
    assert agreement.number == "（2026）样证调字第1号"
    mediation.clock.set(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert (await mediation.case(await mediation.forward())).number == "2026-000002"
    mediation.clock.set(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert (await mediation.case(await mediation.forward())).number == "2027-000001"
    elsewhere = uuid4()
    mediation.organisation = elsewhere
    assert (await mediation.case(await mediation.forward())).number == "2027-000001", "nobody sees how many others have"
