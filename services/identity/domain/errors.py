"""The refusals of identity. Where telling two causes apart would tell a stranger something, there is one refusal."""

from datetime import datetime

from services.common.kernel.errors import DomainError, ErrorKind, denied, invalid, precondition


def code_not_accepted() -> DomainError:
    """Wrong, used, expired, somebody else's, unknown: one answer."""
    return invalid(
        "CODE_NOT_ACCEPTED",
        "验证码不正确或已失效，请重新获取",
        "this code is wrong or no longer valid: ask for a new one",
        field="code",
    )


def tries_exhausted() -> DomainError:
    return DomainError(
        ErrorKind.EXHAUSTED,
        "TRIES_EXHAUSTED",
        "验证码输入错误次数过多，请重新获取",
        "too many wrong codes: ask for a new one",
    )


def claim_not_accepted() -> DomainError:
    """The code or the identity number does not match; which of them is not said."""
    return invalid(
        "CLAIM_NOT_ACCEPTED",
        "验证码或证件号码不符",
        "the code or the identity number does not match",
    )


def too_many_codes(retry_time: datetime) -> DomainError:
    """``retry_time`` (aware UTC) is when the next code can be asked for."""
    return DomainError(
        ErrorKind.EXHAUSTED,
        "TOO_MANY_CODES",
        "验证码发送次数过多，请稍后再试",
        "too many codes were sent: try again later",
        metadata={"retry_time": retry_time.isoformat()},
    )


def code_not_sent() -> DomainError:
    return DomainError(
        ErrorKind.UNAVAILABLE, "CODE_NOT_SENT", "验证码未能发出，请重试", "the code could not be sent: try again"
    )


def contact_required() -> DomainError:
    return invalid("CONTACT_REQUIRED", "请填写邮箱或手机号", "give a mail address or a telephone number", field="email")


def profile_required() -> DomainError:
    """Said only to somebody who has just proven to hold the contact."""
    return precondition(
        "PROFILE_REQUIRED",
        "该联系方式尚未注册，请连同验证码填写姓名等资料",
        "no account has this contact yet: give the same code with your name to open one",
        field="profile",
    )


def phone_not_served(field: str) -> DomainError:
    return invalid(
        "PHONE_NOT_SERVED",
        "暂不向该国家或地区的手机号发送短信，请使用电子邮箱",
        "no text messages are sent to this country: use a mail address",
        field=field,
    )


def phone_takes_no_messages(field: str) -> DomainError:
    return invalid(
        "PHONE_TAKES_NO_MESSAGES",
        "该号码收不到短信验证码，请使用手机号（如 138 0000 0000）或者电子邮箱",
        "no code can be sent to this number: use a mobile telephone or a mail address",
        field=field,
    )


def contact_taken() -> DomainError:
    """Said only to somebody who has just proven to hold the contact."""
    return precondition("CONTACT_TAKEN", "该联系方式已用于另一账户", "another account has this contact")


def contact_too_new(retry_time: datetime) -> DomainError:
    """``retry_time`` (aware UTC) is when the first of the contacts serves."""
    return precondition(
        "CONTACT_TOO_NEW",
        "联系方式变更未满24小时，暂不能用于签署或确认变更",
        "your contact was changed less than 24 hours ago and does not serve for this yet",
        metadata={"retry_time": retry_time.isoformat()},
    )


def no_such_contact() -> DomainError:
    return precondition(
        "NO_SUCH_CONTACT",
        "账户中没有这种联系方式",
        "your account has no contact of this kind: choose the other one",
        field="confirm_by",
    )


def old_contact_required() -> DomainError:
    return precondition(
        "OLD_CONTACT_REQUIRED",
        "变更联系方式还须填写原联系方式收到的验证码；原联系方式均已无法使用的，请联系管理员",
        "the code sent to a contact you had before is needed as well; if you have lost them all, ask an administrator",
        field="confirming_code",
    )


def invitation_not_yours() -> DomainError:
    return denied(
        "INVITATION_NOT_YOURS",
        "该服务不得就此事项发出邀请",
        "this service may not invite to that",
    )


def session_too_old() -> DomainError:
    return DomainError(ErrorKind.UNAUTHENTICATED, "SESSION_TOO_OLD", "请重新登录", "sign in again")


def court_role_separation() -> DomainError:
    return denied(
        "COURT_ROLE_SEPARATION",
        "法院人员不得兼任其他机构职务，其他机构人员亦不得兼任法院职务",
        "nobody can hold a role in a court and a role elsewhere",
    )


def role_not_of_this_kind() -> DomainError:
    return precondition(
        "ROLE_NOT_OF_THIS_KIND",
        "该机构不设此职务",
        "an organisation of this kind does not have that role",
        field="role",
    )


def last_administrator() -> DomainError:
    return precondition(
        "LAST_ADMINISTRATOR",
        "机构须至少保留一名管理员",
        "an organisation keeps at least one administrator",
        field="account",
    )


def not_its_administrator() -> DomainError:
    return denied(
        "NOT_ITS_ADMINISTRATOR", "仅本机构管理员可进行此操作", "only an administrator of that organisation may"
    )


def claim_code_refused() -> DomainError:
    return denied("CLAIM_CODE_REFUSED", "初始化码无效或已过期", "this set-up code is wrong, used or expired")


def platform_exists() -> DomainError:
    return precondition(
        "PLATFORM_EXISTS", "平台已有管理员，无需初始化", "this installation already has an administrator"
    )


def secret_refused() -> DomainError:
    return DomainError(ErrorKind.UNAUTHENTICATED, "SECRET_REFUSED", "服务凭证无效", "this service secret is not valid")


def secret_guessing() -> DomainError:
    return DomainError(ErrorKind.EXHAUSTED, "TOO_MANY_TRIES", "尝试次数过多", "too many wrong secrets: wait a minute")


def proof_refused() -> DomainError:
    """The proof is forged, too old, of another subject, or its person may not do this."""
    return denied("PROOF_REFUSED", "签署凭证无效", "this proof does not carry this certificate")


def signer_missing() -> DomainError:
    return invalid(
        "SIGNER_MISSING", "请写明签署人", "say whom the certificate of a person's slot is to name", field="signer"
    )


def number_of_another() -> DomainError:
    """One number, one document: a certificate for it is good nowhere else."""
    return denied("NUMBER_OF_ANOTHER", "该文书编号属于另一文书", "this document number belongs to another document")


def certificate_of_another() -> DomainError:
    return denied("CERTIFICATE_OF_ANOTHER", "该证书属于他人", "the certificate for this key is somebody else's")
