"""Session records (笔录): answered by everybody who was there, sealed once by the organisation, read by nobody else."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from comity.common.v1 import operations_service_pb2 as operations_pb
from comity.common.v1.operations_service_pb2_grpc import OperationsServiceStub
from comity.mediation.v1 import agreement_pb2, mediation_events_pb2, session_pb2

from services.common.kernel.principal import Role
from services.common.papers import render_paper
from services.common.rpc.client import answered
from services.common.signing.inspect import inspect
from services.common.signing.report import Report
from services.common.signing.trust_settings import Knowledge
from tests.integration.mediation.running import ORGANISATION_NAME, Mediation, refusal
from tests.kit.events import last_published
from tests.kit.eventually import eventually
from tests.kit.tokens import bearer

CONFIRM, CORRECT, REFUSE = (
    session_pb2.RECORD_RESPONSE_CONFIRM,
    session_pb2.RECORD_RESPONSE_CORRECT,
    session_pb2.RECORD_RESPONSE_REFUSE,
)
SECRET = "八万元也可以接受 would take 80k"


async def download(mediation: Mediation, who: UUID, record: session_pb2.SessionRecord) -> bytes:
    return await mediation.download(who, record.name, agreement_pb2.DOCUMENT_FORM_SIGNED)


async def verified(mediation: Mediation, pdf: bytes) -> Report:
    """Offline, with the file and the root alone, and the text rendered again from the attached data."""
    return await asyncio.to_thread(
        inspect,
        pdf,
        Knowledge((mediation.identity.certificates.root_der,)),
        mediation.clock.now() + timedelta(minutes=1),
        render_again=lambda data: render_paper(data).content,
    )


async def announced(
    mediation: Mediation, record: session_pb2.SessionRecord
) -> mediation_events_pb2.SessionRecordSealed:
    """The event as it went out on the broker; it went out once."""
    published = await eventually(lambda: last_published(mediation.client, "mediation", "session_record.sealed"))
    event = mediation_events_pb2.SessionRecordSealed.FromString(published)
    assert event.session_record == record.name
    assert len(await mediation.events("session_record.sealed")) == 1
    return event


async def test_a_closed_record_is_sealed_by_the_organisation_and_verifies_offline(mediation: Mediation) -> None:
    record = await mediation.closed_record(await mediation.opened())
    assert record.state == session_pb2.RECORD_STATE_CONFIRMED
    record = await mediation.sealed_record(record)
    pdf = await download(mediation, mediation.respondent, record)
    assert hashlib.sha256(pdf).digest() == record.document_digest
    report = await verified(mediation, pdf)
    assert report.valid, report.failures
    assert [each.slot for each in report.signatures] == ["record-seal"]
    event = await announced(mediation, record)
    assert (event.document_digest, event.caucus_party) == (record.document_digest, "")


async def test_nobody_is_asked_for_a_code_and_the_seal_is_the_organisations(mediation: Mediation) -> None:
    record = await mediation.sealed_record(await mediation.closed_record(await mediation.opened()))
    freezing, sealing = mediation.identity.asked
    assert (freezing.slot, freezing.freezing, freezing.proof) == ("freeze", True, "")
    assert (sealing.slot, sealing.attesting, sealing.proof) == ("record-seal", True, "")
    assert sealing.subject == freezing.subject == record.name
    assert sealing.organisation == f"organisations/{mediation.organisation}"


async def test_the_record_prints_who_was_there_and_each_ones_word_on_it(mediation: Mediation) -> None:
    name = await mediation.opened()
    record = await mediation.draft_record(await mediation.hold(name))
    record = await mediation.answer_record(record, mediation.complainant, CORRECT, "金额应为一百元。")
    record = await mediation.answer_record(record, mediation.respondent, REFUSE)
    assert record.state == session_pb2.RECORD_STATE_CONTESTED
    record = await mediation.sealed_record(record)
    report = await verified(mediation, await download(mediation, mediation.complainant, record))
    assert report.valid, report.failures
    data = json.loads(report.terms)
    assert (data["organisation"], data["mediator"], data["state"]) == (ORGANISATION_NAME, "李调解", "CONTESTED")
    people = [(each["name"], each["agent"], each["authority"], each["identity_method"]) for each in data["attendees"]]
    assert people == [
        ("王样本", "", "SELF", "ID_CARD"),
        ("样本商贸有限公司", "张法人", "LEGAL_REPRESENTATIVE", "ID_CARD"),
        ("李调解", "", "", "ACCOUNT"),
    ]
    assert [(each["name"], each["response"], each["remarks"]) for each in data["answers"]] == [
        ("李调解", "CONFIRM", ""),
        ("王样本", "CORRECT", "金额应为一百元。"),
        ("样本商贸有限公司", "REFUSE", ""),
    ]
    assert all(each["respond_time"] and each["identity_method"] == "ACCOUNT" for each in data["answers"])


async def test_a_closed_record_never_changes(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.hold(name)
    record = await mediation.draft_record(session)
    for who in (mediation.complainant, mediation.respondent):
        record = await mediation.answer_record(record, who, CONFIRM)
    assert await refusal(mediation.draft_record(session)) == "RECORD_CLOSED"
    assert await refusal(mediation.answer_record(record, mediation.complainant, REFUSE)) == "RECORD_CLOSED"


async def test_until_it_is_sealed_a_record_is_read_as_data_and_given_out_in_no_form(mediation: Mediation) -> None:
    mediation.identity.down = True
    record = await mediation.closed_record(await mediation.opened())
    found = (await mediation.call("GetSessionRecord", mediation.complainant, name=record.name)).session_record
    assert (found.state, found.document_digest) == (session_pb2.RECORD_STATE_CONFIRMED, b"")
    for form in (agreement_pb2.DOCUMENT_FORM_FROZEN, agreement_pb2.DOCUMENT_FORM_SIGNED):
        call = mediation.download(mediation.complainant, record.name, form)
        assert await refused(call) == "NOT_RELEASED"
    mediation.identity.down = False
    await mediation.sealed_record(record)


async def test_two_workers_at_the_same_record_leave_one_sealed_document(mediation: Mediation) -> None:
    identity, given_up = mediation.identity, 0

    async def both_ask() -> bool:
        nonlocal given_up
        if identity.at_the_gate == 1 and given_up != len(identity.asked):
            # As if the first had died: its lease is over, and it goes on nevertheless. Who asks gives up after five
            # seconds, and a second that was slower meets it when it asks again.
            given_up = len(identity.asked)
            await mediation.sql("UPDATE jobs SET lease_until = run_time WHERE kind = 'seal_session_record'")
        return identity.at_the_gate == 2

    async def both_done() -> bool:
        return identity.issued.count("record-seal") >= 2

    async def done() -> bool:
        return {each["state"] for each in await mediation.sql("SELECT state FROM jobs")} == {"DONE"}

    name = await mediation.opened()
    async with mediation.replica():
        identity.gate.clear()
        record = await mediation.closed_record(name)
        await eventually(both_ask, 60)
        identity.gate.set()
        record = await mediation.sealed_record(record)
        await eventually(both_done)
        await mediation.sql("UPDATE jobs SET state = 'QUEUED', lease_until = NULL WHERE kind = 'seal_session_record'")
        await eventually(done)
    assert await mediation.sealed_record(record) == record
    assert len(await mediation.events("session_record.sealed")) == 1
    pdf = await download(mediation, mediation.complainant, record)
    assert hashlib.sha256(pdf).digest() == record.document_digest
    assert (await verified(mediation, pdf)).valid


async def test_a_record_that_identity_refuses_to_seal_is_sealed_when_the_operator_has_it_done_again(
    mediation: Mediation,
) -> None:
    mediation.identity.refuses = True
    record = await mediation.closed_record(await mediation.opened())
    room = OperationsServiceStub(mediation.channel)
    operator = bearer(mediation.issuer.person(uuid4(), {mediation.identity.platform: [Role.ADMINISTRATOR]}))

    async def given_up() -> Any:
        found = await room.ListFailedJobs(operations_pb.ListFailedJobsRequest(), metadata=operator, timeout=30)
        return found.failed_jobs

    (failed,) = await eventually(given_up)
    assert (failed.kind, failed.reason, failed.attempts) == ("seal_session_record", "PERMISSION_DENIED", 1)
    for reader in (mediation.complainant, mediation.mediator):
        seen = (await mediation.call("GetSessionRecord", reader, name=record.name)).session_record
        assert (seen.seal_problem, seen.document_digest) == ("PERMISSION_DENIED", b"")
    told = await eventually(lambda: last_published(mediation.client, "mediation", "session_record.seal_failed"))
    event = mediation_events_pb2.SessionRecordSealFailed.FromString(told)
    assert (event.session_record, event.account) == (record.name, f"accounts/{mediation.mediator}")
    mediation.identity.refuses = False
    retry = operations_pb.RetryJobRequest(name=failed.name, request_id=str(uuid4()))
    await room.RetryJob(retry, metadata=operator, timeout=30)
    record = await mediation.sealed_record(record)
    assert record.seal_problem == ""
    assert (await verified(mediation, await download(mediation, mediation.respondent, record))).valid


async def test_the_sealed_record_of_a_caucus_is_its_partys_and_the_mediators(mediation: Mediation) -> None:
    name = await mediation.opened()
    session = await mediation.hold(name, caucus_party=mediation.party_a)
    record = await mediation.draft_record(session, statements=[], undisputed_facts=[SECRET], result=SECRET)
    record = await mediation.sealed_record(await mediation.answer_record(record, mediation.complainant, CONFIRM))
    for reader in (mediation.complainant, mediation.mediator):
        report = await verified(mediation, await download(mediation, reader, record))
        assert report.valid, report.failures
        assert SECRET in report.terms.decode()
        assert "样本商贸有限公司" not in report.terms.decode()
    for other in (mediation.respondent, mediation.administrator, mediation.keeper, UUID(int=7)):
        assert await refused(download(mediation, other, record)) == "NOT_FOUND"
        assert await refusal(mediation.call("GetSessionRecord", other, name=record.name)) == "NOT_FOUND"
        assert await mediation.sql_as(other, "SELECT 1 FROM session_records") == []
    event = await announced(mediation, record)
    assert event.caucus_party == f"parties/{mediation.party_a}"
    assert SECRET.encode() not in event.SerializeToString()


async def test_records_of_two_sessions_of_one_minute_have_numbers_of_their_own(mediation: Mediation) -> None:
    name = await mediation.opened()
    for party in (mediation.party_a, None):
        await mediation.draft_record(await mediation.hold(name, caucus_party=party))
    numbers = {row["number"] for row in await mediation.sql("SELECT data->>'number' AS number FROM session_records")}
    assert len(numbers) == 2


async def refused(call: Awaitable[bytes]) -> str:
    """The reason code of a refused download."""
    return await refusal(answered(call))
