"""Looks at a database of a PostgreSQL server before it is used: whether it can hold an arena."""

from sqlalchemy import Connection, text

from arena.storage.database import Database, UnusableLedger, WrongAddress

_OLDEST = 140000
_FACTS = text("""
SELECT
  CAST(current_setting('server_version_num') AS integer) AS version,
  current_setting('server_version') AS named,
  current_setting('server_encoding') AS encoding,
  'B' < 'a' AND '-' < 'A' AND 'z' < 'é' AS by_code,
  (SELECT count(*) FROM pg_class
   WHERE relkind IN ('r', 'p') AND relnamespace = CAST(current_schema() AS regnamespace)) AS tables,
  to_regclass('alembic_version') IS NOT NULL AS known
""")

_MADE = "make one with `createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME`"


def require_usable(database: Database, *, create: bool) -> None:
    """Refuse a database that is no arena's, or that would sort or store texts otherwise.

    Raises:
        WrongAddress: The address must change.
        UnusableLedger: The database cannot be used.
        StorageError: The server cannot be reached.
    """
    with database.reading() as connection:
        _require(connection, database.place, create=create)


def _require(connection: Connection, place: str, *, create: bool) -> None:
    found = connection.execute(_FACTS).one()
    if found.version < _OLDEST:
        raise UnusableLedger(f"{place} is of PostgreSQL {found.named}: the arena needs 14 or newer")
    if found.encoding != "UTF8" or not found.by_code:
        raise UnusableLedger(
            f"{place} does not keep texts in UTF8 in the order of their characters: {_MADE}"
        )
    if found.tables and not found.known:
        raise WrongAddress(
            f"{place} is a database of another program: give the arena a database of its own"
        )
    if not found.known and not create:
        raise WrongAddress(f"no arena database at {place}")
