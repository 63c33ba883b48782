"""Every reason for which intake refuses something, beside those of the kernel."""

from datetime import datetime

from services.common.kernel.errors import DomainError, ErrorKind, denied, invalid, precondition


def too_many_filings(quota: int, retry_time: datetime) -> DomainError:
    """``retry_time`` (aware UTC) is when the next day begins."""
    return DomainError(
        ErrorKind.EXHAUSTED,
        "TOO_MANY_FILINGS",
        f"今日提交的事项已达上限（{quota}件），请明日再提交；紧急情况请致电受理机构",
        f"today's {quota} matters were filed: file again tomorrow, and call the organisation if it is urgent",
        metadata={"retry_time": retry_time.isoformat()},
    )


def regime_unknown(regime: str) -> DomainError:
    return invalid("REGIME_UNKNOWN", f"没有名为{regime}的规则", f"there is no regime {regime}", field="regime")


def regime_does_not_admit(regime: str) -> DomainError:
    return precondition(
        "REGIME_DOES_NOT_ADMIT",
        f"规则{regime}不受理此类事项、来源渠道或者主题",
        f"regime {regime} does not admit a matter of this kind, channel or subject",
        field="regime",
    )


def organisation_unknown(field: str) -> DomainError:
    return invalid("ORGANISATION_UNKNOWN", "找不到该机构", "this organisation is not known", field=field)


def organisation_wrong_kind(field: str) -> DomainError:
    return precondition(
        "ORGANISATION_WRONG_KIND", "该机构不办理此类事务", "this organisation does not do that", field=field
    )


def consent_missing() -> DomainError:
    return precondition(
        "CONSENT_MISSING", "双方同意调解后方可移送", "both sides must agree to mediation before the matter is forwarded"
    )


def consent_not_evidenced() -> DomainError:
    return precondition(
        "CONSENT_NOT_EVIDENCED",
        "代为记录同意前，须先登记一次已联系上该当事人的联络记录",
        "an officer records a consent only after a contact in which the party was reached",
        field="party",
    )


def consent_not_yours() -> DomainError:
    return denied("CONSENT_NOT_YOURS", "只能由当事人本人或者经办机构记录同意", "only the party itself may consent")


def not_the_complainant() -> DomainError:
    return denied("NOT_THE_COMPLAINANT", "只有投诉人可以撤回", "only the complainant may withdraw")


def already_joined() -> DomainError:
    return precondition("PARTY_ALREADY_JOINED", "该当事人已加入", "this party has joined already", field="party")


def no_contact_on_file() -> DomainError:
    return precondition(
        "NO_CONTACT_ON_FILE",
        "该当事人没有可以接收验证码的手机号或者邮箱（座机、分机收不到短信），请先补充",
        "no mobile telephone or mail address of this party is on file to which a code could be sent",
        field="party",
    )


def contact_in_the_future() -> DomainError:
    return invalid("CONTACT_IN_THE_FUTURE", "联络时间不得晚于现在", "a contact cannot lie ahead", field="contact_time")


def not_to_be_closed_by_hand() -> DomainError:
    return precondition(
        "REOPENING_NOT_REQUESTED",
        "回访完成后自动结案；只有提出重新办理的事项由人工结案",
        "the call-back closes the matter; only one whose reopening was asked for is closed by hand",
    )


def no_contact_recorded() -> DomainError:
    return precondition(
        "NO_CONTACT_RECORDED",
        "尚无联系记录，不能以无法联系或者拒绝调解为由结束",
        "no contact is on record: nobody can be called unreachable or unwilling yet",
        field="reason",
    )
