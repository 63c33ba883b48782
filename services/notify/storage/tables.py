"""The tables of notify; their DDL and row-level security are in ``migrations``."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.common.storage.tables import TIME

metadata = MetaData()


def _aggregate(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("organisation_id", Uuid),
        Column("version", BigInteger),
        Column("head", LargeBinary),
        *columns,
    )


subjects = Table(
    "subjects",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Text),
    Column("organisation_id", Uuid),
    Column("origin", Text),
    Column("mediator_account", Text),
    Column("sample", Boolean),
)

cards = Table(
    "cards",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("account", Text),
    Column("display_name", Text),
    Column("locale", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("in_audience", Boolean),
    Column("version", BigInteger),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("display_name", Text),
    Column("telephone", Text),
    Column("version", BigInteger),
)

invitations = Table(
    "invitations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("expire_time", TIME),
)

staff = Table(
    "staff",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("account", Text, primary_key=True),
)

preferences = Table(
    "preferences",
    metadata,
    Column("account", Text, primary_key=True),
    Column("locale", Text),
    Column("channels", ARRAY(Text)),
    Column("quiet_start", Text),
    Column("quiet_end", Text),
)

notices = _aggregate(
    "notices",
    Column("subject", Text),
    Column("recipient", Text),
    Column("account", Text),
    Column("template", Text),
    Column("locale", Text),
    Column("title", Text),
    Column("body", Text),
    Column("short", Text),
    Column("urgent", Boolean),
    Column("channels", ARRAY(Text)),
    Column("channel_index", Integer),
    Column("state", Text),
    Column("create_time", TIME),
    Column("attempts", JSONB),
)

manual_tasks = _aggregate(
    "manual_tasks",
    Column("notice", Text),
    Column("recipient", Text),
    Column("subject", Text),
    Column("state", Text),
    Column("remarks", Text),
    Column("create_time", TIME),
)

call_backs = _aggregate(
    "call_backs",
    Column("subject", Text),
    Column("recipient", Text),
    Column("state", Text),
    Column("due_time", TIME),
    Column("provisional", Boolean),
)

call_back_attempts = Table(
    "call_back_attempts",
    metadata,
    Column("call_back_id", Uuid, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("connected", Boolean),
    Column("rating", Integer),
    Column("remarks", Text),
    Column("attempt_time", TIME),
)
