"""The session record (调解笔录) as a PDF, from its data file alone: who was there, what was said, each one's word on it.

Nobody signs it by hand. What those present answered stands in the log and is printed with its time and how they had
proven who they are; the organisation's seal attests it (ADR 12).
"""

import json
from datetime import UTC, datetime
from typing import Any

from services.common.documents.attachment import Attachment
from services.common.documents.canonical import sha256_hex
from services.common.documents.document import Column, Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.documents.stamp import local_time
from services.common.signing.slots import RECORD_SEAL, TERMS_FILE

_KINDS = {
    "JOINT": "各方共同参加 Joint",
    "CAUCUS": "单独会谈 Caucus",
    "ASYNCHRONOUS": "非同步 Asynchronous",
}
_READERS = {
    "JOINT": "各方当事人与调解员 All parties and the mediator",
    "CAUCUS": "仅限参加会谈的一方与调解员 Private: the party that was there and the mediator only",
    "ASYNCHRONOUS": "各方当事人与调解员 All parties and the mediator",
}
_STATES = {
    "CONFIRMED": "在场人员均已确认 Confirmed by all who were there",
    "CONTESTED": "有人拒绝确认,意见见下 Contested: see the answers below",
}
_ROLES = {
    "MEDIATOR": "调解员 Mediator",
    "COMPLAINANT": "申请人 Complainant",
    "RESPONDENT": "被申请人 Respondent",
}
_RESPONSES = {
    "CONFIRM": "确认 Confirmed",
    "CORRECT": "更正后确认 Confirmed with correction",
    "REFUSE": "拒绝确认 Refused",
}
_AUTHORITIES = {
    "SELF": "本人 In person",
    "LEGAL_REPRESENTATIVE": "法定代表人 Legal representative",
    "GUARDIAN": "监护人 Guardian",
    "AGENT_GENERAL": "一般代理 General agent",
    "AGENT_SPECIAL": "特别授权代理 Specially authorised agent",
}
_METHODS = {"ACCOUNT": "账户登录 Signed in to the account"}


def render_session_record(record_file: bytes) -> RenderedDocument:
    """The unsealed document with the box of the seal and its data attached. Raises UNPRINTABLE_CHARACTER (INVALID)."""
    data = json.loads(record_file)
    document = Document(
        PageFrame(
            kind="调解笔录",
            title="调解笔录 Session Record",
            number=data["number"],
            issuer=data["organisation"],
            language=Language.ZH,
            made_at=_moment(data["made_time"]),
            sample=data["sample"],
        )
    )
    _circumstances(document, data)
    _attendance(document, data["attendees"])
    _content(document, data)
    _answers(document, data["answers"])
    document.paragraph(f"附件 Attachment {TERMS_FILE}  SHA-256: {sha256_hex(record_file)}", small=True)
    document.signature_areas(
        "盖章 Seal", [AreaRequest(RECORD_SEAL, f"调解组织（印章） {data['organisation']}")], field="organisation"
    )
    document.attach(Attachment(TERMS_FILE, record_file, "Session record as data 笔录数据"))
    return document.render()


def _circumstances(document: Document, data: dict[str, Any]) -> None:
    session = data["session"]
    document.facts(
        [
            ("案号 Case", data["case_number"]),
            ("方式 Mode", _KINDS[session["kind"]]),
            ("时间 Time", f"{_local(session['start_time'])}\n至 to {_local(session['end_time'])}"),
            ("地点 Place", session["room"] or "线上 Online"),
            ("主持与记录 Kept by", f"{_ROLES['MEDIATOR']} {data['mediator']}"),
            ("可阅范围 Readers", _READERS[session["kind"]]),
            ("版本 Version", f"{data['revision']}  {_STATES[data['state']]}"),
        ]
    )
    if session["case_open_time"]:
        document.paragraph(
            f"调解开始前（{_local(session['case_open_time'])}）调解员已告知各方权利义务,警示虚假调解的法律后果,并核验身份。\n"
            "Before mediation began the mediator told all parties their rights and duties, warned them against sham "
            "mediation and checked identities."
        )


def _attendance(document: Document, attendees: list[dict[str, Any]]) -> None:
    document.heading("到场人员 Attendance")
    document.table(
        [Column("人员 Person", 3), Column("授权 Authority", 2), Column("核验 Identity", 3), Column("到场 Since", 3)],
        [
            (
                _person(each),
                _AUTHORITIES.get(each["authority"], "—"),
                _method(each["identity_method"]),
                _local(each["check_in_time"]),
            )
            for each in attendees
        ],
    )


def _content(document: Document, data: dict[str, Any]) -> None:
    document.heading("陈述 Statements")
    for statement in data["statements"]:
        speaker = statement["speaker"] or _ROLES["MEDIATOR"]
        document.paragraph(f"{speaker}:", bold=True, field="statements")
        document.paragraph(statement["text"], field="statements")
    if not data["statements"]:
        document.paragraph("无 None")
    document.heading("无争议事实 Undisputed facts")
    for number, fact in enumerate(data["undisputed_facts"], start=1):
        document.clause(f"{number}.", fact, field="undisputed_facts")
    if not data["undisputed_facts"]:
        document.paragraph("无 None")
    document.heading("结果 Result")
    document.paragraph(data["result"], field="result")


def _answers(document: Document, answers: list[dict[str, Any]]) -> None:
    document.heading("核对意见 Answers of those present")
    document.table(
        [
            Column("人员 Person", 3),
            Column("意见 Answer", 2),
            Column("说明 Remarks", 3),
            Column("时间与身份 When, how", 3),
        ],
        [
            (
                _person(each),
                _RESPONSES[each["response"]],
                each["remarks"] or "—",
                f"{_local(each['respond_time'])}\n{_method(each['identity_method'])}",
            )
            for each in answers
        ],
        field="remarks",
    )
    document.paragraph(
        "以上意见由各人登录本人账户作出并记入日志,不另行签名;调解组织盖章证明本笔录与日志一致。\n"
        "Each of those present answered in their own account, which the log records; nobody signs besides. "
        "The organisation's seal attests that this record agrees with the log.",
        small=True,
    )


def _person(person: dict[str, Any]) -> str:
    lines = [_ROLES[person["role"]], person["name"]]
    if person["agent"]:
        lines.append(f"代理人 Agent {person['agent']}")
    return "\n".join(line for line in lines if line)


def _method(method: str) -> str:
    return _METHODS.get(method, method)


def _local(moment: str) -> str:
    return local_time(_moment(moment))


def _moment(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
