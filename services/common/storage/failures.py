"""What a failing database means, whether SQLAlchemy or its driver reports it."""

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

_ENDED = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The driver's own: the last when the server has said goodbye and the end of the stream is not read yet."""

FAILURES = (DBAPIError, AsyncAdapt_asyncpg_dbapi.Error, PoolTimeoutError, asyncpg.PostgresError, *_ENDED)
"""What a statement or a connection may raise; the second when SQLAlchemy's pool asks a new connection by itself."""


def sqlstate(error: BaseException) -> str:
    """The five characters of SQLSTATE; empty when the server said nothing (ISO/IEC 9075, PostgreSQL appendix A)."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", "") or "")


def away(error: BaseException) -> bool:
    """Whether the database could not be reached, or was just going away, coming up or full."""
    state = sqlstate(error)
    return not state or state.startswith(("08", "53", "57"))


def cut(error: BaseException) -> bool:
    """Whether this connection has ended and another may do: a server that stopped, an administrator, the network."""
    return isinstance(error, _ENDED) or sqlstate(error).startswith(("08", "57P"))


def contended(error: BaseException) -> bool:
    """Whether others were in the way: a lock, a deadlock, a serialization failure."""
    return sqlstate(error) in ("40001", "40P01", "55P03")
