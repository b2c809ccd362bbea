"""Alembic's entrance: the connection comes from the store, never from a file."""

from alembic import context

from devsys.adapters.store.tables.all import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
