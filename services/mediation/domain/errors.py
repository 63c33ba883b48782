"""The refusals of mediation, each with a stable reason code and a sentence in Chinese and English."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.common.kernel.errors import DomainError, ErrorKind, denied, invalid, precondition
from services.common.kernel.printed_length import MOST_LINES
from services.mediation.domain.terms import Finding
from services.mediation.domain.vocabulary import CaseState, OfferState


def slot_taken() -> DomainError:
    """Says neither whose session it met nor which."""
    return DomainError(
        ErrorKind.FAILED_PRECONDITION,
        "SLOT_TAKEN",
        "该时段无法安排，请另选时间",
        "that time cannot be had: choose another",
    )


def case_not_open(state: CaseState) -> DomainError:
    return precondition("CASE_NOT_OPEN", "案件不在调解进行中", "the case is not open", metadata={"state": state.name})


def notice_not_acknowledged(missing: Iterable[str]) -> DomainError:
    """Who has not read rights, duties and warning cannot be held to know them (法释〔2016〕14号第14条)."""
    names = list(missing)
    return precondition(
        "NOTICE_NOT_ACKNOWLEDGED",
        f"尚有当事人未阅读并确认权利义务告知书和虚假调解警示：{'、'.join(names)}",
        f"not everybody has read and acknowledged the notice of rights and the warning yet: {', '.join(names)}",
    )


def notice_changed() -> DomainError:
    return precondition(
        "NOTICE_DIFFERS", "您确认的不是本案的告知书，请重新阅读", "that is not the notice of this case: read it again"
    )


def unknown_party(field: str = "party") -> DomainError:
    return invalid("UNKNOWN_PARTY", "本案没有该当事人", "the case has no such party", field=field)


def notice_too_short(source: str) -> DomainError:
    return precondition(
        "NOTICE_TOO_SHORT",
        "距开始时间不足通知期，且不得放弃",
        "the notice is too short and cannot be waived",
        field="start_time",
        metadata={"source": source},
    )


def ground_unsuitable(source: str) -> DomainError:
    return invalid(
        "GROUND_UNSUITABLE",
        "该制度下不以此为应披露的关系，请选择其他事由",
        "the regime knows no such ground: choose another",
        field="grounds",
        metadata={"source": source},
    )


def too_few_no_shows(needed: int, source: str) -> DomainError:
    return precondition(
        "TOO_FEW_NO_SHOWS",
        f"同一当事人缺席满{needed}次，方可以此为由终止调解",
        f"a case ends for absence once one party has missed {needed} sessions",
        field="reason",
        metadata={"needed": str(needed), "source": source},
    )


def release_by_party() -> DomainError:
    return denied("RELEASE_BY_PARTY", "只有当事人本人可以公开", "only its party can release it")


def expiry_missing() -> DomainError:
    return invalid(
        "EXPIRY_MISSING",
        "请写明方案的有效期",
        "say until when the offer may be answered",
        field="expire_time",
    )


def acting_person_missing() -> DomainError:
    return precondition(
        "ACTING_PERSON_MISSING",
        "单位不能以本人身份参加：请先写明由谁代表本单位、依据什么（法定代表人或者委托代理人）",
        "an organisation never acts in person: name first who acts for it, and on what authority",
        field="party",
    )


def authority_unsuitable() -> DomainError:
    return invalid(
        "AUTHORITY_UNSUITABLE",
        "该代理身份不适用于该当事人",
        "that authority does not suit this party",
        field="authority",
    )


def signer_not_named() -> DomainError:
    return precondition(
        "SIGNER_NOT_NAMED",
        "协议文本未列明您为签署人，请由调解员修改协议后重新固化",
        "the text does not name you as a signer: the mediator revises the agreement and freezes it again",
    )


def signers_changed() -> DomainError:
    return precondition(
        "SIGNERS_CHANGED",
        "签署人与协议文本所列不符或者尚未确定，请先修改协议文本",
        "who may sign for a party is not settled, or not what the text says: revise the agreement first",
    )


def online_not_consented() -> DomainError:
    return precondition(
        "ONLINE_NOT_CONSENTED",
        "有当事人未同意在线调解，请安排场所",
        "a party did not agree to meet online: name a room",
        field="room",
    )


def notice_running(until: datetime) -> DomainError:
    return precondition(
        "NOTICE_RUNNING",
        "通知期未满，且并非各方均已放弃",
        "the notice period runs and not every party has waived it",
        metadata={"until": until.isoformat()},
    )


def no_quorum() -> DomainError:
    return precondition(
        "NO_QUORUM", "必要的当事人尚未到齐", "an authorised person of a necessary party is missing; adjourn instead"
    )


def offer_dead(state: OfferState) -> DomainError:
    return precondition(
        "OFFER_NOT_OPEN", "该方案已失效，不能再答复", "that offer is no longer open", metadata={"state": state.name}
    )


def offer_expired() -> DomainError:
    return precondition("OFFER_EXPIRED", "该方案已过期", "that offer has expired")


def own_offer() -> DomainError:
    return precondition("OWN_OFFER", "不能答复自己提出的方案", "a party cannot answer its own offer")


def already_answered() -> DomainError:
    return precondition("ALREADY_ANSWERED", "您已答复过", "that was answered already")


def not_your_turn() -> DomainError:
    return precondition("NOT_YET_YOUR_TURN", "须待前序签署完成", "those who sign before have not all signed yet")


def not_your_slot() -> DomainError:
    return denied("NOT_YOUR_SLOT", "您不能在此处签署", "this place is not yours to sign")


def slot_already_signed() -> DomainError:
    return precondition("SLOT_ALREADY_SIGNED", "该处已签署", "this place is signed already")


def round_closed() -> DomainError:
    return precondition("ROUND_CLOSED", "本轮签署已结束", "this signing round has ended")


def digest_differs() -> DomainError:
    return precondition(
        "DIGEST_DIFFERS", "文件已变更，请重新阅读后签署", "that is not the document that is to be signed"
    )


def proof_invalid() -> DomainError:
    return denied("PROOF_INVALID", "身份验证凭证与本次签署不符", "the proof is not for this person, round and document")


def proof_spent() -> DomainError:
    return precondition("PROOF_SPENT", "该验证凭证已使用", "that proof was used already")


def not_read() -> DomainError:
    return precondition("NOT_READ", "请先通读全文", "read the whole document first", field="read_whole_document")


def pressure() -> DomainError:
    return precondition(
        "NOT_ACTING_FREELY", "已停止签署，调解员将与您联系", "signing has stopped; the mediator will speak with you"
    )


def terms_differ() -> DomainError:
    return precondition(
        "TERMS_DIFFER", "条款与各方同意的方案不一致", "the terms are not those that all accepted", field="terms"
    )


def terms_not_enforceable(found: Sequence[Finding]) -> DomainError:
    """Says the first few in words, and more of them as codes."""
    zh = "；".join(each.message_zh for each in found[:_TOLD])
    en = "; ".join(each.message_en for each in found[:_TOLD])
    return precondition(
        "TERMS_NOT_ENFORCEABLE",
        f"条款尚不具备可执行性：{zh}",
        f"the terms are not enforceable yet: {en}",
        field=f"terms.{found[0].field}".rstrip("."),
        metadata={"findings": " ".join(f"{each.reason}@{each.field}" for each in found[:_NAMED])},
    )


_TOLD, _NAMED = 3, 30


def electronic_excluded(source: str) -> DomainError:
    return precondition(
        "ELECTRONIC_SIGNATURE_EXCLUDED",
        "依法不得采用电子签名，请签署纸质文件",
        "the law bars electronic signatures for this subject: sign on paper",
        metadata={"source": source},
    )


def extension_late() -> DomainError:
    return precondition(
        "EXTENSION_TOO_LATE", "期限已届满，不能再延长", "the limit has passed; it cannot be extended any more"
    )


def mediator_is_party() -> DomainError:
    return precondition(
        "MEDIATOR_IS_PARTY", "该调解员是本案当事人或其代理人", "that mediator is a party or an agent in this case"
    )


def mediator_recused() -> DomainError:
    return precondition("MEDIATOR_RECUSED", "该调解员已在本案回避", "that mediator has withdrawn from this case")


def mediator_only() -> DomainError:
    return denied("MEDIATOR_ONLY", "只有本案调解员可以进行此操作", "only the mediator of this case may do this")


def double_agency() -> DomainError:
    return precondition("DOUBLE_AGENCY", "不得同时代理双方（民法典第168条）", "nobody acts for both sides")


def record_too_long(lines: int) -> DomainError:
    return invalid(
        "RECORD_TOO_LONG",
        f"笔录约{lines}行，最多{MOST_LINES}行，请缩短或者减少换行",
        f"the record takes some {lines} lines, {MOST_LINES} at most: shorten it or use fewer line breaks",
        field="statements",
    )


def remarks_too_long(most: int) -> DomainError:
    return invalid(
        "REMARKS_TOO_LONG",
        f"说明最多{most}行，请缩短或者减少换行",
        f"remarks take {most} lines at most: shorten them or use fewer line breaks",
        field="remarks",
    )
