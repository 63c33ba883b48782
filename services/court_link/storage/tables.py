"""This service's own tables. An aggregate's row keeps its version and head, what is searched, and the rest as JSON."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.common.storage.tables import TIME

metadata = MetaData()


def _aggregate(name: str, *columns: "Column[object]") -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("organisation_id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("head", LargeBinary, nullable=False),
        *columns,
        Column("content", JSONB, nullable=False),
    )


courts = _aggregate("courts", Column("region_codes", ARRAY(Text), nullable=False))
application_windows = _aggregate("application_windows", Column("state", Text, nullable=False))
applications = _aggregate(
    "applications",
    Column("agreement_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("filed", Boolean, nullable=False),
    Column("members_digest", LargeBinary, nullable=False),
)
rulings = _aggregate("rulings", Column("application_id", Uuid, nullable=False), Column("state", Text, nullable=False))
referrals = _aggregate("referrals", Column("state", Text, nullable=False))

agreements = Table(
    "agreements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("dossier_digest", LargeBinary, nullable=False),
    Column("store_time", TIME, nullable=False),
    Column("content", JSONB, nullable=False),
)
agreement_members = Table(
    "agreement_members",
    metadata,
    Column("agreement_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)
application_members = Table(
    "application_members",
    metadata,
    Column("application_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)
referral_members = Table(
    "referral_members",
    metadata,
    Column("referral_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
)
dossiers = Table(
    "dossiers",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("store_time", TIME, nullable=False),
)
spent_proofs = Table(
    "spent_proofs",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("spend_time", TIME, nullable=False),
)
docket_numbers = Table(
    "docket_numbers",
    metadata,
    Column("organisation_id", Uuid, primary_key=True),
    Column("series", Text, primary_key=True),
    Column("number_key", Text, primary_key=True),
    Column("holder", Uuid, nullable=False),
)
docket = Table(
    "docket",
    metadata,
    Column("filing_key", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("court_id", Uuid, nullable=False),
    Column("package_digest", LargeBinary, nullable=False),
    Column("receive_time", TIME, nullable=False),
)
receipt_numbers = Table(
    "receipt_numbers",
    metadata,
    Column("court_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)
