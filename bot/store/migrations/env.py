"""Alembic's way in: the connection is handed over by `Store.upgrade`, which also owns the transaction."""

from alembic import context

from bot.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
