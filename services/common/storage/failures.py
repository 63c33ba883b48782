"""What a failing database means, whether SQLAlchemy or its driver reports it."""

import errno

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.common.surroundings import Cause

_ENDED = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The driver's own: the last when the server has said goodbye and the end of the stream is not read yet."""

FAILURES = (DBAPIError, AsyncAdapt_asyncpg_dbapi.Error, PoolTimeoutError, asyncpg.PostgresError, *_ENDED)
"""What a statement or a connection may raise; the second when SQLAlchemy's pool asks a new connection by itself."""

UNREACHABLE = Cause(
    "DATABASE_UNREACHABLE",
    "PostgreSQL 无应答：请启动它，或更正 COMITY_DATABASE_URL 中的地址",
    "PostgreSQL does not answer: start it, or correct the address in COMITY_DATABASE_URL",
)
READ_ONLY = Cause(
    "DATABASE_READ_ONLY",
    "数据库只读：请让 COMITY_DATABASE_URL 指向主库，或取消只读设置",
    "the database is read-only: let COMITY_DATABASE_URL name the primary server, or end its read-only mode",
)
RIGHT_MISSING = Cause(
    "DATABASE_RIGHT_MISSING",
    "服务的数据库角色缺少权限：请授予其连接该库、使用 public 模式及本服务各序列的权限，以及对本服务各表的 "
    "SELECT、INSERT、UPDATE、DELETE 权限（event_log 只需 SELECT、INSERT）",
    "the service's role lacks a right: grant it CONNECT on the database, USAGE on schema public and on the service's "
    "sequences there, and SELECT, INSERT, UPDATE and DELETE on the service's tables (on event_log SELECT and INSERT only)",
)
FULL = Cause(
    "DATABASE_FULL",
    "PostgreSQL 所在磁盘已满：请释放或增加空间",
    "the disk of PostgreSQL is full: free some space there or add some",
)

_BY_SQLSTATE = {
    "28P01": Cause(
        "DATABASE_PASSWORD_WRONG",
        "PostgreSQL 拒绝该用户或密码：请更正 COMITY_DATABASE_URL，或将该角色的密码改为其中的密码",
        "PostgreSQL refuses this user or password: correct COMITY_DATABASE_URL, or give the role the password it has there",
    ),
    "28": Cause(
        "DATABASE_ACCESS_REFUSED",
        "PostgreSQL 不接受该角色从此处登录：请检查 pg_hba.conf，以及该角色是否存在并可登录",
        "PostgreSQL lets this role not in from here: look at pg_hba.conf, and whether the role exists and may log in",
    ),
    "3D000": Cause(
        "DATABASE_MISSING",
        "COMITY_DATABASE_URL 中的数据库不存在：请创建或恢复该库，或更正名称",
        "the database that COMITY_DATABASE_URL names is not there: create or restore it, or correct the name",
    ),
    "25006": READ_ONLY,
    "53300": Cause(
        "DATABASE_CONNECTIONS_EXHAUSTED",
        "PostgreSQL 连接数已用尽：请增大 max_connections，或减小 COMITY_DATABASE_CONNECTIONS",
        "PostgreSQL has no connection left: raise max_connections, or lower COMITY_DATABASE_CONNECTIONS",
    ),
    "53100": FULL,
    "53": Cause(
        "DATABASE_RESOURCES_EXHAUSTED",
        "PostgreSQL 资源不足：请查看其日志与内存",
        "PostgreSQL is short of resources: look at its log and at its memory",
    ),
    "58": Cause(
        "DATABASE_DISK_FAILS",
        "PostgreSQL 无法读写其文件：请检查其磁盘与日志",
        "PostgreSQL cannot read or write its files: look at its disk and at its log",
    ),
    "08": UNREACHABLE,
    "57": UNREACHABLE,
}
"""By the first characters of SQLSTATE, the longest first. Not 42 (a missing right or table): a fault of ours looks
alike, so a look at the schema tells which it is."""


def sqlstate(error: BaseException) -> str:
    """The five characters of SQLSTATE; empty when the server said nothing (ISO/IEC 9075, PostgreSQL appendix A)."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", "") or "")


def of_database(error: BaseException) -> bool:
    """Whether the database failed, and not a file of ours, which raises OSError too, or our use of the driver."""
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OF_DISKS):
        return False
    return isinstance(error, FAILURES) and not _of_ours(error)


_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


def _of_ours(error: BaseException) -> bool:
    """Whether the driver refuses what it is asked: two statements at once, arguments that do not fit.

    It has one class for that and for a connection that has ended or was not let in: only its words tell them apart.
    """
    said = getattr(error, "orig", error)
    said = said.__cause__ if isinstance(said, AsyncAdapt_asyncpg_dbapi.Error) else said
    if not isinstance(said, asyncpg.InterfaceError) or isinstance(said, asyncpg.ClientConfigurationError):
        return False
    return not any(words in str(said).lower() for words in ("connection is closed", "authentication"))


def cause_of(error: BaseException) -> Cause | None:
    """Why the database could not be used, or was just going away, coming up or full; None for anything else."""
    if not of_database(error):
        return None
    state = sqlstate(error)
    if not state:
        return UNREACHABLE
    return next((_BY_SQLSTATE[state[:length]] for length in (5, 2) if state[:length] in _BY_SQLSTATE), None)


def away(error: BaseException) -> bool:
    """Whether it is the database's surroundings that fail and not what it was asked."""
    return cause_of(error) is not None


def cut(error: BaseException) -> bool:
    """Whether this connection has ended and another may do: a server that stopped, an administrator, the network."""
    return (isinstance(error, _ENDED) and not _of_ours(error)) or sqlstate(error).startswith(("08", "57P"))


def contended(error: BaseException) -> bool:
    """Whether others were in the way: a lock, a deadlock, a serialization failure."""
    return sqlstate(error) in ("40001", "40P01", "55P03")
