"""Runs migrations on the connection that ``migrations.upgrade`` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
