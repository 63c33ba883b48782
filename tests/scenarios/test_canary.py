"""A word told in confidence is found nowhere but where its party and the mediator may look."""

import secrets
import subprocess
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from comity.court_link.v1 import application_pb2
from comity.court_link.v1 import court_link_service_pb2 as court_pb
from comity.mediation.v1 import agreement_pb2, case_pb2, session_pb2
from comity.mediation.v1 import mediation_service_pb2 as mediation_pb

from services.cli.actor import Actor
from tests.scenarios import searching
from tests.scenarios.conftest import Town
from tests.scenarios.played import Played, refusal

WHERE_IT_MAY_STAND = {"mediation public.items", "mediation public.session_records", "mediation public.replies"}
"""Rows under row level security: the items, the record of the private session, and the answers kept for its own caller."""


async def test_a_word_told_in_confidence_stays_with_its_party_and_the_mediator(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    word = f"canary{secrets.token_hex(6)}"
    case = town.journey("canary", lane=3)
    await case.to_open()
    await town.quiet()
    before = await _seen_by(case, case.respondent)

    note = await case.caucus_note("complainant", f"{word} 八万元可以接受（样本）")
    private = await case.note(
        case.complainant, f"{word} 备忘（样本）", case_pb2.COMPARTMENT_PARTY_PRIVATE, "complainant"
    )
    own = await case.note(case.mediator, f"{word} 工作笔记（样本）", case_pb2.COMPARTMENT_MEDIATOR_ONLY)
    session, record = await _caucus(case, word)
    await town.quiet()
    assert await _seen_by(case, case.respondent) == before
    assert {each.name for each in await case.items(case.mediator)} == {note.name, own.name}
    assert {each.name for each in await case.items(case.complainant)} == {note.name, private.name}
    errors = await _refusals(case, note.name, session.name, record.name)
    sealed = await case.document(record.name, agreement_pb2.DOCUMENT_FORM_SIGNED)
    assert searching.in_bytes(sealed, word) and word in _text_of(sealed)

    await case.meet()
    await case.negotiate()
    await case.sign()
    await case.apply_and_rule()
    await case.close()
    await town.quiet()

    assert await searching.in_events(town, word) == []
    assert searching.in_mail(town, word) == []
    assert word not in town.log()
    printed = capfd.readouterr()
    assert word not in printed.out + printed.err
    assert set(searching.in_objects(town, word)) <= {"mediation"}
    assert await searching.in_databases(town, word) <= WHERE_IT_MAY_STAND
    for document in await _papers(case, town):
        assert not searching.in_bytes(document, word)
        assert word not in _text_of(document)
    for answer in (await _seen_by(case, case.respondent)).values():
        assert word.encode() not in answer
    assert not any(word in error for error in errors)


async def test_the_search_finds_what_is_there(town: Town) -> None:
    """Else the test above would prove nothing."""
    word = f"canary{secrets.token_hex(6)}"
    case = town.journey(f"{word} found")
    case.case = _saying(case, word)
    await case.to_open()
    await case.meet()
    assert any("items" in each or "session_records" in each for each in await searching.in_databases(town, word))
    assert set(searching.in_objects(town, word)) == {"mediation"}
    assert searching.in_bytes(case.papers.session_record, word) and word in _text_of(case.papers.session_record)
    assert await searching.in_events(town, case.name)
    assert searching.in_mail(town, case.respondent.email)
    assert "listening" in town.log()


def _saying(case: Played, word: str) -> Any:
    return replace(case.case, statement=f"{word} {case.case.statement}")


async def _caucus(case: Played, word: str) -> tuple[Any, Any]:
    """A private session with the complainant, and its record, confirmed."""
    session = await case.schedule(session_pb2.SESSION_KIND_CAUCUS, case.parties["complainant"])
    session = await case.on_session(case.complainant, "WaiveNotice", session, party=case.parties["complainant"])
    session = await case.held(session, {"complainant": case.complainant})
    record = await case.recorded(session, "complainant", f"{word} 私下陈述（样本）")
    return session, record


async def _seen_by(case: Played, actor: Actor) -> dict[str, bytes]:
    """Every answer about the case that a party can get, byte by byte."""
    stub = case.mediator.services.mediation
    answers: dict[str, bytes] = {}
    for method in ("ListSessions", "ListSessionRecords", "ListItems", "ListOffers", "ListAgreements"):
        request = getattr(mediation_pb, f"{method}Request")(case=case.name, page_size=200)
        answers[method] = (await actor.call(getattr(stub, method), request)).SerializeToString(deterministic=True)
    got = await actor.call(stub.GetCase, mediation_pb.GetCaseRequest(name=case.name))
    answers["GetCase"] = got.SerializeToString(deterministic=True)
    answers["ListNotices"] = b"".join(each.SerializeToString() for each in await case.notices(actor))
    return answers


async def _refusals(case: Played, note: str, session: str, record: str) -> list[str]:
    """What the other party is told when it asks for the private things by their names."""
    stub = case.mediator.services.mediation
    said = []
    for method, request in (
        (stub.GetSession, mediation_pb.GetSessionRequest(name=session)),
        (stub.GetSessionRecord, mediation_pb.GetSessionRecordRequest(name=record)),
        (stub.ReleaseItem, mediation_pb.ReleaseItemRequest(request_id=_id(), name=note, version=1)),
        (stub.WaiveNotice, _waiver(case, session)),
        (stub.ConfirmSessionRecord, _confirmation(record)),
    ):
        error = await refusal(case.respondent.call(method, request))
        assert error.reason == "NOT_FOUND"
        said.append(f"{error} {error.zh} {error.metadata}")
    document = mediation_pb.DownloadDocumentRequest(document=record, form=agreement_pb2.DOCUMENT_FORM_SIGNED)
    error = await refusal(case.respondent.download(stub.DownloadDocument, document))
    assert error.reason == "NOT_FOUND"
    said.append(f"{error} {error.zh} {error.metadata}")
    return said


def _waiver(case: Played, session: str) -> Any:
    return mediation_pb.WaiveNoticeRequest(request_id=_id(), name=session, version=1, party=case.parties["respondent"])


def _confirmation(record: str) -> Any:
    return mediation_pb.ConfirmSessionRecordRequest(
        request_id=_id(), name=record, version=1, response=session_pb2.RECORD_RESPONSE_CONFIRM
    )


def _id() -> str:
    return str(uuid4())


async def _papers(case: Played, town: Town) -> list[bytes]:
    """Everything that the parties and the court can download."""
    forms = (
        agreement_pb2.DOCUMENT_FORM_FROZEN,
        agreement_pb2.DOCUMENT_FORM_SIGNED,
        agreement_pb2.DOCUMENT_FORM_TERMS,
    )
    found = [await case.document(case.papers.agreement_name, form) for form in forms]
    found += [case.papers.session_record, case.papers.ruling]
    court = town.suite.services.court_link
    (application,) = await case.applications()
    kinds = application_pb2
    for document in (kinds.APPLICATION_DOCUMENT_AGREEMENT, kinds.APPLICATION_DOCUMENT_TERMS):
        request = court_pb.DownloadDocumentRequest(name=application.name, document=document)
        found.append(await town.people.judge.download(court.DownloadDocument, request))
    for reader in (town.people.judge, town.people.clerk):
        file = await reader.call(court.GetApplication, court_pb.GetApplicationRequest(name=application.name))
        found.append(file.SerializeToString())
    return found


def _text_of(document: bytes) -> str:
    if not document.startswith(b"%PDF"):
        return document.decode("utf-8", errors="replace")
    done = subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True)
    return done.stdout.decode()
