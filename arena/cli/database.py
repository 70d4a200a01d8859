"""What commands that read the database share: its address, opening it, and ending with an error."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeAlias

import typer

from arena.settings import Settings

if TYPE_CHECKING:
    from arena.storage.database import Database, StorageError

BAD_INPUT = 2
FAILURE = 1

DEFAULT_URL = Settings().database_url

DatabaseUrl: TypeAlias = Annotated[
    str,
    typer.Option("--database-url", envvar="ARENA_DATABASE_URL", help="Where the votes are."),
]


def stop(message: str, code: int) -> NoReturn:
    """End the command with a message on stderr."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def opened(url: str) -> "Iterator[Database]":
    """The database, migrated first; when it cannot be used the command ends with code 1."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.storage.database import Database, StorageError
    from arena.storage.migrate import migrate

    try:
        database = Database(url)
        try:
            migrate(database)
            yield database
        finally:
            database.close()
    except StorageError as error:
        stop(f"the database cannot be used: {error.__class__.__name__}: {_cause(error)}", FAILURE)


def known_campaign(database: "Database", name: str | None) -> str | None:
    """The name, if there is a campaign of it; else the command ends and says which there are."""
    if name is None:
        return None
    from arena.storage.campaigns import campaign_names

    with database.reading() as connection:
        return known("no campaign is called", name, campaign_names(connection))


def known(missing: str, value: str, among: Collection[str]) -> str:
    """The value, if it is among those that exist; else the command ends and says which do."""
    if value not in among:
        names = ", ".join(sorted(among)) or "none yet"
        stop(f"{missing} {value}; known: {names}", BAD_INPUT)
    return value


def _cause(error: "StorageError") -> str:
    return str(getattr(error, "orig", None) or error)
