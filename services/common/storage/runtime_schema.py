"""The DDL of the runtime's own tables, applied by the first migration of every service.

Versions are never edited once released: a change is a new function, called from a new migration of every service.
"""

from services.common.storage.row_security import ANYBODY, CALLER, LOOPS, SYSTEM, guarded

_VERSION_1 = """
CREATE TABLE event_log (
    event_id uuid PRIMARY KEY,
    aggregate_type text NOT NULL,
    aggregate_id uuid NOT NULL,
    version bigint NOT NULL,
    organisation_id uuid NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    actor text NOT NULL,
    authority text NOT NULL,
    rule_version text NOT NULL,
    occur_time timestamptz NOT NULL,
    content_digest bytea NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    UNIQUE (aggregate_id, version)
);
CREATE TABLE outbox (
    position bigserial PRIMARY KEY,
    event_id uuid NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    payload bytea NOT NULL,
    create_time timestamptz NOT NULL
);
CREATE TABLE inbox (
    source text NOT NULL,
    event_id uuid NOT NULL,
    apply_time timestamptz NOT NULL,
    hash bytea NOT NULL DEFAULT '',
    PRIMARY KEY (source, event_id)
);
CREATE INDEX inbox_by_time ON inbox (apply_time);
CREATE TABLE applied_versions (
    aggregate text NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (aggregate, state)
);
CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    event_id uuid NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    payload bytea NOT NULL,
    reason text NOT NULL,
    deliveries integer NOT NULL,
    park_time timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('PARKED', 'REPLAYED', 'RELEASED')),
    end_time timestamptz,
    remarks text NOT NULL DEFAULT '',
    UNIQUE (source, event_id)
);
CREATE INDEX dead_letters_parked ON dead_letters (park_time, id) WHERE state = 'PARKED';
CREATE INDEX dead_letters_ended ON dead_letters (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE revocations (
    subject text PRIMARY KEY,
    generation bigint NOT NULL,
    revoke_time timestamptz NOT NULL
);
CREATE INDEX revocations_by_time ON revocations (revoke_time);
CREATE TABLE replies (
    caller text NOT NULL,
    request_id uuid NOT NULL,
    method text NOT NULL,
    body_hash bytea NOT NULL,
    response bytea NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (caller, request_id)
);
CREATE INDEX replies_kept ON replies (create_time) WHERE body_hash <> '';
CREATE INDEX replies_by_time ON replies USING brin (create_time);
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('QUEUED', 'DONE', 'FAILED', 'RELEASED')),
    run_time timestamptz NOT NULL,
    attempts integer NOT NULL,
    lease_token uuid,
    lease_until timestamptz,
    last_error text NOT NULL DEFAULT '',
    create_time timestamptz NOT NULL,
    traceparent text,
    wait_time timestamptz,
    end_time timestamptz,
    remarks text NOT NULL DEFAULT ''
);
CREATE INDEX jobs_queued ON jobs (run_time) WHERE state = 'QUEUED';
CREATE INDEX jobs_failed ON jobs (id) WHERE state = 'FAILED';
CREATE INDEX jobs_waiting ON jobs (wait_time) WHERE wait_time IS NOT NULL;
CREATE INDEX jobs_ended ON jobs (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE deadlines (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    aggregate_type text NOT NULL,
    aggregate_id uuid NOT NULL,
    rule text NOT NULL,
    rule_version text NOT NULL,
    source text NOT NULL,
    anchor_time timestamptz NOT NULL,
    regime text NOT NULL,
    extensions jsonb NOT NULL,
    suspensions jsonb NOT NULL,
    pause_reason text NOT NULL DEFAULT '',
    pause_time timestamptz,
    due_date date NOT NULL,
    due_time timestamptz NOT NULL,
    provisional boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('RUNNING', 'PAUSED', 'MET', 'LAPSED', 'CANCELLED')),
    resolve_time timestamptz,
    remind_time timestamptz,
    UNIQUE (aggregate_id, rule, anchor_time)
);
CREATE INDEX deadlines_reminders ON deadlines (remind_time) WHERE state = 'RUNNING' AND remind_time IS NOT NULL;
CREATE INDEX deadlines_by_due_time ON deadlines (organisation_id, due_time, id) WHERE state IN ('RUNNING', 'LAPSED');
CREATE INDEX deadlines_counted ON deadlines (id) WHERE state = 'RUNNING' OR (state = 'LAPSED' AND provisional);
CREATE INDEX deadlines_running ON deadlines (due_time) WHERE state = 'RUNNING';
CREATE TABLE calendar_years (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    calendar text NOT NULL,
    covers_from date NOT NULL,
    covers_until date NOT NULL,
    source text NOT NULL,
    digest bytea NOT NULL,
    file_name text NOT NULL,
    content bytea NOT NULL,
    loaded_by text NOT NULL,
    load_time timestamptz NOT NULL
);
"""

_GUARDS = (
    guarded("event_log", SYSTEM, ANYBODY),
    guarded("outbox", SYSTEM, ANYBODY),
    guarded("jobs", SYSTEM, ANYBODY),
    guarded("inbox"),
    guarded("applied_versions"),
    guarded("dead_letters"),
    guarded("replies", f"{LOOPS} OR caller = {CALLER}"),
    guarded("revocations", f"{SYSTEM} OR current_setting('comity.holder', true) = 'identity'"),
    # Ids, rules and dates; whoever reads them has been shown the aggregate that they are of.
    guarded("deadlines", ANYBODY),
    guarded("calendar_years"),
)

LOCKED = ("event_log",)
"""Tables the runtime role may add to and read, never change."""


def version_1(runtime_role: str) -> list[str]:
    """The statements that make the runtime's tables for this runtime role."""
    role = '"' + runtime_role.replace('"', '""') + '"'
    protect = [f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in LOCKED]
    return [statement.strip() for statement in _VERSION_1.split(";") if statement.strip()] + [
        *(statement for guards in _GUARDS for statement in guards),
        *protect,
    ]
