"""Courts, windows, agreements, applications, rulings, referrals, and the embedded desk's docket.

Row-level security: system sees all; staff of a court what was filed with it; a party what its account is a member of.
Members are seen by themselves; courts are public.
"""

from alembic import context, op

from services.common.storage import pressure_reports, runtime_schema
from services.common.storage.row_security import ANYBODY, SYSTEM, VIEWER, guarded

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE courts (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL UNIQUE,
    version bigint NOT NULL,
    head bytea NOT NULL,
    region_codes text[] NOT NULL,
    content jsonb NOT NULL
);
CREATE TABLE application_windows (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'LAPSED', 'CLOSED')),
    content jsonb NOT NULL
);
CREATE TABLE agreements (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    dossier_digest bytea NOT NULL,
    store_time timestamptz NOT NULL,
    content jsonb NOT NULL
);
CREATE TABLE agreement_members (
    agreement_id uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (agreement_id, account_id)
);
CREATE TABLE applications (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    agreement_id uuid NOT NULL,
    attempt integer NOT NULL,
    state text NOT NULL,
    filed boolean NOT NULL,
    members_digest bytea NOT NULL,
    content jsonb NOT NULL,
    UNIQUE (agreement_id, attempt)
);
CREATE UNIQUE INDEX applications_one_under_way ON applications (agreement_id)
    WHERE state NOT IN ('NOT_ACCEPTED', 'WITHDRAWN', 'DEEMED_WITHDRAWN', 'LAPSED');
CREATE INDEX applications_of_court ON applications (organisation_id, id);
CREATE TABLE application_members (
    application_id uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (application_id, account_id)
);
CREATE INDEX application_members_of_account ON application_members (account_id, application_id);
CREATE TABLE rulings (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    application_id uuid NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('PREPARED', 'SIGNING', 'ISSUED')),
    content jsonb NOT NULL
);
CREATE TABLE referrals (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    state text NOT NULL,
    content jsonb NOT NULL
);
CREATE INDEX referrals_of_court ON referrals (organisation_id, id);
CREATE TABLE referral_members (
    referral_id uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (referral_id, account_id)
);
CREATE TABLE dossiers (
    digest bytea NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    content bytea NOT NULL,
    store_time timestamptz NOT NULL,
    PRIMARY KEY (digest, kind)
);
CREATE TABLE spent_proofs (
    token_id text PRIMARY KEY,
    spend_time timestamptz NOT NULL
);
CREATE INDEX spent_proofs_by_time ON spent_proofs (spend_time);
CREATE TABLE docket_numbers (
    organisation_id uuid NOT NULL,
    series text NOT NULL CHECK (series IN ('APPLICATION', 'REFERRAL')),
    number_key text NOT NULL,
    holder uuid NOT NULL,
    PRIMARY KEY (organisation_id, series, number_key)
);
CREATE TABLE docket (
    filing_key text PRIMARY KEY,
    number bigint NOT NULL,
    court_id uuid NOT NULL,
    package_digest bytea NOT NULL,
    receive_time timestamptz NOT NULL
);
CREATE TABLE receipt_numbers (
    court_id uuid NOT NULL,
    year integer NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (court_id, year)
);
"""

_SYSTEM = "current_setting('comity.viewer', true) = 'system'"
_ACCOUNT = "current_setting('comity.viewer', true)"
_STAFF = "organisation_id::text = ANY (string_to_array(current_setting('comity.organisations', true), ','))"


def _member(table: str, key: str, column: str = "id") -> str:
    return (
        f"EXISTS (SELECT 1 FROM {table}_members m WHERE m.{table}_id = {key}.{column} "  # noqa: S608 - names of ours
        f"AND 'accounts/' || m.account_id = {_ACCOUNT})"
    )


# Row-level security holds inside this subquery too: a court sees the agreements of the applications filed with it.
_BEFORE_COURT = (
    "EXISTS (SELECT 1 FROM applications a WHERE a.agreement_id = agreements.id "  # noqa: S608 - names of ours
    f"AND a.filed AND a.{_STAFF})"
)
_MEMBER = f"{SYSTEM} OR 'accounts/' || account_id = {VIEWER}"
_FILED_HERE = (
    "EXISTS (SELECT 1 FROM applications a WHERE a.id = subject_id "  # noqa: S608 - names of ours
    f"AND a.filed AND a.{_STAFF})"
)
_GUARDS = (
    guarded("courts", ANYBODY),
    # A party lets the other one in, whose membership it does not see.
    guarded("agreement_members", _MEMBER, ANYBODY),
    guarded("application_members", _MEMBER, ANYBODY),
    guarded("referral_members", _MEMBER, ANYBODY),
    guarded("spent_proofs", SYSTEM, ANYBODY),
    guarded("docket_numbers", f"{_SYSTEM} OR {_STAFF}"),
    pressure_reports.schema(_FILED_HERE),
)
_POLICIES = {
    "application_windows": [_SYSTEM, _member("agreement", "application_windows")],
    "agreements": [_SYSTEM, _STAFF, _member("agreement", "agreements"), _BEFORE_COURT],
    "applications": [_SYSTEM, f"(filed AND {_STAFF})", _member("application", "applications")],
    "rulings": [
        _SYSTEM,
        _STAFF,
        f"(state = 'ISSUED' AND {_member('application', 'rulings', 'application_id')})",
    ],
    "referrals": [_SYSTEM, _STAFF, _member("referral", "referrals")],
    "dossiers": [_SYSTEM],
    "docket": [_SYSTEM],
    "receipt_numbers": [_SYSTEM],
}


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    for statement in filter(str.strip, _TABLES.split(";")):
        op.execute(statement)
    for table, conditions in _POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_visible ON {table} USING ({' OR '.join(conditions)})")
    for guards in _GUARDS:
        for statement in guards:
            op.execute(statement)
    # A clerk's referral leaves its dossiers here, which only the services they are for read again.
    op.execute("CREATE POLICY dossiers_left ON dossiers FOR INSERT WITH CHECK (kind IN ('REFERRAL', 'CONTACTS'))")
