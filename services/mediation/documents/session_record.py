"""The session record (调解笔录) as a PDF: who was there, what was said, and each attendee's word on it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from services.common.documents.document import Column, Document
from services.common.documents.frame import Language, PageFrame
from services.common.documents.stamp import local_time
from services.mediation.domain.case import Case
from services.mediation.domain.session import Attendance, RecordConfirmation, SessionRecord
from services.mediation.domain.vocabulary import Authority, RecordResponse

_RESPONSES = {
    RecordResponse.CONFIRM: "确认 Confirmed",
    RecordResponse.CORRECT: "更正后确认 Confirmed with correction",
    RecordResponse.REFUSE: "拒绝签字 Refused",
}

_AUTHORITIES = {
    Authority.SELF: "本人 In person",
    Authority.LEGAL_REPRESENTATIVE: "法定代表人 Legal representative",
    Authority.GUARDIAN: "监护人 Guardian",
    Authority.AGENT_GENERAL: "一般代理 General agent",
    Authority.AGENT_SPECIAL: "特别授权代理 Specially authorised agent",
}
_METHODS = {"ACCOUNT": "账户登录 Signed in to the account"}


def render_session_record(record: SessionRecord, case: Case) -> bytes:
    """The finished document of a closed record."""
    names = {party.id: party.name for party in case.parties}
    document = Document(
        PageFrame(
            kind="调解笔录",
            title="调解笔录 Session Record",
            number=record.number,
            issuer=case.organisation_facts.display_name,
            language=Language.ZH,
            made_at=record.confirm_time or datetime.fromtimestamp(0, UTC),
            sample=case.sample or case.organisation_facts.sample,
        )
    )
    document.facts(
        [
            ("案号 Case", case.number),
            ("方式 Mode", "单独会谈 Caucus" if record.caucus_party else "共同参加 Joint"),
            ("版本 Version", str(record.revision)),
        ]
    )
    document.heading("到场人员 Attendance")
    document.table(
        [Column("姓名/方 Party", 2), Column("授权 Authority", 2), Column("核验 Identity", 2), Column("时间 Time", 3)],
        [_attended(each, names) for each in record.attendees],
    )
    document.heading("陈述 Statements")
    for statement in record.statements:
        speaker = names.get(statement.party, "调解员 Mediator") if statement.party else "调解员 Mediator"
        document.clause(speaker, statement.text, field="statements")
    _facts(document, record.undisputed_facts)
    document.heading("结果 Result")
    document.paragraph(record.result, field="result")
    document.heading("核对意见 Answers of those present")
    document.table(
        [Column("方 Party", 2), Column("意见 Answer", 2), Column("说明 Remarks", 4)],
        [_answered(each, names) for each in record.confirmations],
    )
    return document.render().content


def _facts(document: Document, facts: Sequence[str]) -> None:
    document.heading("无争议事实 Undisputed facts")
    for number, fact in enumerate(facts, start=1):
        document.clause(f"{number}.", fact, field="undisputed_facts")
    if not facts:
        document.paragraph("无 None")


def _attended(attendance: Attendance, names: dict[UUID, str]) -> tuple[str, str, str, str]:
    who = names.get(attendance.party, "") if attendance.party else "调解员 Mediator"
    authority = _AUTHORITIES[attendance.authority] if attendance.authority else "—"
    method = _METHODS.get(attendance.identity_method, attendance.identity_method)
    return who, authority, method, local_time(attendance.check_in_time)


def _answered(confirmation: RecordConfirmation, names: dict[UUID, str]) -> tuple[str, str, str]:
    who = names.get(confirmation.party, "") if confirmation.party else "调解员 Mediator"
    return who, _RESPONSES[confirmation.response], confirmation.remarks or "—"
