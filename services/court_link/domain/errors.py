"""Refusals of this service, each with its reason code and the way out."""

from datetime import date, datetime

from services.common.kernel.errors import DomainError, ErrorKind, denied, invalid, precondition


def not_truthful() -> DomainError:
    """The statement of truth and of no collusion (CPL 115, 116) is a condition of every application."""
    return invalid(
        "TRUTH_NOT_STATED",
        "请确认所述真实且不存在恶意串通",
        "the statement of truth and of no collusion must be made",
        field="truthful",
    )


def already_applied() -> DomainError:
    return DomainError(
        ErrorKind.ALREADY_EXISTS,
        "ALREADY_APPLIED",
        "该协议已有正在办理的司法确认申请",
        "an application for this agreement is already under way",
    )


def already_consented() -> DomainError:
    return DomainError(
        ErrorKind.ALREADY_EXISTS,
        "ALREADY_CONSENTED",
        "该当事人已加入申请",
        "this party has joined already",
        field="party",
    )


def not_this_party() -> DomainError:
    return denied("NOT_THIS_PARTY", "您不能代该当事人行事", "you do not act for this party")


def agreement_not_effective() -> DomainError:
    """A ruling confirms what binds already (CPL 205): without the day of that there is nothing to confirm."""
    return precondition(
        "AGREEMENT_NOT_EFFECTIVE",
        "调解协议没有记载生效时间，不能制作裁定",
        "the agreement has no day on which it took effect: no ruling can be made on it",
    )


def reasons_not_chinese() -> DomainError:
    """A court uses the language that is common where it sits (CPL 11, 273)."""
    return invalid(
        "CHINESE_TEXT_REQUIRED",
        "裁定理由应当以中文书写；外文另作译文",
        "the reasons of a ruling are written in Chinese; another language is a translation beside it",
        field="reasons",
    )


def ground_missing() -> DomainError:
    return invalid(
        "GROUND_MISSING", "驳回申请应当写明理由项目", "a dismissal names its ground (CPL Interp. 358)", field="ground"
    )


def ground_not_for_confirmation() -> DomainError:
    return invalid(
        "GROUND_NOT_APPLICABLE", "确认有效的裁定没有驳回事由", "a confirmation has no ground", field="ground"
    )


def docket_number_taken() -> DomainError:
    return precondition(
        "DOCKET_NUMBER_TAKEN",
        "本院已有案件使用该案号（括号、横线、全角半角不同视为同一案号），请核对",
        "another case of this court has that number already, in whatever spelling: compare it",
        field="docket_number",
    )


def due_date_missing() -> DomainError:
    return invalid(
        "DUE_DATE_MISSING",
        "要求补充材料应当指定期限",
        "a court that asks for materials sets a date (CPL Interp. 354)",
        field="due_date",
    )


def due_date_past() -> DomainError:
    return invalid("DUE_DATE_PAST", "期限不能早于今天", "the date is past", field="due_date")


def supplement_in_time(due: date) -> DomainError:
    """Treated as withdrawn only after the date has passed (CPL Interp. 357)."""
    return precondition(
        "SUPPLEMENT_STILL_IN_TIME",
        f"补充材料的期限至{due}尚未届满",
        f"the parties have until {due} to supply what was asked for",
        metadata={"due_date": due.isoformat()},
    )


def inquiry_missing() -> DomainError:
    return precondition(
        "INQUIRY_NOT_HELD",
        "应当先通知双方共同到场核实情况",
        "both parties have to be heard together before the ruling (CPL Interp. 356)",
    )


def already_extended() -> DomainError:
    return precondition("ALREADY_EXTENDED", "审查期限只能延长一次", "the review can be prolonged once only")


def review_time_over() -> DomainError:
    return precondition(
        "REVIEW_TIME_OVER", "审查期限已届满，不能再延长", "the time to decide is over and cannot be prolonged"
    )


def decided() -> DomainError:
    return precondition("RULING_BEING_ISSUED", "裁定已作出，正在签署", "the ruling is made and being signed")


def ruling_not_prepared() -> DomainError:
    return precondition("RULING_NOT_PREPARED", "裁定尚未拟定或者已经签发", "there is no prepared ruling to sign")


def other_judge() -> DomainError:
    return denied("NOT_THE_PREPARING_JUDGE", "裁定应由拟定的法官签发", "the judge who prepared the ruling signs it")


def frozen_digest_differs() -> DomainError:
    return precondition(
        "FROZEN_DIGEST_DIFFERS",
        "裁定文本已变更，请重新阅看",
        "the text is another one than you read: read it again",
        field="frozen_digest",
    )


def proof_refused() -> DomainError:
    """Forged, of another person, for another document, or too old: one answer for all."""
    return denied("PROOF_REFUSED", "签署凭证无效", "this proof is not good for this ruling")


def proof_spent() -> DomainError:
    return DomainError(
        ErrorKind.ALREADY_EXISTS, "PROOF_SPENT", "签署凭证已使用过", "this proof has been used", field="proof"
    )


def not_a_court() -> DomainError:
    return precondition("NOT_A_COURT", "该机构不是人民法院", "that organisation is not a court", field="organisation")


def subject_excluded() -> DomainError:
    return precondition(
        "SUBJECT_EXCLUDED",
        "此类纠纷依法不适用调解，不能委派或者委托",
        "disputes of this kind are not open to mediation and cannot be referred",
        field="subject_matter",
    )


def not_mediating() -> DomainError:
    return precondition(
        "NOT_A_MEDIATION_ORGANISATION",
        "该机构不是调解组织",
        "that organisation does not mediate",
        field="organisation",
    )


def court_exists() -> DomainError:
    return DomainError(
        ErrorKind.ALREADY_EXISTS, "COURT_EXISTS", "该机构已登记为法院", "that organisation has its court already"
    )


def material_type() -> DomainError:
    return invalid(
        "MATERIAL_TYPE",
        "仅接收 PDF、PNG 或者 JPEG 文件，请转换格式后再提交",
        "only PDF, PNG and JPEG files are taken: convert it and supply it again",
        field="content",
    )


def materials_full() -> DomainError:
    return precondition(
        "MATERIALS_FULL",
        "本案已提交的材料数量或者大小已达上限，请与法院联系其他提交方式",
        "no more files fit into this application: ask the court how else to hand them in",
        field="content",
    )


def too_many_materials(retry_time: datetime) -> DomainError:
    """``retry_time`` (aware UTC) is when there is room again for certain."""
    return DomainError(
        ErrorKind.EXHAUSTED,
        "TOO_MANY_MATERIALS",
        "您在24小时内提交的材料过多，请稍后再提交",
        "you have supplied too much within 24 hours: supply it later",
        field="content",
        metadata={"retry_time": retry_time.isoformat()},
    )


def reasons_too_long(most: int) -> DomainError:
    return invalid(
        "REASONS_TOO_LONG",
        f"裁定理由最多{most}行，请缩短或者减少换行",
        f"reasons take {most} lines at most: shorten them or use fewer line breaks",
        field="reasons",
    )


def days_missing() -> DomainError:
    return invalid(
        "DAYS_MISSING",
        "本期限由院长决定延长多少日，请写明批准延长的日数",
        "for this limit the president decides by how many days: say how many were approved",
        field="days",
    )


def procedure_unsuitable() -> DomainError:
    return invalid(
        "PROCEDURE_UNSUITABLE",
        "委派调解的纠纷尚未立案，没有审理程序",
        "what is delegated is not filed yet and has no trial procedure",
        field="procedure",
    )
