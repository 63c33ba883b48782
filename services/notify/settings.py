"""Settings of notify."""

from pathlib import Path

from pydantic import SecretStr

from services.common.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where mail goes, where text messages are written, and who owns contact cards."""

    smtp_url: SecretStr
    """``smtp://user:password@host:port`` (``?starttls=require``) or ``smtps://...``."""
    mail_sender: str = "Comity <comity@localhost.localdomain>"
    """Of whom mails come."""
    sender_name_zh: str = "Comity 纠纷调解服务"
    sender_name_en: str = "Comity dispute mediation"
    """Who writes, at the end of every mail."""
    help_zh: str = "请登录后查看，或者询问办理您事项的机构"
    help_en: str = "sign in to see more, or ask the organisation that handles your matter"
    """Whom to ask, as the end of a sentence that begins with ``有不明白的，`` and ``If anything is unclear,``.

    Better a telephone number and its hours.
    """
    sign_in_address: str = ""
    """The web address where people sign in; empty for none."""
    outbox_folder: Path
    """Where text messages and webhooks are written while no provider is configured."""
    intake_address: str
    """``host:port`` of intake."""
    court_link_address: str
    """``host:port`` of court_link."""
