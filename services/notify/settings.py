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
    outbox_folder: Path
    """Where text messages and webhooks are written while no provider is configured."""
    intake_address: str
    """``host:port`` of intake."""
    court_link_address: str
    """``host:port`` of court_link."""
