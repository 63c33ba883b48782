"""The tables of mediation as SQLAlchemy sees them; their DDL and row-level security are in the migrations.

A row has what is searched, ordered or guarded as columns, and the rest of its aggregate in ``data``.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.common.storage.tables import TIME

metadata = MetaData()


def _aggregate(name: str, *columns: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("organisation_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("head", LargeBinary, nullable=False),
        Column("data", JSONB, nullable=False),
        *columns,
    )


mediators = _aggregate("mediators", Column("account", Uuid, nullable=False))
cases = _aggregate(
    "cases",
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("particulars_digest", LargeBinary, nullable=False),
)
sessions = _aggregate(
    "sessions",
    Column("case_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("caucus_party", Uuid),
    Column("mediator_account", Uuid, nullable=False),
)
session_records = _aggregate(
    "session_records",
    Column("case_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("caucus_party", Uuid),
    Column("mediator_account", Uuid, nullable=False),
)
items = _aggregate(
    "items",
    Column("case_id", Uuid, nullable=False),
    Column("compartment", Text, nullable=False),
    Column("party", Uuid),
    Column("mediator_account", Uuid),
    Column("released", Boolean, nullable=False),
    Column("shelf", Text, nullable=False),
)
offers = _aggregate(
    "offers",
    Column("case_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
)
agreements = _aggregate("agreements", Column("case_id", Uuid, nullable=False), Column("state", Text, nullable=False))
signing_rounds = _aggregate(
    "signing_rounds",
    Column("case_id", Uuid, nullable=False),
    Column("agreement_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
)

case_members = Table(
    "case_members",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("account", Uuid, primary_key=True),
    Column("party", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
)

party_particulars = Table(
    "party_particulars",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("party", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("data", JSONB, nullable=False),
)

offer_responses = _aggregate(
    "offer_responses",
    Column("case_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("party", Uuid, nullable=False),
    Column("revealed", Boolean, nullable=False, server_default="false"),
)

signing_acts = Table(
    "signing_acts",
    metadata,
    Column("round_id", Uuid, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("proof", Text, nullable=False),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("create_time", TIME, nullable=False),
)
