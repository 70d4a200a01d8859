"""Bring a database to the newest schema, and print that schema."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from arena.storage.chain.writing import chain_everything
from arena.storage.database import Database
from arena.storage.first_schema import create_tables
from arena.storage.objects import differing_objects, replace_objects
from arena.storage.references import broken_references
from arena.storage.styles import fill_styles

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)

_NEWER = "was used by a newer version of the arena: update this one"
_FIRST_CHAINED = "0013"
_MIGRATIONS = Path(__file__).with_name("migrations")


class NewerSchema(Exception):
    """The database has a schema that this version of the arena does not know."""


class EmptyDatabase(Exception):
    """The database has no tables."""


class BrokenReferences(Exception):
    """Rows refer to rows that are not there: found before a new schema is committed."""


def migrate(
    database: Database,
    revision: str = "head",
    *,
    before_upgrade: Callable[[str], object] | None = None,
) -> None:
    """Upgrade to `revision`; an empty database gets every table. Nothing happens when current.

    Views and triggers that differ from their files are made anew, also without a migration.
    `before_upgrade` is called with the revision of a database with tables before they change, while
    nobody else can write; what it raises ends the upgrade.

    One transaction: after an error the database is as it was. Alembic is imported here: it would
    add a quarter to the start of every command.

    Raises:
        NewerSchema: A newer version of the arena has used the database.
        BrokenReferences: Rows refer to rows that are not there.
        StorageError: Anything else that the database refuses.
    """
    config = _config()
    with database.rebuilding() as connection:
        before = _revision(connection)
        if before is not None and before < (_newest(config) or ""):
            logger.info("upgrading %s: some minutes for millions of votes", database.place)
            if before_upgrade is not None:
                before_upgrade(before)
        if before is None and not database.file:
            _create(config, connection)
        else:
            _upgrade(config, connection, revision)
        if revision == "head" and _revision(connection) != before:
            _make_objects(connection)
            if before is not None and before < _FIRST_CHAINED:
                chain_everything(connection)
        elif revision == "head":
            _renew_objects(connection, database.place)


def stored_revision(database: Database) -> str | None:
    """Return the revision of a database's schema; None of an empty one."""
    with database.reading() as connection:
        return _revision(connection)


def require_known_schema(database: Database) -> None:
    """Check that a database has a schema, of this version of the arena or an older one.

    Raises:
        NewerSchema: A newer version of the arena has used the database.
        EmptyDatabase: It has no tables.
    """
    stored = stored_revision(database)
    if stored is None:
        raise EmptyDatabase("is empty: put a backup in its place")
    if stored > (newest_revision() or ""):
        raise NewerSchema(f"{_NEWER} (revision {stored})")


def newest_revision() -> str | None:
    """Return the revision that `migrate` leads to."""
    return _newest(_config())


def schema_sql(database: Database) -> str:
    """Return every statement that makes the migrated SQLite schema, in order of creation."""
    query = text(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' "
        "ORDER BY rowid"
    )
    with database.reading() as connection:
        statements = connection.execute(query).scalars().all()
    return "".join(f"{statement};\n\n" for statement in statements)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


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
        raise NewerSchema(f"{_NEWER} ({error})") from error


def _create(config: "Config", connection: Connection) -> None:
    from alembic import command

    create_tables(connection)
    config.attributes["connection"] = connection
    command.stamp(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    return found.scalar_one_or_none()


def _renew_objects(connection: Connection, place: str) -> None:
    """Make views and triggers anew if one differs from its file, and what is derived by it."""
    differing = differing_objects(connection)
    if not differing:
        return
    logger.info(
        "renewing the views and triggers of %s, since some differ: %s",
        place,
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
    if connection.dialect.name != "sqlite":
        return
    broken = next(broken_references(connection), None)
    if broken is not None:
        raise BrokenReferences(
            f"was changed by another program: row {broken.row} of {broken.table} refers to a row "
            f"of {broken.parent} that is not there; put a backup in its place, or mend that row"
        )
