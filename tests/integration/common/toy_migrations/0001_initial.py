"""The toy service's one table beside the runtime's own."""

from alembic import context, op

from services.common.storage import runtime_schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in runtime_schema.version_1(context.config.attributes["runtime_role"]):
        op.execute(statement)
    op.execute("CREATE TABLE counters (id uuid PRIMARY KEY, version bigint NOT NULL, head bytea NOT NULL)")
    op.execute("CREATE TABLE notes (event_id uuid NOT NULL, matter text NOT NULL)")
