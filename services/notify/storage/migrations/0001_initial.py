"""Contact cards, notices with their evidence, manual tasks, call-backs.

Contact cards and notices are seen by the system and by the account concerned; tasks and call-backs also by staff of the
organisation that owes them.
"""

from alembic import context, op

from services.common.storage import runtime_schema
from services.common.storage.row_security import guarded

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE subjects (
    name text PRIMARY KEY,
    number text NOT NULL DEFAULT '',
    organisation_id uuid NOT NULL,
    origin text NOT NULL DEFAULT '',
    mediator_account text NOT NULL DEFAULT '',
    sample boolean NOT NULL DEFAULT false
);
CREATE TABLE cards (
    subject text NOT NULL,
    recipient text NOT NULL,
    account text NOT NULL DEFAULT '',
    display_name text NOT NULL DEFAULT '',
    locale text NOT NULL,
    email text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    in_audience boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, recipient)
);
CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    display_name text NOT NULL,
    telephone text NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE invitations (
    name text PRIMARY KEY,
    expire_time timestamptz NOT NULL
);
CREATE INDEX invitations_by_time ON invitations (expire_time);
CREATE TABLE confirmations (
    key bytea NOT NULL,
    day date NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (key, day)
);
CREATE INDEX confirmations_by_time ON confirmations (create_time);
CREATE TABLE staff (
    organisation_id uuid NOT NULL,
    role text NOT NULL,
    account text NOT NULL,
    PRIMARY KEY (organisation_id, role, account)
);
CREATE TABLE preferences (
    account text PRIMARY KEY,
    locale text NOT NULL,
    channels text[] NOT NULL,
    quiet_start text NOT NULL,
    quiet_end text NOT NULL
);
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    subject text NOT NULL,
    recipient text NOT NULL,
    account text NOT NULL,
    template text NOT NULL,
    locale text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    short text NOT NULL,
    urgent boolean NOT NULL,
    channels text[] NOT NULL,
    channel_index integer NOT NULL,
    state text NOT NULL CHECK (state IN ('QUEUED', 'SENT', 'DELIVERED', 'FAILED', 'SUPPRESSED')),
    create_time timestamptz NOT NULL,
    attempts jsonb NOT NULL
);
CREATE INDEX notices_of_account ON notices (account, create_time DESC, id DESC) WHERE account <> '';
CREATE INDEX notices_of_recipient ON notices (recipient) WHERE account = '';
CREATE TABLE manual_tasks (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    notice text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL CHECK (state IN ('OPEN', 'DONE')),
    remarks text NOT NULL,
    create_time timestamptz NOT NULL
);
CREATE INDEX manual_tasks_open ON manual_tasks (organisation_id, create_time, id) WHERE state = 'OPEN';
CREATE TABLE call_backs (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    subject text NOT NULL,
    recipient text NOT NULL,
    state text NOT NULL CHECK (state IN ('DUE', 'DONE', 'UNREACHABLE', 'REOPEN_REQUESTED')),
    due_time timestamptz NOT NULL,
    provisional boolean NOT NULL
);
CREATE INDEX call_backs_of_organisation ON call_backs (organisation_id, due_time, id);
CREATE INDEX call_backs_by_state ON call_backs (organisation_id, state, due_time, id);
CREATE TABLE call_back_attempts (
    call_back_id uuid NOT NULL REFERENCES call_backs,
    ordinal integer NOT NULL,
    connected boolean NOT NULL,
    rating integer NOT NULL,
    remarks text NOT NULL,
    attempt_time timestamptz NOT NULL,
    PRIMARY KEY (call_back_id, ordinal)
)
"""

_SYSTEM = "current_setting('comity.viewer', true) = 'system'"
# A setting that was set once reads as '' afterwards, which must not meet the '' of a card without account.
_OWN = "account <> '' AND account = current_setting('comity.viewer', true)"
_STAFF = "organisation_id = ANY (string_to_array(current_setting('comity.organisations', true), ',')::uuid[])"

_VIEWERS = {
    "cards": f"{_SYSTEM} OR ({_OWN})",
    "preferences": f"{_SYSTEM} OR ({_OWN})",
    "notices": f"{_SYSTEM} OR ({_OWN})",
    "subjects": f"{_SYSTEM} OR {_STAFF}",
    "manual_tasks": f"{_SYSTEM} OR {_STAFF}",
    "call_backs": f"{_SYSTEM} OR {_STAFF}",
    "call_back_attempts": f"{_SYSTEM} OR EXISTS (SELECT FROM call_backs WHERE call_backs.id = call_back_id)",
}


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    for statement in _TABLES.split(";"):
        op.execute(statement)
    for table, viewers in _VIEWERS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_viewers ON {table} USING ({viewers})")
    for statement in [*guarded("staff"), *guarded("confirmations"), *guarded("organisations"), *guarded("invitations")]:
        op.execute(statement)
