"""Alembic's entry: runs on the connection that `arena.storage.migrate` hands over."""

from alembic import context

from arena.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
)
context.run_migrations()
