"""The printed session record is a function of its data file, which says who answered what and nothing of anybody else."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.common.kernel.errors import DomainError
from services.common.papers import render_paper
from services.mediation.documents.record_file import write_record_file
from services.mediation.domain.case import Case
from services.mediation.domain.parties import Representative
from services.mediation.domain.session import Attendance, Session
from services.mediation.domain.session_record import SessionRecord, Statement
from services.mediation.domain.vocabulary import Authority, RecordResponse, SessionKind, SessionState
from tests.unit.mediation.makers import NOW, ORGANISATION, an_open_case

MEDIATOR = uuid4()
AGENT = Representative(account=uuid4(), display_name="赵代理", authority=Authority.AGENT_GENERAL)


def a_case() -> Case:
    case = an_open_case(sample=True)
    first, second = case.parties
    case.parties = (replace(first, representatives=(AGENT,)), second)
    return case


def a_session(case: Case, kind: SessionKind = SessionKind.JOINT) -> Session:
    caucus = case.parties[0].id if kind is SessionKind.CAUCUS else None
    return Session(
        id=uuid4(),
        organisation_id=ORGANISATION,
        case_id=case.id,
        kind=kind,
        caucus_party=caucus,
        mediator_account=MEDIATOR,
        necessary=tuple(party.id for party in case.parties if caucus in (None, party.id)),
        start_time=NOW,
        end_time=NOW + timedelta(hours=1),
        notify_time=NOW,
        notice=timedelta(hours=72),
        state=SessionState.HELD,
        room="第一调解室",
    )


def a_record(case: Case, session: Session, *people: tuple[UUID | None, UUID]) -> SessionRecord:
    record = SessionRecord(
        id=uuid4(),
        organisation_id=ORGANISATION,
        session_id=session.id,
        case_id=case.id,
        number="2026-000001-0a0b0c0d",
        caucus_party=session.caucus_party,
        mediator_account=MEDIATOR,
        attendees=tuple(
            Attendance(
                party=party,
                account=account,
                authority=Authority.AGENT_GENERAL if account == AGENT.account else None,
                identity_method="身份证 ID card",
                check_in_time=NOW,
            )
            for party, account in ((None, MEDIATOR), *people)
        ),
        statements=(Statement(party=case.parties[0].id, text="要求退款。"), Statement(party=None, text="说明程序。")),
        undisputed_facts=(),
        result="继续调解。",
    )
    record.draft(NOW)
    return record


def closed_record(case: Case, session: Session, *people: tuple[UUID | None, UUID]) -> SessionRecord:
    record = a_record(case, session, *people)
    for _, account in people:
        record.answer(account, RecordResponse.CORRECT, "金额应为一百元。", NOW + timedelta(minutes=5))
    return record


def closed_file(kind: SessionKind = SessionKind.JOINT) -> bytes:
    case = a_case()
    session = a_session(case, kind)
    record = closed_record(case, session, (case.parties[0].id, AGENT.account))
    return write_record_file(record, session, case, "李调解", "Asia/Shanghai")


def read(file: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file)
    return found


def test_the_same_record_gives_the_same_bytes() -> None:
    file = closed_file()
    one, other = render_paper(file), render_paper(file)
    assert one.content == other.content
    assert [area.slot for area in one.areas] == ["record-seal"]


def test_one_changed_character_gives_other_bytes() -> None:
    file = closed_file()
    assert render_paper(file).content != render_paper(file.replace("一百".encode(), "二百".encode())).content


def test_it_says_for_whom_an_agent_spoke_and_how_each_had_proven_who_they_are() -> None:
    data = read(closed_file())
    assert data["document"] == {
        "number": "2026-000001-0a0b0c0d",
        "slots": ["record-seal"],
        "signers": {"record-seal": [{"name": "样本调解委员会", "on_behalf_of": "", "title": ""}]},
    }
    mediator, agent = data["attendees"]
    assert (mediator["role"], mediator["name"]) == ("MEDIATOR", "李调解")
    assert (agent["role"], agent["name"], agent["agent"]) == ("COMPLAINANT", "王样本", "赵代理")
    assert (agent["authority"], agent["identity_method"]) == ("AGENT_GENERAL", "身份证 ID card")
    assert data["answers"][1] == {
        "role": "COMPLAINANT",
        "name": "王样本",
        "agent": "赵代理",
        "authority": "",
        "response": "CORRECT",
        "remarks": "金额应为一百元。",
        "respond_time": "2026-03-02T01:05:00Z",
        "identity_method": "ACCOUNT",
    }


def test_the_record_of_a_private_session_names_nobody_who_was_not_there() -> None:
    assert "样本商贸有限公司" not in closed_file(SessionKind.CAUCUS).decode()


def test_a_record_that_somebody_has_not_answered_is_not_made() -> None:
    case = a_case()
    session = a_session(case)
    with pytest.raises(DomainError, match="RECORD_OPEN"):
        write_record_file(
            a_record(case, session, (case.parties[0].id, AGENT.account)), session, case, "李调解", "Asia/Shanghai"
        )


@pytest.mark.parametrize("kind", list(SessionKind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("response", list(RecordResponse), ids=lambda response: response.value)
def test_every_kind_of_session_and_of_answer_is_printed(kind: SessionKind, response: RecordResponse) -> None:
    case = a_case()
    session = a_session(case, kind)
    record = a_record(case, session, (case.parties[0].id, AGENT.account))
    record.answer(AGENT.account, response, "说明 " * 2000, NOW)
    rendered = render_paper(write_record_file(record, session, case, "", "Asia/Shanghai"))
    assert rendered.pages > 1


def test_a_record_is_sealed_once_and_not_before_everybody_has_answered() -> None:
    case = a_case()
    session = a_session(case)
    record = a_record(case, session, (case.parties[0].id, AGENT.account))
    with pytest.raises(DomainError, match="RECORD_NOT_SEALABLE"):
        record.seal(b"1" * 32)
    record.answer(AGENT.account, RecordResponse.CONFIRM, "", NOW)
    record.seal(b"1" * 32)
    with pytest.raises(DomainError, match="RECORD_NOT_SEALABLE"):
        record.seal(b"2" * 32)
    assert record.document_digest == b"1" * 32
