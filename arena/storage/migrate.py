"""Bring a database to the newest schema, and print that schema."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from arena.storage.database import Database
from arena.storage.objects import differing_objects, replace_objects
from arena.storage.styles import fill_styles

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).with_name("migrations")


class NewerSchema(Exception):
    """The database has a schema that this version of the arena does not know."""


class BrokenReferences(Exception):
    """Rows refer to rows that are not there: found before a new schema is committed."""


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`; an empty database gets every table. Nothing happens when current.

    Views and triggers that differ from their files are made anew, also without a migration.

    One transaction: after an error the database is as it was. Alembic is imported here: it would
    add a quarter to the start of every command.

    Raises:
        NewerSchema: A newer version of the arena has used the database.
        BrokenReferences: Rows refer to rows that are not there.
        StorageError: Anything else that the database refuses.
    """
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with database.rebuilding() as connection:
        before = _revision(connection)
        if before not in {None, _newest(config)}:
            logger.info("upgrading %s: some minutes for millions of votes", database.path)
        _upgrade(config, connection, revision)
        if revision == "head" and _revision(connection) != before:
            _make_objects(connection)
        elif revision == "head":
            _renew_objects(connection, database.path)


def schema_sql(database: Database) -> str:
    """Return every statement that makes the migrated SQLite schema, in order of creation."""
    query = text(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' "
        "ORDER BY rowid"
    )
    with database.reading() as connection:
        statements = connection.execute(query).scalars().all()
    return "".join(f"{statement};\n\n" for statement in statements)


def _newest(config: "Config") -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config).get_current_head()


def _upgrade(config: "Config", connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise NewerSchema(
            f"was used by a newer version of the arena: update this one ({error})"
        ) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


def _renew_objects(connection: Connection, path: Path) -> None:
    """Make views and triggers anew if one differs from its file, and what is derived by it."""
    differing = differing_objects(connection)
    if not differing:
        return
    logger.info(
        "renewing the views and triggers of %s, since some differ: %s",
        path,
        ", ".join(differing),
    )
    if "recounted_outcomes" in differing:
        connection.execute(text("DELETE FROM outcomes"))
    _make_objects(connection)


def _make_objects(connection: Connection) -> None:
    replace_objects(connection)
    _fill_outcomes(connection)
    fill_styles(connection)
    _require_references(connection)


def _fill_outcomes(connection: Connection) -> None:
    """Derive the outcomes of all votes where their table is empty."""
    if connection.execute(text("SELECT EXISTS (SELECT 1 FROM outcomes)")).scalar():
        return
    connection.execute(text("INSERT INTO outcomes SELECT * FROM recounted_outcomes"))
    connection.execute(text("UPDATE board_version SET number = number + 1"))


def _require_references(connection: Connection) -> None:
    """Check what `Database.rebuilding` leaves unchecked. Some seconds for a million votes."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise BrokenReferences(
            f"was changed by another program: row {broken[1]} of {broken[0]} refers to a row of "
            f"{broken[2]} that is not there; put a backup in its place, or mend that row"
        )
