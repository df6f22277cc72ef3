"""Runs migrations of the core or of one plugin. Which, and on what connection, `core/plugins/migrate.py` says."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], **attributes["options"])
# The connection is in a transaction of the caller's: all migrations of a run are applied, or none.
context.run_migrations()
