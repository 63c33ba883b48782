"""The tables every service has beside its own, in its own database. ``runtime_schema`` is their DDL."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

TIME = DateTime(timezone=True)

event_log = Table(
    "event_log",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("actor", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("rule_version", Text, nullable=False),
    Column("occur_time", TIME, nullable=False),
    Column("content_digest", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("create_time", TIME, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("apply_time", TIME, nullable=False),
    Column("hash", LargeBinary, nullable=False, server_default=""),
)

applied_versions = Table(
    "applied_versions",
    metadata,
    Column("aggregate", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("park_time", TIME, nullable=False),
    Column("state", Text, nullable=False),
    Column("end_time", TIME),
    Column("remarks", Text, nullable=False, server_default=""),
)

revocations = Table(
    "revocations",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("revoke_time", TIME, nullable=False),
)

replies = Table(
    "replies",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("method", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("create_time", TIME, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("run_time", TIME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_token", Uuid),
    Column("lease_until", TIME),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("create_time", TIME, nullable=False),
    Column("traceparent", Text),
    Column("wait_time", TIME),
    Column("end_time", TIME),
    Column("remarks", Text, nullable=False, server_default=""),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("rule", Text, nullable=False),
    Column("rule_version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("anchor_time", TIME, nullable=False),
    Column("regime", Text, nullable=False),
    Column("extensions", JSONB, nullable=False),
    Column("suspensions", JSONB, nullable=False),
    Column("pause_reason", Text, nullable=False, server_default=""),
    Column("pause_time", TIME),
    Column("due_date", Date, nullable=False),
    Column("due_time", TIME, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("resolve_time", TIME),
    Column("remind_time", TIME),
)
