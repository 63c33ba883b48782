"""What a service received from others, as it noted it: the id of each event and the hash it had in its sender's log.

Whoever rewrites a log with all its hashes, or removes it whole, leaves a log that holds. But its events have been
elsewhere: held against the inboxes of the others, and against what of them somebody keeps, it does not.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import asyncpg

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Received:
    """Some of the events that the service ``by`` received: hashes by event."""

    by: str
    hashes: dict[UUID, bytes]


async def lines_of(connection: asyncpg.Connection, service: str) -> AsyncIterator[str]:
    """A line for every event in the inbox: who received it, from whom, its id, its hash in hex."""
    async for row in connection.cursor("SELECT source, event_id, hash FROM inbox WHERE hash <> ''", prefetch=AT_ONCE):
        yield f"{service} {row['source']} {row['event_id']} {row['hash'].hex()}"


def read(lines: Iterable[str], source: str) -> Iterator[Received]:
    """What was received from ``source``, some thousands at a time. Raises ValueError for what is no line of ours."""
    of_source = (entry for entry in map(_entry, lines) if entry[1] == source)
    while some := list(islice(of_source, AT_ONCE)):
        by_service: dict[str, dict[UUID, bytes]] = {}
        for by, _, event, hash in some:
            by_service.setdefault(by, {})[event] = hash
        yield from (Received(by, hashes) for by, hashes in by_service.items())


def _entry(line: str) -> tuple[str, str, UUID, bytes]:
    try:
        by, source, event, hash = line.split()
        return by, source, UUID(event), bytes.fromhex(hash)
    except ValueError:
        raise ValueError("what it shall be held against is not what `received` printed") from None
