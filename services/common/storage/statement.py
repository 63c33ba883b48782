"""A fixed statement, made with SQLAlchemy once and run by the driver ever after.

SQLAlchemy builds, hashes and looks up a statement each time it is executed, and wraps each row: three to ten times what
the driver takes for a small one. What services ask on every call is therefore a ``Statement`` made when its module is
loaded; what is composed on the way goes through ``Transaction.connection``.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import asyncpg
from sqlalchemy import Integer, Select, Table, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.sql.elements import ClauseElement

from services.common.storage import jsonb

Row = Mapping[str, Any]
"""One row by column names. The driver's rows iterate over their values; nobody here iterates."""

_DIALECT = dialects.dialect(json_serializer=jsonb.written)  # type: ignore[no-untyped-call]


class Statement:
    """Parameters go by name. Rows are the driver's: ``row["column"]``; JSONB comes and goes as Python values."""

    def __init__(self, clause: ClauseElement, columns: Sequence[str] = ()) -> None:
        """``columns``: those an INSERT or UPDATE sets, each by a parameter of its name."""
        compiled: Any = clause.compile(dialect=_DIALECT, column_keys=list(columns) or None)
        self.sql = str(compiled)
        places = [compiled.binds[name] for name in compiled.positiontup or ()]
        self._parameters = [_parameter(place) for place in places]
        self._fixed = {place.key: place.effective_value for place in places if not place.required}
        """What stands in the statement itself."""

    async def rows(self, driver: asyncpg.Connection, **values: object) -> list[Row]:
        """All rows."""
        found: list[Any] = await driver.fetch(self.sql, *self._in_order(values))
        return found

    async def first(self, driver: asyncpg.Connection, **values: object) -> Row | None:
        """The first row, if there is one."""
        found: Any = await driver.fetchrow(self.sql, *self._in_order(values))
        return cast("Row | None", found)

    async def value(self, driver: asyncpg.Connection, **values: object) -> Any:
        """The first column of the first row; None without one."""
        return await driver.fetchval(self.sql, *self._in_order(values))

    async def run(self, driver: asyncpg.Connection, **values: object) -> int:
        """How many rows were written."""
        return int((await driver.execute(self.sql, *self._in_order(values))).rpartition(" ")[2])

    async def run_many(self, driver: asyncpg.Connection, each: Sequence[Mapping[str, object]]) -> None:
        """Once for each of the values, in one round trip."""
        if each:
            await driver.executemany(self.sql, [self._in_order(dict(values)) for values in each])

    def _in_order(self, values: dict[str, object]) -> list[object]:
        """The driver's values. KeyError for one that was not given."""
        given = values | self._fixed if self._fixed else values
        return [write(given[name]) if write else given[name] for name, write in self._parameters]


def _parameter(bound: Any) -> tuple[str, Callable[[object], object] | None]:
    """A place in a statement: the name of its value, and how the driver wants it."""
    return bound.key, bound.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)


@cache
def selecting(table: Table, by: tuple[str, ...] = ("id",), *, lock: bool = False, newest: bool = False) -> Statement:
    """The rows with the values of these columns, given by name; with ``newest`` one, that of the greatest id."""
    query = _with_values(table, by)
    if newest:
        query = query.order_by(table.c.id.desc()).limit(1)
    return Statement(query.with_for_update() if lock else query)


@cache
def paging(table: Table, by: tuple[str, ...] = ()) -> Statement:
    """As ``selecting``, in the order of ids: ``page_size`` rows after the id ``page_after``."""
    after = table.c.id > bindparam("page_after", type_=table.c.id.type)
    return Statement(
        _with_values(table, by).where(after).order_by(table.c.id).limit(bindparam("page_size", type_=Integer))
    )


@cache
def selecting_many(table: Table, by: str = "id") -> Statement:
    """The rows whose column has one of the values, given as ``wanted``."""
    column = table.c[by]
    return Statement(select(table).where(column == any_(bindparam("wanted", type_=ARRAY(column.type)))))


@cache
def inserting(table: Table, columns: tuple[str, ...], *, anew: bool = True) -> Statement:
    """One row; unless ``anew``, one that is there already stays as it is."""
    clause = insert(table)
    return Statement(clause if anew else clause.on_conflict_do_nothing(), columns)


@cache
def saving(table: Table, columns: tuple[str, ...]) -> Statement:
    """The aggregate's row at the version it was loaded at: ``saved_id``, ``loaded_version``."""
    mine = (table.c.id == bindparam("saved_id", type_=table.c.id.type)) & (
        table.c.version == bindparam("loaded_version", type_=table.c.version.type)
    )
    return Statement(update(table).where(mine), columns)


def _with_values(table: Table, by: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name, type_=table.c[name].type) for name in by))
