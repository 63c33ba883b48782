"""One-time codes: handed to a channel at once, stored nowhere, logged nowhere."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from services.common.kernel.errors import DomainError, ErrorKind, invalid
from services.common.kernel.ids import new_id
from services.notify.application.ports import ChannelFailure, Channels, Message, Templates
from services.notify.domain.values import CodePurpose, NoticeChannel

_PART = r"[^\s@()<>\[\]:;,\"\\]"
_MAIL = re.compile(f"{_PART}{{1,64}}@{_PART}{{1,189}}")
"""One address, without the comments, quotes, groups and lists that RFC 5322 allows around it."""
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOneTimeCode:
    """``contact`` is a mail address or an E.164 number."""

    contact: str = field(repr=False)
    code: str = field(repr=False)
    locale: str
    purpose: CodePurpose
    expire_time: datetime


async def send_one_time_code(channels: Channels, templates: Templates, command: SendOneTimeCode) -> None:
    """Raises CONTACT_MALFORMED (INVALID), CODE_NOT_SENT (UNAVAILABLE); OSError as channels do."""
    text = templates.code(command.purpose, command.locale, command.code, command.expire_time)
    message = Message(key=str(new_id()), address=command.contact, text=text)
    try:
        await channels[_channel(command.contact)].send(message)
    except ChannelFailure:
        raise DomainError(
            ErrorKind.UNAVAILABLE,
            "CODE_NOT_SENT",
            "验证码未能发出，请稍后重试",
            "the code could not be sent: try again",
        ) from None


def _channel(contact: str) -> NoticeChannel:
    if _MAIL.fullmatch(contact):
        return NoticeChannel.MAIL
    if _NUMBER.fullmatch(contact):
        return NoticeChannel.TEXT_MESSAGE
    raise invalid("CONTACT_MALFORMED", "联系方式格式不正确", "neither a mail address nor a number", field="contact")
