"""Matters, their parties, contacts and dossiers.

Who sees a row: the system; staff of the owning organisation; and accounts listed in ``matter_viewers``. What is private
about a party is a table of its own, which the other side cannot read.
"""

from alembic import context, op

from services.common.storage import pressure_reports, runtime_schema
from services.common.storage.row_security import ANYBODY, CALLER, LOOPS, guarded

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    kind text NOT NULL
);
CREATE TABLE number_blocks (
    organisation_id uuid NOT NULL,
    year integer NOT NULL,
    next_number bigint NOT NULL,
    PRIMARY KEY (organisation_id, year)
);
CREATE TABLE filings (
    filer text NOT NULL,
    capacity text NOT NULL CHECK (capacity IN ('PERSON', 'OFFICER', 'IMPORT')),
    lane integer NOT NULL,
    day date NOT NULL,
    filed integer NOT NULL,
    PRIMARY KEY (filer, capacity, lane)
);
CREATE TABLE imported_rows (
    organisation_id uuid NOT NULL,
    register text NOT NULL,
    key text NOT NULL,
    matter_id uuid NOT NULL,
    number text NOT NULL,
    PRIMARY KEY (organisation_id, register, key)
);
CREATE TABLE matters (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    number text NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    state text NOT NULL CHECK (state IN ('SUBMITTED', 'TRIAGED', 'ACCEPTED', 'DECLINED', 'ASSIGNED', 'IN_MEDIATION',
        'SETTLED', 'MEDIATION_FAILED', 'CALL_BACK_PENDING', 'CLOSED', 'WITHDRAWN')),
    subject_matter text NOT NULL,
    facts text NOT NULL,
    request text NOT NULL,
    currency text,
    minor_units bigint,
    receive_time timestamptz NOT NULL,
    sample boolean NOT NULL,
    source_facts jsonb NOT NULL,
    regime text NOT NULL DEFAULT '',
    severity text,
    officer_id uuid,
    decline_ground text,
    decline_remedies text NOT NULL DEFAULT '',
    no_mediation_reason text,
    case_name text NOT NULL DEFAULT '',
    outcome text,
    reopen_requested boolean NOT NULL DEFAULT false,
    withdrawal_reason text NOT NULL DEFAULT '',
    shared_version bigint NOT NULL,
    particulars_digest bytea NOT NULL,
    contacts_digest bytea NOT NULL,
    UNIQUE (organisation_id, number)
);
CREATE INDEX matters_of_organisation ON matters (organisation_id, id DESC);
CREATE INDEX matters_by_state ON matters (organisation_id, state, id DESC);
CREATE INDEX matters_of_officer ON matters (organisation_id, officer_id, id DESC) WHERE officer_id IS NOT NULL;
CREATE INDEX matters_of_case ON matters (case_name) WHERE case_name <> '';
CREATE TABLE matter_viewers (
    viewer text NOT NULL,
    matter_id uuid NOT NULL,
    PRIMARY KEY (viewer, matter_id)
);
CREATE TABLE parties (
    id uuid PRIMARY KEY,
    matter_id uuid NOT NULL REFERENCES matters,
    side text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL,
    identity_head text NOT NULL,
    account_id uuid,
    invitation text NOT NULL DEFAULT '',
    invitation_problem text NOT NULL DEFAULT '',
    mediation_consent_time timestamptz,
    online_consent_time timestamptz,
    UNIQUE (matter_id, side)
);
CREATE TABLE particulars (
    party_id uuid PRIMARY KEY REFERENCES parties,
    matter_id uuid NOT NULL,
    account_id uuid,
    identity_number text NOT NULL,
    address text NOT NULL,
    region_code text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    locale text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE likenesses (
    organisation_id uuid NOT NULL,
    complainant_key bytea NOT NULL,
    matter_id uuid NOT NULL,
    PRIMARY KEY (organisation_id, complainant_key, matter_id)
);
CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    matter_id uuid NOT NULL REFERENCES matters,
    party_id uuid NOT NULL REFERENCES parties,
    channel text NOT NULL,
    contact_time timestamptz NOT NULL,
    reached boolean NOT NULL,
    remarks text NOT NULL
);
CREATE INDEX contacts_of_matter ON contacts (matter_id, id);
CREATE TABLE dossiers (
    digest bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('MATTER', 'CONTACTS')),
    matter_id uuid NOT NULL,
    bytes bytea NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (matter_id, kind, digest)
)
"""

_VIEWER = "current_setting('comity.viewer', true)"
_SYSTEM = f"{_VIEWER} = 'system'"
_SIGNED_IN = f"NULLIF({_VIEWER}, '') IS NOT NULL"
_ACCOUNT = f"'accounts/' || account_id = {_VIEWER}"
_OF_MINE = "= ANY (string_to_array(current_setting('comity.organisations', true), ',')::uuid[])"
_STAFF = f"organisation_id {_OF_MINE}"
_LISTED = (
    "EXISTS (SELECT 1 FROM matter_viewers AS listed"
    " WHERE listed.viewer = current_setting('comity.viewer', true) AND listed.matter_id = matters.id)"
)
_VISIBLE = "EXISTS (SELECT 1 FROM matters WHERE matters.id = matter_id)"
_STAFF_OF_MATTER = f"EXISTS (SELECT 1 FROM matters AS m WHERE m.id = matter_id AND m.organisation_id {_OF_MINE})"  # noqa: S608

_READERS = {
    "matters": f"{_SYSTEM} OR {_STAFF} OR {_LISTED}",
    "matter_viewers": f"{_SYSTEM} OR viewer = {_VIEWER}",
    "parties": f"{_SYSTEM} OR {_VISIBLE}",
    "particulars": f"{_SYSTEM} OR {_ACCOUNT} OR {_STAFF_OF_MATTER}",
    "contacts": f"{_SYSTEM} OR {_STAFF_OF_MATTER}",
    "dossiers": f"{_SYSTEM} OR {_STAFF_OF_MATTER}",
}
"""Table to the condition under which a row is seen and changed. Filing (insert) is open to whoever is signed in."""


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    for statement in _TABLES.split(";"):
        op.execute(statement)
    for table, readers in _READERS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({readers})")
        op.execute(f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({readers})")
        op.execute(f"CREATE POLICY {table}_add ON {table} FOR INSERT WITH CHECK ({_SIGNED_IN})")
    # What organisations are is known to whoever is signed in; their numbers are given by the service itself.
    for statement in [
        *guarded("organisations", ANYBODY),
        *guarded("number_blocks"),
        *guarded("likenesses", f"{_SYSTEM} OR {_STAFF}", _SIGNED_IN),
        *guarded("filings", f"{LOOPS} OR filer = {CALLER}"),
        *guarded("imported_rows", f"{LOOPS} OR {_STAFF}"),
        *pressure_reports.schema(_STAFF),
    ]:
        op.execute(statement)
