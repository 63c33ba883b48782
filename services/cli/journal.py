"""What was sent under which request id, kept for a later life of the program.

A repeated request must be the same to the byte (another body under its id is refused), but a program that starts again
would write another date or read another version. So it sends what it sent the first time.
"""

import sqlite3
import weakref
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


class Journal:
    """One file beside the data, or nothing but memory without one. It holds what people wrote: readable by the user."""

    def __init__(self, file: Path | None = None) -> None:
        if file is not None:
            file.touch(mode=0o600)
        # A program that is killed loses nothing by this; a power cut may lose the last entries.
        # Used by one thread; but the garbage collector, who may close it, works in any.
        self._database = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        self.close = weakref.finalize(self, self._database.close)
        """Ends it, for good. Done by itself at the latest when nobody holds it any more."""
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS requests (id TEXT PRIMARY KEY, body BLOB NOT NULL, stale INTEGER NOT NULL)"
        )

    def earlier(self, request: M) -> M | None:
        """What was sent under the request's id before; None when nothing was, or it has no id."""
        row = self._row(request)
        return type(request).FromString(row[0]) if row else None

    def was_stale(self, request: Message) -> bool:
        """Whether what was sent under the id was refused because somebody else was faster."""
        row = self._row(request)
        return bool(row and row[1])

    def keep(self, request: Message, *, stale: bool = False) -> None:
        """Remembers a request before it is sent, and afterwards that it was stale."""
        if identifier := getattr(request, "request_id", ""):
            values = (identifier, request.SerializeToString(), int(stale))
            self._database.execute("INSERT OR REPLACE INTO requests VALUES (?, ?, ?)", values)

    def _row(self, request: Message) -> Any:
        query = "SELECT body, stale FROM requests WHERE id = ?"
        return self._database.execute(query, (getattr(request, "request_id", ""),)).fetchone()
