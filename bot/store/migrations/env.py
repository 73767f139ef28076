"""Runs the migrations on the connection `Store.upgrade` hands over, in its transaction."""

from alembic import context

from bot.store.tables import Db

context.configure(connection=context.config.attributes["connection"], target_metadata=Db.metadata)
context.run_migrations()
