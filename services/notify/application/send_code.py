"""One-time codes: handed to a channel at once, stored nowhere, logged nowhere."""

from dataclasses import dataclass, field
from datetime import datetime

from services.common.kernel.contacts import ContactKind, parse_contact
from services.common.kernel.errors import DomainError, ErrorKind
from services.common.kernel.ids import new_id
from services.notify.application.ports import ChannelFailure, Channels, Message, Templates
from services.notify.domain.values import CodePurpose, NoticeChannel

_CHANNELS = {ContactKind.EMAIL: NoticeChannel.MAIL, ContactKind.PHONE: NoticeChannel.TEXT_MESSAGE}


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
    contact = parse_contact(command.contact)
    text = templates.code(command.purpose, command.locale, command.code, command.expire_time)
    message = Message(key=str(new_id()), address=contact.value, text=text, locale=command.locale)
    try:
        await channels[_CHANNELS[contact.kind]].send(message)
    except ChannelFailure:
        raise DomainError(
            ErrorKind.UNAVAILABLE,
            "CODE_NOT_SENT",
            "验证码未能发出，请稍后重试",
            "the code could not be sent: try again",
        ) from None
