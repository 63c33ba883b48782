"""What a database holds of its aggregates, as their log would say it (``content``)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.storage.content import Kind, Part, Values, digest_of_rows
from services.common.storage.statement import Statement


@dataclass(frozen=True, slots=True)
class Held:
    """The end of the log that an aggregate's row names, and the digest of what is there."""

    version: int
    head: bytes
    content: bytes


class HeldAggregates:
    """The aggregates of one kind."""

    def __init__(self, connection: asyncpg.Connection, kind: Kind) -> None:
        self.collection = kind.collection
        self._connection = connection
        self._kind = kind
        self._rows = Statement(select(kind.table).where(kind.table.c.id == _WANTED))
        self._parts = {name: (part, _of_many(part)) for name, part in kind.parts.items()}

    async def of_ids(self, ids: Sequence[UUID]) -> dict[UUID, Held]:
        """Those that there are."""
        parts = {name: await self._part(name, ids) for name in self._parts}
        rows = await self._rows.rows(self._connection, wanted=ids)
        return {row["id"]: self._held(dict(row), parts) for row in rows}

    async def without_log(self) -> list[tuple[UUID, int]]:
        """Aggregates with their versions of which nothing was ever logged."""
        query = (
            f"SELECT id, version FROM {self._kind.table.name} AS held"  # noqa: S608 - a name of ours
            " WHERE NOT EXISTS (SELECT 1 FROM event_log WHERE aggregate_id = held.id AND aggregate_type = $1)"
        )
        return [(row["id"], row["version"]) for row in await self._connection.fetch(query, self.collection)]

    async def _part(self, name: str, ids: Sequence[UUID]) -> Mapping[UUID, list[Values]]:
        found: dict[UUID, list[Values]] = defaultdict(list)
        for row in await self._parts[name][1].rows(self._connection, wanted=ids):
            values: dict[str, Any] = dict(row)
            found[values.pop(_OF)].append(values)
        return found

    def _held(self, row: Values, parts: Mapping[str, Mapping[UUID, list[Values]]]) -> Held:
        mine = {name: rows.get(row["id"], []) for name, rows in parts.items()}
        kept = {name: part.kept_in for name, (part, _) in self._parts.items() if part.kept_in}
        for name, column in kept.items():
            if row[column] != digest_of_rows(mine.pop(name)):
                return Held(row["version"], row["head"], b"")
        return Held(row["version"], row["head"], self._kind.digest(row, mine))


_OF = "of_aggregate"
_WANTED = any_(bindparam("wanted", type_=ARRAY(Uuid)))


def _of_many(part: Part) -> Statement:
    return Statement(part.rows.add_columns(part.of.label(_OF)).where(part.of == _WANTED))
