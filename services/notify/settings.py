"""Settings of notify."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import PositiveInt, SecretStr

from services.common.settings import HostAndPort, ServiceSettings, shaped, url_of


def _is_sender(value: str) -> bool:
    return re.fullmatch(r"([^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)", value) is not None


class Settings(ServiceSettings):
    """Where mail goes, where text messages are written, and who owns contact cards."""

    smtp_url: Annotated[
        SecretStr,
        shaped(
            "smtp://user:password@host:port or smtps://..., percent-encoded what is special in the password",
            url_of("smtp", "smtps"),
        ),
    ]
    """``smtp://user:password@host:port`` (``?starttls=require``) or ``smtps://...``."""
    mail_sender: Annotated[str, shaped("Name <address@domain>", _is_sender)] = "Comity <comity@localhost.localdomain>"
    """Of whom mails come."""
    sender_name_zh: str = "Comity 纠纷调解服务"
    sender_name_en: str = "Comity dispute mediation"
    """Who writes, at the end of every mail."""
    help_zh: str = "请登录后查看，或者向办理的机构询问"
    help_en: str = "sign in to see more, or ask the organisation that handles your matter"
    """Whom to ask, as the end of a sentence that begins with ``有不明白的，`` and ``If anything is unclear,``.

    Better a telephone number and its hours.
    """
    sign_in_address: str = ""
    """The web address where people sign in; empty for none."""
    unverified_contacts_per_hour: PositiveInt = 1000
    """How many contacts that nobody has verified are written to in an hour; who is beyond it is on the list of those whom a
    person has to tell."""
    outbox_folder: Path
    """Where text messages and webhooks are written while no provider is configured."""
    intake_address: HostAndPort
    """``host:port`` of intake."""
    court_link_address: HostAndPort
    """``host:port`` of court_link."""
