"""The tables of intake; their DDL and row-level security are in ``migrations``."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.common.storage.tables import TIME

metadata = MetaData()

organisations = Table("organisations", metadata, Column("id", Uuid, primary_key=True), Column("kind", Text))

number_blocks = Table(
    "number_blocks",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("next_number", BigInteger),
)

matters = Table(
    "matters",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid),
    Column("version", BigInteger),
    Column("head", LargeBinary),
    Column("number", Text),
    Column("kind", Text),
    Column("channel", Text),
    Column("state", Text),
    Column("subject_matter", Text),
    Column("facts", Text),
    Column("request", Text),
    Column("currency", Text),
    Column("minor_units", BigInteger),
    Column("receive_time", TIME),
    Column("sample", Boolean),
    Column("source_facts", JSONB),
    Column("regime", Text),
    Column("severity", Text),
    Column("officer_id", Uuid),
    Column("decline_ground", Text),
    Column("decline_remedies", Text),
    Column("no_mediation_reason", Text),
    Column("case_name", Text),
    Column("outcome", Text),
    Column("reopen_requested", Boolean),
    Column("withdrawal_reason", Text),
    Column("shared_version", BigInteger),
    Column("particulars_digest", LargeBinary),
    Column("contacts_digest", LargeBinary),
)

imported_rows = Table(
    "imported_rows",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("register", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("matter_id", Uuid),
    Column("number", Text),
)

matter_viewers = Table(
    "matter_viewers",
    metadata,
    Column("viewer", Text, primary_key=True),
    Column("matter_id", Uuid, primary_key=True),
)

parties = Table(
    "parties",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("matter_id", Uuid),
    Column("side", Text),
    Column("display_name", Text),
    Column("kind", Text),
    Column("identity_head", Text),
    Column("account_id", Uuid),
    Column("invitation", Text),
    Column("invitation_problem", Text),
    Column("mediation_consent_time", TIME),
    Column("online_consent_time", TIME),
)

particulars = Table(
    "particulars",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("matter_id", Uuid),
    Column("account_id", Uuid),
    Column("identity_number", Text),
    Column("address", Text),
    Column("region_code", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("locale", Text),
    Column("details", JSONB),
)

likenesses = Table(
    "likenesses",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("complainant_key", LargeBinary, primary_key=True),
    Column("matter_id", Uuid, primary_key=True),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("matter_id", Uuid),
    Column("party_id", Uuid),
    Column("channel", Text),
    Column("contact_time", TIME),
    Column("reached", Boolean),
    Column("remarks", Text),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("matter_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("bytes", LargeBinary),
    Column("create_time", TIME),
)
