"""A mail server that delivers nothing: every message becomes a file `<time>-<n>.eml` in a folder.

Run as `python -m deploy.local.mail_catcher --port PORT --folder FOLDER`. It listens on loopback unless told otherwise.
The envelope is kept in `X-Envelope-From` and `X-Envelope-To` lines on top: the headers of a message need not tell it.
"""

import argparse
import asyncio
import os
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import LOOPBACK
from deploy.local.private_files import private_folder
from services.common.kernel.clock import Clock, SystemClock

_LARGEST = 32 * 1024 * 1024


class MailFolder:
    """Keeps what aiosmtpd received. A file appears under its name only when it is complete."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = private_folder(folder)
        self._clock = clock
        self._count = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._keep(envelope)
        return "250 kept in the mail folder"

    def _keep(self, envelope: Envelope) -> None:
        self._count += 1
        name = f"{self._clock.now():%Y%m%dT%H%M%S.%fZ}-{self._count}.eml"
        top = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        unfinished = self._folder / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(top.encode() + body)
        unfinished.rename(self._folder / name)


async def catch_mail(port: int, folder: Path, host: str = LOOPBACK) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    handler = MailFolder(folder, SystemClock())
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=_LARGEST, enable_SMTPUTF8=True, hostname="localhost"), host, port
    )
    try:
        await told_to_stop.wait()
    finally:
        server.close()  # Without waiting: from Python 3.12 on that would be for clients that keep their connection.


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail as a file; deliver none.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default=LOOPBACK)
    given = parser.parse_args()
    asyncio.run(catch_mail(given.port, given.folder, given.host))


if __name__ == "__main__":
    main()
