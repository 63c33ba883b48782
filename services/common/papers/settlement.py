"""The settlement agreement (调解协议书) as a PDF, from terms.json alone: the same file always gives the same bytes.

A verifier renders the attached file again and compares, so nothing may be printed that is not in it.
"""

import json
from datetime import UTC, datetime
from typing import Any

from services.common.documents.attachment import Attachment
from services.common.documents.canonical import sha256_hex
from services.common.documents.document import Column, Document, RenderedDocument
from services.common.documents.frame import Language, PageFrame
from services.common.documents.signature_area import AreaRequest
from services.common.kernel.money import Money

_SIDES = {"COMPLAINANT": "申请人 Complainant", "RESPONDENT": "被申请人 Respondent"}
_POWERS = {
    "ADMIT_CLAIMS": "承认诉讼请求 admitting claims",
    "WAIVE_CLAIMS": "放弃、变更请求 waiving or changing claims",
    "SETTLE": "进行和解 settling",
    "SIGN": "代为签署 signing",
}
_EFFECTIVE = {
    "ALL_PARTIES_SIGNED": (
        "本协议自各方当事人均签署之时生效。",
        "This agreement takes effect when all parties have signed.",
    ),
    "PARTIES_AND_MEDIATOR": (
        "本协议自各方当事人及调解员均签署之时生效。",
        "This agreement takes effect when all parties and the mediator have signed.",
    ),
    "PARTIES_MEDIATOR_AND_SEAL": (
        "本协议自各方当事人、调解员签署并加盖调解组织印章之时生效。",
        "This agreement takes effect when all parties and the mediator have signed and the organisation has sealed it.",
    ),
    "COURT_STATEMENT_RECEIVED": (
        "本协议提交人民法院；由法院制作调解书的，以调解书经签收为生效。",
        "This agreement goes to the court; its mediation statement binds once signed for.",
    ),
}


def render_settlement(terms_file: bytes) -> RenderedDocument:
    """The unsigned document with its boxes for signatures and terms.json attached.

    Raises UNPRINTABLE_CHARACTER (INVALID) naming the characters.
    """
    data = json.loads(terms_file)
    document = Document(
        PageFrame(
            kind="调解协议书",
            title="调解协议书 Settlement Agreement",
            number=data["number"],
            issuer=data["organisation"],
            language=Language.ZH,
            made_at=datetime.strptime(data["made_time"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
            sample=data["sample"],
        )
    )
    names = {party["slot"]: party["name"] for party in data["parties"]}
    _parties(document, data)
    _story(document, data["terms"])
    _obligations(document, data["terms"], names)
    _closing(document, data)
    _integrity(document, terms_file)
    _signatures(document, data)
    document.attach(Attachment("terms.json", terms_file, "Terms as data 条款数据"))
    return document.render()


def _parties(document: Document, data: dict[str, Any]) -> None:
    document.facts(
        [
            ("调解组织 Organisation", data["organisation"]),
            ("案号 Case", data["case_number"]),
            ("适用规则 Regime", f"{data['regime']['zh']} {data['regime']['en']} ({data['regime']['id']})"),
            ("规则依据 Sources", "；".join(data["regime"]["sources"])),
            ("调解员 Mediator", data["mediator"]),
        ]
    )
    document.heading("当事人 Parties")
    for party in data["parties"]:
        document.facts(
            [
                (_SIDES.get(party["side"], party["side"]), party["name"]),
                ("证件号码 Identity no.", party["identity_number"] or "—"),
                ("联系电话 Phone", party["phone"] or "—"),
                *((each["title"], _acting(each)) for each in party["acting"]),
            ],
            field="parties",
        )


def _acting(acting: dict[str, Any]) -> str:
    """``李代理（授权事项 Powers：签署 signing；期限 Period：2026-11-01 — 2026-12-31）``."""
    said: list[str] = []
    if acting["powers"]:
        said.append("授权事项 Powers：" + "、".join(_POWERS[each] for each in acting["powers"]))
    if acting["start_date"] or acting["end_date"]:
        said.append(f"期限 Period：{acting['start_date'] or '…'} — {acting['end_date'] or '…'}")
    return f"{acting['name']}（{'；'.join(said)}）" if said else str(acting["name"])


def _story(document: Document, terms: dict[str, Any]) -> None:
    for heading, field in (
        ("一、主要事实 Main facts", "facts"),
        ("二、争议事项 Issues in dispute", "issues"),
        ("三、各方责任 Responsibility of each party", "responsibilities"),
    ):
        document.heading(heading)
        document.paragraph(terms[field] or "未另行约定 Not stated", field=f"terms.{field}")


def _obligations(document: Document, terms: dict[str, Any], names: dict[str, str]) -> None:
    document.heading("四、协议内容 Obligations")
    for index, each in enumerate(terms["obligations"], start=1):
        where = f"terms.obligations[{index - 1}]"
        document.clause(f"{index}.", _sentence(each, names), field=where)
        if each["instalments"]:
            rows = [
                (str(number), part["due_date"], _amount(part["amount"]))
                for number, part in enumerate(each["instalments"], start=1)
            ]
            document.table(
                [Column("期次 No.", 1), Column("到期日 Due", 2), Column("金额 Amount", 2, "right")], rows, field=where
            )
    if terms["total"]:
        document.paragraph(f"合计 Total: {_amount(terms['total'])}", bold=True)


def _sentence(obligation: dict[str, Any], names: dict[str, str]) -> str:
    obligor, obligee = names.get(obligation["obligor"], ""), names.get(obligation["obligee"], "")
    what = _amount(obligation["amount"]) if obligation["amount"] else obligation["act"]
    lines = [f"{obligor} → {obligee}: {what}"]
    if obligation["description"]:
        lines.append(obligation["description"])
    if obligation["due_date"]:
        lines.append(f"履行期限 Due: {obligation['due_date']}")
    if obligation["payment_method"]:
        lines.append(f"支付方式 Payment: {obligation['payment_method']}")
    return "\n".join(lines)


def _amount(money: dict[str, Any]) -> str:
    return str(Money(money["currency"], money["minor_units"]))


def _closing(document: Document, data: dict[str, Any]) -> None:
    terms = data["terms"]
    for heading, text, field in (
        ("五、违约责任 Default", terms["default_clause"], "default_clause"),
        ("六、费用负担 Costs", terms["costs"], "costs"),
        ("七、了结范围 Scope of release", terms["release_scope"], "release_scope"),
    ):
        document.heading(heading)
        document.paragraph(text, field=f"terms.{field}")
    if terms["unresolved"]:
        document.heading("未决事项 Left open")
        for item in terms["unresolved"]:
            document.paragraph(item, field="terms.unresolved")
    document.heading("八、生效与司法确认 Effect and confirmation")
    for sentence in _EFFECTIVE[data["effective_when"]]:
        document.paragraph(sentence)
    document.paragraph(data["confirmation"]["zh"])
    document.paragraph(data["confirmation"]["en"], small=True)
    document.paragraph(f"依据 Source: {data['confirmation']['source']}", small=True)
    document.paragraph(f"本协议一式 {terms['copies']} 份。 Copies: {terms['copies']}.  {data['made_date']}")


def _integrity(document: Document, terms_file: bytes) -> None:
    document.paragraph(f"附件 Attachment terms.json  SHA-256: {sha256_hex(terms_file)}", small=True)


def _signatures(document: Document, data: dict[str, Any]) -> None:
    captions = {
        "mediator": f"调解员 {data['mediator']}",
        "seal": f"调解组织（印章） {data['organisation']}",
        **{each["slot"]: f"{_SIDES.get(each['side'], '').split()[0]} {each['name']}" for each in data["parties"]},
    }
    requests = [AreaRequest(slot, captions[slot]) for slot in data["document"]["slots"]]
    document.signature_areas("签署 Signatures", requests, field="parties")
