"""The tables of identity."""

from alembic import context, op

from services.common.storage import runtime_schema
from services.common.storage.row_security import SYSTEM, guarded

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    head bytea NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('PLATFORM', 'INTAKE', 'MEDIATION', 'COURT')),
    region_code text NOT NULL,
    identity_number text NOT NULL,
    sample boolean NOT NULL,
    telephone text NOT NULL DEFAULT '',
    short_name text NOT NULL
);
CREATE UNIQUE INDEX organisations_platform ON organisations (kind) WHERE kind = 'PLATFORM';
CREATE INDEX organisations_by_name ON organisations (display_name, id);
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    head bytea NOT NULL,
    display_name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    email_settle_time timestamptz,
    phone_settle_time timestamptz,
    locale text NOT NULL,
    identity_hash bytea,
    generation bigint NOT NULL
);
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE email <> '';
CREATE UNIQUE INDEX accounts_phone ON accounts (phone) WHERE phone <> '';
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, id);
CREATE INDEX sessions_by_time ON sessions (expire_time);
CREATE TABLE devices (
    key bytea NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts,
    expire_time timestamptz NOT NULL,
    PRIMARY KEY (key, account_id)
);
CREATE INDEX devices_by_account ON devices (account_id, expire_time);
CREATE INDEX devices_by_time ON devices (expire_time);
CREATE TABLE memberships (
    account_id uuid NOT NULL REFERENCES accounts,
    organisation_id uuid NOT NULL REFERENCES organisations,
    role text NOT NULL,
    PRIMARY KEY (account_id, organisation_id, role)
);
CREATE INDEX memberships_by_organisation ON memberships (organisation_id, role);
CREATE TABLE first_administrator_codes (
    code_hash bytea PRIMARY KEY,
    expire_time timestamptz NOT NULL,
    use_time timestamptz
);
CREATE TABLE codes (
    id uuid PRIMARY KEY,
    key bytea NOT NULL,
    purpose text NOT NULL,
    contact_kind text NOT NULL,
    contact text NOT NULL,
    account_id uuid,
    subject text NOT NULL,
    digest bytea NOT NULL,
    invitation_id uuid,
    lane text NOT NULL,
    length text NOT NULL CHECK (length IN ('SHORT', 'LONG')),
    state text NOT NULL CHECK (state IN ('OPEN', 'USED', 'VOID')),
    expire_time timestamptz NOT NULL,
    send_time timestamptz NOT NULL,
    sends integer NOT NULL,
    sent boolean NOT NULL
);
CREATE INDEX codes_open ON codes (key, send_time) WHERE state = 'OPEN';
CREATE INDEX codes_by_time ON codes (expire_time);
CREATE TABLE challenges (
    id uuid PRIMARY KEY,
    code_id uuid NOT NULL REFERENCES codes ON DELETE CASCADE,
    tries integer NOT NULL
);
CREATE INDEX challenges_by_code ON challenges (code_id);
CREATE TABLE buckets (
    key bytea PRIMARY KEY,
    full_time timestamptz NOT NULL
);
CREATE INDEX buckets_by_time ON buckets (full_time);
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    head bytea NOT NULL,
    service text NOT NULL,
    subject text NOT NULL,
    party text NOT NULL,
    display_name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    locale text NOT NULL,
    identity_hash bytea,
    expire_time timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'ACCEPTED')),
    account_id uuid,
    mismatches integer NOT NULL,
    UNIQUE (subject, party)
);
CREATE TABLE dossiers (
    digest bytea NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (digest, kind, subject)
);
CREATE TABLE certificates (
    id uuid PRIMARY KEY,
    version bigint NOT NULL,
    head bytea NOT NULL,
    organisation_id uuid NOT NULL,
    subject text NOT NULL,
    slot text NOT NULL,
    document_number text NOT NULL,
    account_id uuid,
    key_digest bytea NOT NULL,
    fingerprint bytea NOT NULL,
    chain bytea[] NOT NULL,
    current boolean NOT NULL,
    UNIQUE (subject, slot, key_digest)
);
CREATE UNIQUE INDEX certificates_current ON certificates (subject, slot) WHERE current;
CREATE INDEX certificates_of_number ON certificates (document_number);
"""

# An invitation and a certificate tell of a case. Services see them; a person sees the invitation that it names,
# because its name, like a key, is known only to whoever was told.
_POLICIES = """
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY invitations_seen ON invitations USING (
    current_setting('comity.viewer', true) = 'system'
    OR id::text = current_setting('comity.invitation', true)
);
ALTER TABLE certificates ENABLE ROW LEVEL SECURITY;
ALTER TABLE certificates FORCE ROW LEVEL SECURITY;
CREATE POLICY certificates_seen ON certificates USING (current_setting('comity.viewer', true) = 'system');
"""


# Identity decides who somebody is before anybody is somebody: whose a contact is, whether a code is right, who holds a
# role. Its own transactions say that they are identity's; nobody else sees a row, whatever viewer they name.
_DECIDED = f"{SYSTEM} OR current_setting('comity.holder', true) = 'identity'"
_HELD = (
    "accounts",
    "memberships",
    "organisations",
    "sessions",
    "devices",
    "codes",
    "challenges",
    "buckets",
    "first_administrator_codes",
    "dossiers",
)


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    for statement in (_TABLES + _POLICIES).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in _HELD:
        for statement in guarded(table, _DECIDED):
            op.execute(statement)
