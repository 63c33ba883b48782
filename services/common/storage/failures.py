"""What a failing database means, whether SQLAlchemy or its driver reports it."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

FAILURES = (DBAPIError, PoolTimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a statement or a connection may raise."""


def sqlstate(error: BaseException) -> str:
    """The five characters of SQLSTATE; empty when the server said nothing (ISO/IEC 9075, PostgreSQL appendix A)."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", "") or "")


def away(error: BaseException) -> bool:
    """Whether the database could not be reached, or was just going away, coming up or full."""
    state = sqlstate(error)
    return not state or state.startswith(("08", "53", "57"))


def contended(error: BaseException) -> bool:
    """Whether others were in the way: a lock, a deadlock, a serialization failure."""
    return sqlstate(error) in ("40001", "40P01", "55P03")
