"""Mail over SMTP (RFC 5321). The server's words are the evidence; what happens behind it nobody here knows."""

import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from services.common.kernel.clock import Clock
from services.common.kernel.contacts import ContactKind, parse_required
from services.common.kernel.errors import DomainError
from services.notify.application.ports import ChannelFailure, Message

TIMEOUT_SECONDS = 15.0
KEPT_SECONDS = 20.0
"""How long a connection may lie idle; a server waits minutes for the next command (RFC 5321, 4.5.3.2)."""
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
"""RFC 3282: by it a reader's program chooses letters and a voice."""
_PERMANENT = 500
_CLOSING = 421
_POLICY = EmailPolicy()


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
    """Implements ``application.ports.Channel``. A connection is kept for the next message, for some seconds."""

    def __init__(self, server: SmtpServer, sender: str, clock: Clock, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._domain = sender.rpartition("@")[2].rstrip(">")
        # Read once: taking an address apart costs as much as the rest of a message.
        self._sender = _POLICY.header_factory("From", sender)
        self._clock = clock
        self._timeout = timeout
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []

    async def send(self, message: Message) -> str:
        try:
            words = await self._hand_in(self._mail(message))
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _failure(refused.code, refused.message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            said = f"{type(error).__name__}: the mail server did not answer"
            raise ChannelFailure(said, for_good=False, away=True) from error
        except (ValueError, AttributeError, IndexError, DomainError) as error:  # by all of which ``email`` says so
            raise ChannelFailure("not a mail address", for_good=True) from error
        return f"250 {words}"

    def close(self) -> None:
        """Closes what was kept."""
        while self._idle:
            self._idle.pop()[0].close()

    async def _hand_in(self, mail: EmailMessage) -> str:
        """The server's words. A kept connection that the server has closed meanwhile is replaced by a new one."""
        kept = self._kept()
        if kept is not None:
            try:
                return await self._over(kept, mail)
            except aiosmtplib.SMTPServerDisconnected:
                pass
            except aiosmtplib.SMTPResponseException as error:
                if error.code != _CLOSING:
                    raise
        return await self._over(await self._connected(), mail)

    async def _over(self, connection: aiosmtplib.SMTP, mail: EmailMessage) -> str:
        try:
            _, words = await connection.send_message(mail)
        except BaseException:
            connection.close()
            raise
        self._idle.append((connection, time.monotonic()))
        return words

    def _kept(self) -> aiosmtplib.SMTP | None:
        """The connection used last, if it is fresh enough; older ones are closed."""
        fresh = time.monotonic() - KEPT_SECONDS
        idle, self._idle = self._idle, []
        for connection, used in idle:
            if used > fresh and connection.is_connected:
                self._idle.append((connection, used))
            else:
                connection.close()
        return self._idle.pop()[0] if self._idle else None

    async def _connected(self) -> aiosmtplib.SMTP:
        connection = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.user or None,
            password=self._server.password or None,
            use_tls=self._server.tls,
            start_tls=self._server.start_tls,
            timeout=self._timeout,
            local_hostname=self._domain,
        )
        await connection.connect()
        return connection

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(_POLICY)
        mail["From"] = self._sender
        # One plain address or nothing: whatever else stands there may be read as several, or as another's.
        mail["To"] = parse_required(message.address, ContactKind.EMAIL, "address")
        mail["Subject"] = " ".join(message.text.title.split())
        mail["Date"] = format_datetime(self._clock.now())
        # The same whenever the same notice is sent again: a mail store keeps one copy.
        mail["Message-ID"] = f"<{message.key}@{self._domain}>"
        mail["X-Comity-Notice"] = message.key
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text.body)
        mail["Content-Language"] = _LANGUAGES.get(message.locale, "zh-CN")
        return mail


def _failure(code: int, words: str) -> ChannelFailure:
    """A 4yz answer is tried again, a 5yz one is final (RFC 5321, 4.2.1); 421 says that no service is there (3.8).

    Addresses in the words are left out.
    """
    kept = " ".join(word for word in words.split() if "@" not in word)
    return ChannelFailure(f"{code} {kept}"[:300], for_good=code >= _PERMANENT, away=code == _CLOSING)
