"""The tables of identity; ``migrations`` is their DDL."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.common.storage.tables import TIME

metadata = MetaData()

organisations = Table(
    "organisations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("display_name", Text),
    Column("kind", Text),
    Column("region_code", Text),
    Column("identity_number", Text),
    Column("sample", Boolean),
    Column("telephone", Text),
    Column("short_name", Text),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("display_name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("email_settle_time", TIME),
    Column("phone_settle_time", TIME),
    Column("locale", Text),
    Column("identity_hash", LargeBinary),
    Column("generation", BigInteger),
)

memberships = Table(
    "memberships",
    metadata,
    Column("account_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
)

first_administrator_codes = Table(
    "first_administrator_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("expire_time", TIME),
    Column("use_time", TIME),
)

codes = Table(
    "codes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", LargeBinary),
    Column("purpose", Text),
    Column("contact_kind", Text),
    Column("contact", Text),
    Column("account_id", Uuid),
    Column("subject", Text),
    Column("digest", LargeBinary),
    Column("invitation_id", Uuid),
    Column("lane", Text),
    Column("length", Text),
    Column("state", Text),
    Column("expire_time", TIME),
    Column("send_time", TIME),
    Column("sends", Integer),
    Column("sent", Boolean),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code_id", Uuid),
    Column("tries", Integer),
)

buckets = Table(
    "buckets",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("full_time", TIME),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid),
    Column("create_time", TIME),
    Column("expire_time", TIME),
)

devices = Table(
    "devices",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("expire_time", TIME),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("service", Text),
    Column("subject", Text),
    Column("party", Text),
    Column("display_name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("locale", Text),
    Column("identity_hash", LargeBinary),
    Column("expire_time", TIME),
    Column("state", Text),
    Column("account_id", Uuid),
    Column("mismatches", Integer),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("bytes", LargeBinary),
)

certificates = Table(
    "certificates",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("organisation_id", Uuid),
    Column("subject", Text),
    Column("slot", Text),
    Column("document_number", Text),
    Column("account_id", Uuid),
    Column("key_digest", LargeBinary),
    Column("fingerprint", LargeBinary),
    Column("chain", ARRAY(LargeBinary)),
    Column("current", Boolean),
)
