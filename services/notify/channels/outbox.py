"""Text messages and webhooks without a provider: each becomes a file that says so, in a folder of the operator's.

A provider is another implementation of ``application.ports.Channel``; none is built in, and nothing here pretends that a
phone rang.
"""

import asyncio
import json
import os
from pathlib import Path

from services.common.kernel.clock import Clock
from services.notify.application.ports import Message


class FileOutbox:
    """Writes ``<folder>/<kind>/<key>.json``. The same message again is the same file.

    What fails here is our own disk and no way to a person: it is waited for and is no failure of the channel.
    """

    def __init__(self, folder: Path, kind: str, clock: Clock) -> None:
        self._folder = folder / kind
        self._kind = kind
        self._clock = clock

    async def send(self, message: Message) -> str:
        record = {
            "to": message.address,
            "text": message.text.short,
            "key": message.key,
            "time": self._clock.now().isoformat(),
            "delivered": False,
        }
        await asyncio.to_thread(self._write, message.key, json.dumps(record, ensure_ascii=False, indent=1))
        return f"written to the {self._kind} outbox; no provider is configured"

    def _write(self, key: str, text: str) -> None:
        self._folder.mkdir(exist_ok=True, mode=0o700)  # Not what it lies in, which may be a disk that came off.
        unfinished = self._folder / f".{key}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.rename(self._folder / f"{key}.json")
