"""The first schema: aggregates, members, bookings, proofs, and the policies that keep compartments apart.

Who looks is told by ``comity.viewer`` (``accounts/<id>`` or ``system``), ``comity.administered`` (organisations in which the
viewer is case administrator, supervisor or keeper of the seal) and ``comity.organised`` (case administrator); unset means
no rows.
"""

from alembic import context, op

from services.common.storage import runtime_schema

revision = "0001"
down_revision = None

_AGGREGATE = """
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version bigint NOT NULL,
    head bytea NOT NULL,
    data jsonb NOT NULL
"""

_TABLES = f"""
CREATE TABLE mediators ({_AGGREGATE}, account uuid NOT NULL, UNIQUE (organisation_id, account));
CREATE TABLE cases ({_AGGREGATE}, state text NOT NULL, origin text NOT NULL UNIQUE,
    particulars_digest bytea NOT NULL);
CREATE INDEX cases_of_organisation ON cases (organisation_id, id);
CREATE TABLE case_members (
    case_id uuid NOT NULL,
    account uuid NOT NULL,
    party uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('PARTY', 'REPRESENTATIVE', 'DISCLOSING', 'MEDIATOR', 'RECUSED')),
    PRIMARY KEY (case_id, account, party)
);
CREATE INDEX case_members_of_account ON case_members (account, case_id);
CREATE TABLE party_particulars (
    case_id uuid NOT NULL REFERENCES cases,
    party uuid NOT NULL,
    organisation_id uuid NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (case_id, party)
);
CREATE TABLE sessions ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, state text NOT NULL, caucus_party uuid,
    mediator_account uuid NOT NULL);
CREATE INDEX sessions_of_case ON sessions (case_id, id);
CREATE TABLE bookings (
    resource text NOT NULL,
    during tstzrange NOT NULL,
    session_id uuid NOT NULL,
    EXCLUDE USING gist (resource WITH =, during WITH &&)
);
CREATE INDEX bookings_of_session ON bookings (session_id);
CREATE TABLE session_records ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, session_id uuid NOT NULL UNIQUE,
    state text NOT NULL, caucus_party uuid, mediator_account uuid NOT NULL);
CREATE INDEX session_records_of_case ON session_records (case_id, id);
CREATE TABLE items ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, compartment text NOT NULL, party uuid,
    mediator_account uuid, released boolean NOT NULL, shelf text NOT NULL);
CREATE INDEX items_on_shelf ON items (case_id, shelf, id);
CREATE TABLE offers ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, number integer NOT NULL, state text NOT NULL,
    UNIQUE (case_id, number));
CREATE TABLE offer_responses ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, offer_id uuid NOT NULL REFERENCES offers,
    party uuid NOT NULL, revealed boolean NOT NULL DEFAULT false, UNIQUE (offer_id, party));
CREATE TABLE agreements ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, state text NOT NULL);
CREATE INDEX agreements_of_case ON agreements (case_id, id);
CREATE TABLE signing_rounds ({_AGGREGATE}, case_id uuid NOT NULL REFERENCES cases, agreement_id uuid NOT NULL,
    state text NOT NULL);
CREATE INDEX signing_rounds_of_agreement ON signing_rounds (agreement_id);
CREATE TABLE spent_proofs (jti text PRIMARY KEY,
    round_id uuid NOT NULL, slot text NOT NULL, spend_time timestamptz NOT NULL);
CREATE INDEX spent_proofs_by_time ON spent_proofs (spend_time);
CREATE TABLE signing_acts (round_id uuid NOT NULL,
    slot text NOT NULL, proof text NOT NULL, PRIMARY KEY (round_id, slot));
CREATE TABLE round_leases (round_id uuid PRIMARY KEY, token uuid NOT NULL, until timestamptz NOT NULL);
CREATE TABLE dossiers (digest bytea PRIMARY KEY, kind text NOT NULL, subject uuid NOT NULL, bytes bytea NOT NULL);
CREATE TABLE documents (digest bytea PRIMARY KEY,
    kind text NOT NULL, subject uuid NOT NULL, create_time timestamptz NOT NULL);
CREATE TABLE early_bindings (origin text NOT NULL,
    party uuid NOT NULL, account uuid NOT NULL, PRIMARY KEY (origin, party));
CREATE TABLE running_numbers (organisation_id uuid NOT NULL, kind text NOT NULL, year integer NOT NULL,
    last bigint NOT NULL, PRIMARY KEY (organisation_id, kind, year));
"""

_SYSTEM = "current_setting('comity.viewer', true) = 'system'"


def _within(setting: str) -> str:
    return f"organisation_id = ANY (string_to_array(nullif(current_setting('{setting}', true), ''), ',')::uuid[])"


_ADMINISTERED = _within("comity.administered")


def _member(case: str, condition: str = "m.role IN ('PARTY', 'REPRESENTATIVE', 'MEDIATOR')") -> str:
    """The viewer is a member of the case in a role; only the viewer's own rows of case_members are visible to it."""
    return f"EXISTS (SELECT 1 FROM case_members m WHERE m.case_id = {case} AND {condition})"  # noqa: S608 - our own words


def _administered(case: str) -> str:
    """Staff of the organisation, unless recused in this very case."""
    recused = _member(case, "m.role = 'RECUSED'")
    return f"({_ADMINISTERED} AND NOT {recused})"


def _organised(case: str) -> str:
    """The case administrators of the organisation, unless recused in this very case."""
    recused = _member(case, "m.role = 'RECUSED'")
    return f"({_within('comity.organised')} AND NOT {recused})"


_OWN_PARTY = "m.role IN ('PARTY', 'REPRESENTATIVE') AND m.party = {table}.{column}"
_OWN_NOTES = "m.role = 'MEDIATOR' AND m.account = {table}.mediator_account"


def _private(table: str, column: str) -> str:
    """One party and the mediator of the time."""
    party = _OWN_PARTY.format(table=table, column=column)
    return _member(f"{table}.case_id", f"(({party}) OR ({_OWN_NOTES.format(table=table)}))")


_ITEM = " OR ".join(
    [
        "((compartment IN ('SHARED', 'COURT_VISIBLE') OR released)"
        f" AND ({_member('items.case_id')} OR {_administered('items.case_id')}))",
        f"(compartment = 'CAUCUS' AND {_private('items', 'party')})",
        # What was said before there was a mediator is for whoever mediates.
        "(compartment = 'MEDIATOR_ONLY' AND "
        + _member("items.case_id", "m.role = 'MEDIATOR' AND coalesce(items.mediator_account, m.account) = m.account")
        + ")",
        f"(compartment = 'PARTY_PRIVATE' AND {_member('items.case_id', _OWN_PARTY.format(table='items', column='party'))})",
    ]
)

_NOT_RECUSED = "m.role <> 'RECUSED'"
_POLICIES = {
    "cases": f"{_member('cases.id', _NOT_RECUSED)} OR {_administered('cases.id')}",
    # The roster is public, the numbers in it are not: it is read out by the system viewer, without them.
    "mediators": f"{_ADMINISTERED} OR 'accounts/' || account::text = current_setting('comity.viewer', true)",
    "party_particulars": (
        _member(
            "party_particulars.case_id",
            "(m.role = 'MEDIATOR' OR (m.role IN ('PARTY', 'REPRESENTATIVE') AND m.party = party_particulars.party))",
        )
        + f" OR {_administered('party_particulars.case_id')}"
    ),
    "sessions": (
        # Who arranges rooms and times knows of a private one; who seals or supervises need not.
        f"(caucus_party IS NULL AND ({_member('sessions.case_id')} OR {_administered('sessions.case_id')}))"
        f" OR {_private('sessions', 'caucus_party')} OR {_organised('sessions.case_id')}"
    ),
    "session_records": (
        f"(caucus_party IS NULL AND ({_member('session_records.case_id')} OR {_administered('session_records.case_id')}))"
        f" OR {_private('session_records', 'caucus_party')}"
    ),
    "items": _ITEM,
    "offers": _member("offers.case_id"),
    "offer_responses": _member(
        "offer_responses.case_id",
        "(m.role = 'MEDIATOR' OR (m.role IN ('PARTY', 'REPRESENTATIVE')"
        " AND (offer_responses.revealed OR m.party = offer_responses.party)))",
    ),
    "agreements": f"{_member('agreements.case_id')} OR {_administered('agreements.case_id')}",
    "signing_rounds": f"{_member('signing_rounds.case_id')} OR {_administered('signing_rounds.case_id')}",
}

_SYSTEM_ONLY = (
    "bookings",
    "spent_proofs",
    "signing_acts",
    "round_leases",
    "dossiers",
    "documents",
    "early_bindings",
    "running_numbers",
)


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    for statement in filter(None, (each.strip() for each in _TABLES.split(";"))):
        op.execute(statement)
    for table, rule in _POLICIES.items():
        _protect(table, f"{_SYSTEM} OR {rule}")
    for table in _SYSTEM_ONLY:
        _protect(table, _SYSTEM)
    # A viewer sees only its own memberships; they are written by the system viewer alone.
    op.execute("ALTER TABLE case_members ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_members FORCE ROW LEVEL SECURITY")
    own = "'accounts/' || account::text = current_setting('comity.viewer', true)"
    op.execute(f"CREATE POLICY see ON case_members FOR SELECT USING ({_SYSTEM} OR {own})")
    op.execute(f"CREATE POLICY write ON case_members FOR ALL USING ({_SYSTEM}) WITH CHECK ({_SYSTEM})")


def _protect(table: str, rule: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY members ON {table} USING ({rule}) WITH CHECK ({rule})")
