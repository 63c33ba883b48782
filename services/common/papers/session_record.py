"""The session record (调解笔录) as a PDF, from its data file alone: who was there, what was said, each one's word on it.

Nobody signs it by hand. What those present answered stands in the log and is printed with its time and how they had
proven who they are; the organisation's seal attests it (ADR 12).
"""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.common.documents.attachment import Attachment
from services.common.documents.canonical import sha256_hex
from services.common.documents.document import Column, Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.documents.stamp import local_time, named
from services.common.signing.slots import RECORD_SEAL, TERMS_FILE

_KINDS = {
    "JOINT": "各方共同参加 Joint",
    "CAUCUS": "单独会谈 Caucus",
    "ASYNCHRONOUS": "非同步 Asynchronous",
}
_EVERYBODY = "本案各方当事人、调解员与调解组织 The parties, the mediator and the organisation"
_READERS = {
    "JOINT": _EVERYBODY,
    "CAUCUS": "仅限参加会谈的一方与调解员 The party that was there and the mediator, nobody else",
    "ASYNCHRONOUS": _EVERYBODY,
}
_STATES = {
    "CONFIRMED": "在场人员均已确认 Confirmed by all who were there",
    "CONTESTED": "有人拒绝确认，见下列意见 Contested, see the answers below",
}
_ROLES = {
    "MEDIATOR": "调解员 Mediator",
    "COMPLAINANT": "申请人 Complainant",
    "RESPONDENT": "被申请人 Respondent",
}
# In the cells of tables the two languages have a line each, or long words would be broken.
_RESPONSES = {
    "CONFIRM": "确认\nConfirmed",
    "CORRECT": "更正后确认\nConfirmed with correction",
    "REFUSE": "拒绝确认\nRefused",
}
_AUTHORITIES = {
    "SELF": "本人\nIn person",
    "LEGAL_REPRESENTATIVE": "法定代表人\nLegal representative",
    "GUARDIAN": "监护人\nGuardian",
    "AGENT_GENERAL": "一般代理\nGeneral agent",
    "AGENT_SPECIAL": "特别授权代理\nSpecially authorised agent",
}
_METHODS = {"ACCOUNT": "账户登录\nAccount sign-in"}


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
    _attendance(document, data)
    _content(document, data)
    _answers(document, data["answers"], ZoneInfo(data["zone"]))
    document.paragraph(f"附件 Attachment {TERMS_FILE}  SHA-256: {sha256_hex(record_file)}", small=True)
    document.signature_areas(
        "盖章 Seal", [AreaRequest(RECORD_SEAL, f"调解组织（印章） {data['organisation']}")], field="organisation"
    )
    document.attach(Attachment(TERMS_FILE, record_file, "Session record as data 笔录数据"))
    return document.render()


def _circumstances(document: Document, data: dict[str, Any]) -> None:
    session, zone = data["session"], ZoneInfo(data["zone"])
    document.facts(
        [
            ("案号 Case", data["case_number"]),
            ("方式 Mode", _KINDS[session["kind"]]),
            ("约定时间 Appointed", f"{_local(session['start_time'], zone)}\n至 to {_local(session['end_time'], zone)}"),
            ("地点 Place", session["room"] or "线上 Online"),
            ("主持与记录 Kept by", data["mediator"] or _ROLES["MEDIATOR"]),
            ("可阅范围 Readers", _READERS[session["kind"]]),
            ("版本 Version", str(data["revision"])),
            ("核对结果 Outcome", _STATES[data["state"]]),
        ]
    )
    if session["case_open_time"]:
        opened = _local(session["case_open_time"], zone)
        document.paragraph(
            f"调解开始前（{opened}）调解员已告知各方权利义务，警示虚假调解的法律后果，并核验身份。\n"
            "Before mediation began the mediator told all parties their rights and duties, warned them against sham "
            "mediation and checked identities."
        )


def _attendance(document: Document, data: dict[str, Any]) -> None:
    zone = ZoneInfo(data["zone"])
    document.heading("到场人员 Attendance")
    document.table(
        [
            Column("人员 Person", 3),
            Column("授权 Authority", 3),
            Column("核验 Identity", 3),
            Column("到场时间 Checked in", 3),
        ],
        [
            (
                _person(each),
                _AUTHORITIES.get(each["authority"], "—"),
                _method(each["identity_method"]),
                _clock_time(each["check_in_time"], zone),
            )
            for each in data["attendees"]
        ],
    )
    zh, en = named(_moment(data["made_time"]).astimezone(zone), zone)
    document.paragraph(f"表中时间均为{zh}。 Times in tables are {en}.", small=True)


def _content(document: Document, data: dict[str, Any]) -> None:
    document.heading("陈述 Statements")
    for statement in data["statements"]:
        document.paragraph(statement["speaker"] or _ROLES["MEDIATOR"], bold=True, field="statements")
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


def _answers(document: Document, answers: list[dict[str, Any]], zone: ZoneInfo) -> None:
    document.heading("核对意见 Answers of those present")
    document.table(
        [
            Column("人员 Person", 3),
            Column("意见 Answer", 3),
            Column("说明 Remarks", 4),
            Column("时间与身份 When, how", 3),
        ],
        [
            (
                _person(each),
                _RESPONSES[each["response"]],
                each["remarks"] or "—",
                f"{_clock_time(each['respond_time'], zone)}\n{_method(each['identity_method'])}",
            )
            for each in answers
        ],
        field="remarks",
    )
    document.paragraph(
        "以上意见由各人登录本人账户作出并记入日志，不另行签名；调解组织盖章证明本笔录与日志一致。\n"
        "Each of those present answered in their own account, which the log records; nobody signs besides. "
        "The organisation's seal attests that this record agrees with the log.",
        small=True,
    )


def _person(person: dict[str, Any]) -> str:
    lines = [_ROLES[person["role"]], person["name"]]
    if person["agent"]:
        lines.append(f"出席人 In person: {person['agent']}")
    return "\n".join(line for line in lines if line)


def _method(method: str) -> str:
    return _METHODS.get(method, method)


def _clock_time(moment: str, zone: ZoneInfo) -> str:
    """Without its zone, which a line below the table gives."""
    return _moment(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _local(moment: str, zone: ZoneInfo) -> str:
    return local_time(_moment(moment), zone)


def _moment(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
