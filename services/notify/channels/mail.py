"""Mail over SMTP (RFC 5321). The server's words are the evidence; what happens behind it nobody here knows."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from services.common.kernel.clock import Clock
from services.notify.application.ports import ChannelFailure, Message

TIMEOUT_SECONDS = 15.0
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in: ``smtp://user:password@host:port`` (``?starttls=require``) or ``smtps://``."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    start_tls: bool | None

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Raises ValueError for anything but smtp and smtps."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("a mail server is named smtp://host:port or smtps://host:port")
        tls = parts.scheme == "smtps"
        required = parse_qs(parts.query).get("starttls") == ["require"]
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            start_tls=True if required else (False if tls else None),
        )


class SmtpMail:
    """Implements ``application.ports.Channel``. One connection per message: none is kept open between them."""

    def __init__(self, server: SmtpServer, sender: str, clock: Clock, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._sender = sender
        self._domain = sender.rpartition("@")[2].rstrip(">")
        self._clock = clock
        self._timeout = timeout

    async def send(self, message: Message) -> str:
        try:
            _, words = await aiosmtplib.send(
                self._mail(message),
                hostname=self._server.host,
                port=self._server.port,
                username=self._server.user or None,
                password=self._server.password or None,
                use_tls=self._server.tls,
                start_tls=self._server.start_tls,
                timeout=self._timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _failure(refused.code, refused.message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise ChannelFailure(f"{type(error).__name__}: the mail server did not answer", for_good=False) from error
        except ValueError as error:
            raise ChannelFailure("not a mail address", for_good=True) from error
        return f"250 {words}"

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = message.address
        mail["Subject"] = " ".join(message.text.title.split())
        mail["Date"] = format_datetime(self._clock.now())
        # The same whenever the same notice is sent again: a mail store keeps one copy.
        mail["Message-ID"] = f"<{message.key}@{self._domain}>"
        mail["X-Comity-Notice"] = message.key
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text.body)
        return mail


def _failure(code: int, words: str) -> ChannelFailure:
    """A 4yz answer is tried again, a 5yz one is final (RFC 5321, 4.2.1). Addresses in the words are left out."""
    kept = " ".join(word for word in words.split() if "@" not in word)
    return ChannelFailure(f"{code} {kept}"[:300], for_good=code >= _PERMANENT)
