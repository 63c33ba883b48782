"""The mail folder of the embedded mail catcher, read as a person waits for mail: by recipient, in the order it came."""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_CODE = re.compile(r"(?<![0-9-])([0-9]{12}|[0-9]{6})(?![0-9-])")
_TICK = 50_000_000
_ENVELOPE_TO = re.compile(rb"^X-Envelope-To:\s*(.+?)\r?$", re.MULTILINE)
_INVITATION = re.compile(r"invitations/[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a mailbox had been read: that many mails."""

    count: int


BEGINNING = Mark(0)


class Mailbox:
    """All mail that a suite sent, as ``.eml`` files. The folder is listed when it has changed, a mail parsed when wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = -1
        self._known: set[str] = set()
        self._come: list[str] = []
        self._recipients: list[str] = []

    def mark(self) -> Mark:
        """Remember what is there now, to wait for what comes after."""
        self._look()
        return Mark(len(self._come))

    async def code_for(self, address: str, since: Mark, seconds: float = 30) -> str:
        """The one-time code in the first mail to ``address`` after ``since``."""
        return await self._first(_CODE, address, since, seconds)

    def newest_code_for(self, address: str) -> str:
        """The one-time code in the last mail to ``address`` that has one; nothing of none."""
        return next(self.codes_for(address), "")

    def codes_for(self, address: str) -> Iterator[str]:
        """The one-time codes in the mails to ``address``, the newest first."""
        self._look()
        mine = [place for place, recipient in enumerate(self._recipients) if address.lower() in recipient]
        found = (_CODE.search(self._text(place)) for place in reversed(mine))
        return (match[1] for match in found if match)

    def recipients(self) -> list[str]:
        """Whom each mail was for, in the order in which they came."""
        self._look()
        return list(self._recipients)

    async def invitation_for(self, address: str, since: Mark, seconds: float = 60) -> str:
        """The invitation that a mail to ``address`` names."""
        return await self._first(_INVITATION, address, since, seconds)

    async def _first(self, pattern: re.Pattern[str], address: str, since: Mark, seconds: float) -> str:
        end, looked, wanted = time.monotonic() + seconds, since.count, address.lower()
        while time.monotonic() < end:
            self._look()
            for place in range(looked, len(self._come)):
                if wanted in self._recipients[place] and (found := pattern.search(self._text(place))):
                    return found.group(found.lastindex or 0)
            looked = len(self._come)
            await asyncio.sleep(0.02)
        raise TimeoutError(f"no mail to {address} within {seconds} s")

    def _look(self) -> None:
        changed = self._folder.stat().st_mtime_ns if self._folder.exists() else -1
        if changed == self._changed:
            return
        # A mail still being written has a name that begins with a dot.
        names = [path.name for path in self._folder.glob("[!.]*.eml")]
        for name in sorted(name for name in names if name not in self._known):
            self._known.add(name)
            self._come.append(name)
            self._recipients.append(_recipient((self._folder / name).read_bytes()))
        # A file system's clock is coarse: what came in the same tick as the last change shows by no other.
        self._changed = changed if time.time_ns() - changed > _TICK else -1

    def _text(self, place: int) -> str:
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(
            (self._folder / self._come[place]).read_bytes()
        )
        body = message.get_body(("plain", "html"))
        return str(body.get_content()) if body is not None else ""


def _recipient(mail: bytes) -> str:
    """Whom the mail was handed in for, as the catcher wrote it on top."""
    found = _ENVELOPE_TO.search(mail)
    return found[1].decode(errors="replace").lower() if found else ""
