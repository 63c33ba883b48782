"""The mail folder of the embedded mail catcher, read as a person reads mail: newest first, by recipient."""

import asyncio
import re
import time
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_CODE = re.compile(r"(?<![0-9-])([0-9]{6})(?![0-9-])")
_INVITATION = re.compile(r"invitations/[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a mailbox had been read."""

    seen: frozenset[str]


BEGINNING = Mark(frozenset())


class Mailbox:
    """All mail that a suite sent, as ``.eml`` files. What was parsed once is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parsed: dict[str, EmailMessage] = {}

    def mark(self) -> Mark:
        """Remember what is there now, to wait for what comes after."""
        return Mark(frozenset(self._names()))

    async def code_for(self, address: str, since: Mark, seconds: float = 30) -> str:
        """The one-time code in the first mail to ``address`` after ``since``."""
        return await self._first(_CODE, address, since, seconds)

    async def invitation_for(self, address: str, since: Mark, seconds: float = 60) -> str:
        """The invitation that a mail to ``address`` names."""
        return await self._first(_INVITATION, address, since, seconds)

    async def _first(self, pattern: re.Pattern[str], address: str, since: Mark, seconds: float) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name in sorted(set(self._names()) - since.seen):
                message = self._read(name)
                if message is not None and address.lower() in str(message.get("To", "")).lower():
                    found = pattern.search(_text(message))
                    if found:
                        return found.group(found.lastindex or 0)
            await asyncio.sleep(0.02)
        raise TimeoutError(f"no mail to {address} within {seconds} s")

    def _names(self) -> list[str]:
        # A mail still being written has a name that begins with a dot.
        return [path.name for path in self._folder.glob("[!.]*.eml")]

    def _read(self, name: str) -> EmailMessage | None:
        if name not in self._parsed:
            data = (self._folder / name).read_bytes()
            self._parsed[name] = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
        return self._parsed[name]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""
