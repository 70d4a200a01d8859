"""Bring a database to the newest schema, and print that schema."""

from pathlib import Path

from sqlalchemy import text

from arena.storage.database import Database

_MIGRATIONS = Path(__file__).with_name("migrations")


class NewerSchema(Exception):
    """The database has a schema that this version of the arena does not know."""


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`; an empty database gets every table. Nothing happens when current.

    Alembic is imported here: it would add a quarter to the start of every command. Raises
    `NewerSchema` and `StorageError`.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise NewerSchema(
                f"was used by a newer version of the arena: update this one ({error})"
            ) from error


def schema_sql(database: Database) -> str:
    """Every statement that makes the migrated SQLite schema, in order of creation."""
    query = text(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' "
        "ORDER BY rowid"
    )
    with database.reading() as connection:
        statements = connection.execute(query).scalars().all()
    return "".join(f"{statement};\n\n" for statement in statements)
