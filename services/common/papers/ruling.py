"""The ruling (民事裁定书) as a PDF: Chinese, which is authoritative, with English below it, and its data attached.

Everything printed comes from the data file; the same file gives the same bytes.
"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.common.documents.attachment import Attachment
from services.common.documents.document import Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.signing.slots import TERMS_FILE


def render_ruling(data_file: bytes) -> RenderedDocument:
    """The document with boxes for the judge's signature and the court's seal. Raises UNPRINTABLE_CHARACTER."""
    data = json.loads(data_file)
    frame = PageFrame(
        kind="民事裁定书",
        title="民事裁定书",
        number=data["document"]["number"],
        issuer=data["court"],
        language=Language.ZH,
        made_at=datetime.fromisoformat(data["made_at"]),
        sample=data["sample"],
    )
    document = Document(frame)
    _chinese(document, data)
    _english(document, data)
    judge, seal = data["document"]["slots"]
    document.signature_areas(
        "审判员签名与院印 Signature and seal",
        [AreaRequest(judge, f"审判员 Judge {data['judge']}"), AreaRequest(seal, f"{data['court']}（院印 Seal）")],
    )
    document.attach(Attachment(TERMS_FILE, data_file, "裁定数据 Ruling as data"))
    return document.render()


def _chinese(document: Document, data: dict[str, Any]) -> None:
    for applicant in data["applicants"]:
        document.paragraph(_applicant(applicant), field="parties")
    document.paragraph(
        f"申请人{'、'.join(each['name'] for each in data['applicants'])}共同申请确认经{data['organisation']}"
        f"主持达成的调解协议（{data['agreement_number']}）有效。该协议于{_day(data['effective_time'], data['zone'])}生效，"
        f"本院于{_day(data['accept_time'], data['zone'])}受理后依法组成独任庭进行了审查，现已审查终结。"
    )
    document.heading("本院认为")
    document.paragraph(data["reasons"], field="reasons")
    if data["outcome"] == "CONFIRMED":
        document.paragraph(
            "申请人达成的调解协议符合司法确认的法定条件。依照《中华人民共和国民事诉讼法》第二百零五条、"
            "第二百零六条规定，裁定如下："
        )
        document.paragraph(f"{data['agreement_number']}调解协议有效。", bold=True)
        document.paragraph(
            "双方当事人应当按照调解协议的约定自觉履行义务。一方当事人拒绝履行或者未全部履行的，"
            "对方当事人可以向人民法院申请执行。"
        )
    else:
        document.paragraph(f"申请存在下列情形：{_ground(data)[0]}（民诉法解释第三百五十八条）。裁定如下：")
        document.paragraph("驳回司法确认申请。", bold=True)
        document.paragraph("当事人可以通过调解方式变更原调解协议或者达成新的调解协议，也可以向人民法院提起诉讼。")
    document.paragraph("本裁定送达后即发生法律效力。当事人认为裁定有错误的，可以自收到之日起十五日内向本院提出异议。")
    document.paragraph(f"调解协议文件 SHA-256 {data['agreement_digest']}", small=True)


def _english(document: Document, data: dict[str, Any]) -> None:
    document.heading("English (for information; the Chinese text governs)")
    confirmed = data["outcome"] == "CONFIRMED"
    document.paragraph(
        f"The applicants jointly asked this court to confirm settlement agreement {data['agreement_number']}, reached "
        f"before {data['organisation']} and effective on {_iso(data['effective_time'], data['zone'])}. "
        + (
            "The court rules that the agreement is valid (Civil Procedure Law, articles 205 and 206). Either party may "
            "apply for enforcement if the other does not perform."
            if confirmed
            else f"The court dismisses the application: {_ground(data)[1]}. The parties may amend the "
            "agreement, reach a new one, or sue."
        )
    )


def _applicant(applicant: dict[str, str]) -> str:
    parts = [f"申请人：{applicant['name']}"]
    if applicant["identity_number"]:
        parts.append(f"证件号码 {applicant['identity_number']}")
    if applicant["address"]:
        parts.append(f"住所 {applicant['address']}")
    if applicant["acting"]:
        parts.append(applicant["acting"])
    return "，".join(parts) + "。"


def _ground(data: dict[str, Any]) -> tuple[str, str]:
    return _GROUNDS[data["ground"] or "OTHER"]


def _day(moment: str, zone: str) -> str:
    if not moment:
        return "（未记载）"
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return f"{local.year}年{local.month}月{local.day}日"


def _iso(moment: str, zone: str) -> str:
    if not moment:
        return "a date not recorded"
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date().isoformat()


_GROUNDS = {
    "MANDATORY_LAW": ("违反法律强制性规定", "it violates mandatory law"),
    "PUBLIC_OR_THIRD_PARTY_HARM": (
        "损害国家利益、社会公共利益、他人合法权益",
        "it harms the State, the public or others",
    ),
    "PUBLIC_MORALS": ("违背公序良俗", "it offends public order and morals"),
    "NOT_VOLUNTARY": ("违反自愿原则", "it was not voluntary"),
    "UNCLEAR": ("内容不明确", "its content is unclear"),
    "OTHER": ("其他不能进行司法确认的情形", "it cannot be confirmed for another reason"),
}
