"""The ruling as a PDF: Chinese, which is authoritative, with English below it, and its data attached.

Everything printed comes from ``RulingText``; the same text gives the same bytes.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.common.documents.attachment import Attachment
from services.common.documents.canonical import canonical_json
from services.common.documents.document import Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.signing.manifest import Signer, document_manifest
from services.common.signing.slots import TERMS_FILE
from services.court_link.documents.orders import JUDGE_SLOT, SEAL_SLOT, Applicant, RulingText
from services.court_link.domain.ruling import DismissalGround, RulingOutcome

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def render_ruling(text: RulingText) -> RenderedDocument:
    """The document with boxes for the judge's signature and the court's seal. Raises UNPRINTABLE_CHARACTER."""
    document = Document(
        PageFrame("民事裁定书", "民事裁定书", text.number, text.court, Language.ZH, text.made_at, sample=text.sample)
    )
    _chinese(document, text)
    _english(document, text)
    document.signature_areas(
        "审判员签名与院印 Signature and seal",
        [AreaRequest(JUDGE_SLOT, f"审判员 Judge {text.judge}"), AreaRequest(SEAL_SLOT, f"{text.court}（院印 Seal）")],
    )
    document.attach(Attachment(TERMS_FILE, _data(text), "裁定数据 Ruling as data"))
    return document.render()


def _chinese(document: Document, text: RulingText) -> None:
    for applicant in text.applicants:
        document.paragraph(_applicant(applicant), field="parties")
    document.paragraph(
        f"申请人{'、'.join(each.display_name for each in text.applicants)}共同申请确认经{text.organisation}"
        f"主持达成的调解协议（{text.agreement_number}）有效。该协议于{_day(text.effective_time)}生效，"
        f"本院于{_day(text.accept_time)}受理后依法组成独任庭进行了审查，现已审查终结。"
    )
    document.heading("本院认为")
    document.paragraph(text.reasons, field="reasons")
    if text.outcome is RulingOutcome.CONFIRMED:
        document.paragraph(
            "申请人达成的调解协议符合司法确认的法定条件。依照《中华人民共和国民事诉讼法》第二百零五条、"
            "第二百零六条规定，裁定如下："
        )
        document.paragraph(f"{text.agreement_number}调解协议有效。", bold=True)
        document.paragraph(
            "双方当事人应当按照调解协议的约定自觉履行义务。一方当事人拒绝履行或者未全部履行的，"
            "对方当事人可以向人民法院申请执行。"
        )
    else:
        document.paragraph(f"申请存在下列情形：{_GROUNDS[_ground(text)][0]}（民诉法解释第三百五十八条）。裁定如下：")
        document.paragraph("驳回司法确认申请。", bold=True)
        document.paragraph("当事人可以通过调解方式变更原调解协议或者达成新的调解协议，也可以向人民法院提起诉讼。")
    document.paragraph("本裁定送达后即发生法律效力。当事人认为裁定有错误的，可以自收到之日起十五日内向本院提出异议。")
    document.paragraph(f"调解协议文件 SHA-256 {text.agreement_digest}", small=True)


def _english(document: Document, text: RulingText) -> None:
    document.heading("English (for information; the Chinese text governs)")
    confirmed = text.outcome is RulingOutcome.CONFIRMED
    document.paragraph(
        f"The applicants jointly asked this court to confirm settlement agreement {text.agreement_number}, reached "
        f"before {text.organisation} and effective on {_iso(text.effective_time)}. "
        + (
            "The court rules that the agreement is valid (Civil Procedure Law, articles 205 and 206). Either party may "
            "apply for enforcement if the other does not perform."
            if confirmed
            else f"The court dismisses the application: {_GROUNDS[_ground(text)][1]}. The parties may amend the "
            "agreement, reach a new one, or sue."
        )
    )


def _data(text: RulingText) -> bytes:
    return canonical_json(
        {
            "document": document_manifest(
                text.number, {JUDGE_SLOT: [Signer(text.judge)], SEAL_SLOT: [Signer(text.seal)]}
            ),
            "kind": "ruling",
            "agreement_number": text.agreement_number,
            "agreement_sha256": text.agreement_digest,
            "court": text.court,
            "outcome": text.outcome.value,
            "ground": text.ground.value if text.ground else "",
            "made_at": text.made_at.isoformat(),
            "sample": text.sample,
        }
    )


def _applicant(applicant: Applicant) -> str:
    parts = [f"{applicant.label}：{applicant.display_name}"]
    if applicant.masked_identity:
        parts.append(f"证件号码 {applicant.masked_identity}")
    if applicant.address:
        parts.append(f"住所 {applicant.address}")
    if applicant.acting:
        parts.append(applicant.acting)
    return "，".join(parts) + "。"


def _ground(text: RulingText) -> DismissalGround:
    return text.ground or DismissalGround.OTHER


def _day(moment: datetime | None) -> str:
    if moment is None:
        return "（未记载）"
    local = moment.astimezone(_SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(_SHANGHAI).date().isoformat() if moment else "a date not recorded"


_GROUNDS = {
    DismissalGround.MANDATORY_LAW: ("违反法律强制性规定", "it violates mandatory law"),
    DismissalGround.PUBLIC_OR_THIRD_PARTY_HARM: (
        "损害国家利益、社会公共利益、他人合法权益",
        "it harms the State, the public or others",
    ),
    DismissalGround.PUBLIC_MORALS: ("违背公序良俗", "it offends public order and morals"),
    DismissalGround.NOT_VOLUNTARY: ("违反自愿原则", "it was not voluntary"),
    DismissalGround.UNCLEAR: ("内容不明确", "its content is unclear"),
    DismissalGround.OTHER: ("其他不能进行司法确认的情形", "it cannot be confirmed for another reason"),
}
