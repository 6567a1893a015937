"""Alembic environment: the connection is handed in by ledger.store.migrate."""

from alembic import context

from ledger.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
