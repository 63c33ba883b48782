"""What an aggregate's rows hold, as one digest that the event log keeps: the row is what its log says, or it shows.

The digest is made of the values that are written, and again of what PostgreSQL gives back (``audit``); both must come to
the same bytes. So: JSON with sorted keys, which is how JSONB forgets the order; times in UTC to the microsecond, which is
what ``timestamptz`` keeps; bytes as hex. A column that is empty (null, '', 0, false) is left out: one that a later version
adds is empty in the rows that are there, and their digests stay.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

from services.common.storage.jsonb import canonical

Values = Mapping[str, Any]

_OF_THE_LOG = frozenset({"version", "head"})
"""Columns that say where in the log the row is."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of another table that belong to an aggregate. ``rows`` selects those of all aggregates, ``of`` is the column
    with the aggregate's id, which is not among what is digested.

    ``kept_in``: the aggregate's column that holds their digest. Without it whoever saves the aggregate sees them all,
    and they go into its digest. With it they are seen by fewer than may save, and digested by who writes them.
    """

    of: ColumnElement[Any]
    rows: Select[Any]
    kept_in: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of aggregate as the log knows it: its type there (``collection``), its table, its further rows.

    ``beside``: columns that are changed without the aggregate, and why, so that the log says nothing of them.
    """

    collection: str
    table: Table
    parts: Mapping[str, Part] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)

    def digest(self, row: Values, parts: Mapping[str, Iterable[Values]]) -> bytes:
        """32 bytes. ``row``: the aggregate's columns; ``parts``: the rows of those that are not ``kept_in`` a column."""
        outside = _OF_THE_LOG | self.beside.keys()
        lines = [_canonical({name: value for name, value in row.items() if value and name not in outside})]
        for name in sorted(parts):
            lines += [name.encode(), *_in_order(parts[name])]
        return _digest(lines)


def digest_of_rows(rows: Iterable[Values]) -> bytes:
    """32 bytes of rows in whatever order they come."""
    return _digest(_in_order(rows))


def _digest(lines: Iterable[bytes]) -> bytes:
    """JSON has no line breaks of its own, and a row begins with a brace, as no name of a part does."""
    return hashlib.sha256(b"\n".join(lines)).digest()


def rows_of(of: ColumnElement[Any], *columns: ColumnElement[Any]) -> Part:
    """A part of one table: these columns of the rows whose ``of`` is the aggregate."""
    return Part(of, select(*columns))


def _in_order(rows: Iterable[Values]) -> Sequence[bytes]:
    return sorted(_canonical({name: value for name, value in row.items() if value}) for row in rows)


def _spelled(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _canonical(row: Values) -> bytes:
    return canonical(row, _spelled)
