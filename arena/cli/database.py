"""What commands that read the database share: its address, opening it, and ending with an error."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeAlias

import typer

from arena.places import OWN, places_in

if TYPE_CHECKING:
    from arena.storage.database import Database

BAD_INPUT = 2
FAILURE = 1


def _default_url() -> str:
    return places_in(Path.cwd()).database_url


DEFAULT_URL: Final[Any] = _default_url
"""Looked up when a command runs without the option: it depends on the folder."""

_UNUSABLE = "the database cannot be used"

DatabaseUrl: TypeAlias = Annotated[
    str,
    typer.Option(
        "--database-url",
        envvar="ARENA_DATABASE_URL",
        help="Where the votes are.",
        show_default=OWN.database_url,
    ),
]


def stop(message: str, code: int) -> NoReturn:
    """End the command with a message on stderr."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def opened_as_it_is(url: str) -> "Iterator[Database]":
    """Open a database that has the newest schema, and renew nothing in it; or end the command."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.storage.migrate import newest_revision, stored_revision
    from arena.storage.opening import open_unmigrated

    with refusals():
        database = open_unmigrated(url)
    with _until_closed(database):
        if stored_revision(database) != newest_revision():
            stop(f"{database.place} is of an older version: run `arena migrate` first", FAILURE)
        yield database


@contextmanager
def opened(url: str, *, create: bool = False) -> "Iterator[Database]":
    """Open the database, migrated first; end the command with a sentence if it cannot be used.

    Code 2 when the address is at fault, 1 when the database is. Only a command that puts
    something into a database may `create` one: who reads has mistyped the address.
    """
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.storage.opening import open_ledger

    with refusals():
        database = open_ledger(url, create=create)
    with _until_closed(database):
        yield database


@contextmanager
def _until_closed(database: "Database") -> "Iterator[None]":
    from arena.storage.database import StorageError
    from arena.storage.faults import explanation

    try:
        yield
    except (StorageError, UnicodeDecodeError) as error:
        stop(f"{_UNUSABLE}: {explanation(error, database.place)}", FAILURE)
    except UnicodeEncodeError as error:
        stop(f"{error.object!a} is no UTF-8 text: write it in the terminal's UTF-8", BAD_INPUT)
    finally:
        database.close()


@contextmanager
def refusals() -> "Iterator[None]":
    """End the command with one sentence when a database is refused."""
    from arena.storage.database import UnusableLedger, WrongAddress

    try:
        yield
    except WrongAddress as error:
        stop(str(error), BAD_INPUT)
    except UnusableLedger as error:
        stop(f"{_UNUSABLE}: {error}", FAILURE)


def known_campaign(database: "Database", name: str | None) -> str | None:
    """Return the name if there is such a campaign; else end the command and list them all."""
    if name is None:
        return None
    from arena.storage.campaigns import campaign_names

    with database.reading() as connection:
        return known("no campaign is called", name, campaign_names(connection))


def known(missing: str, value: str, among: Collection[str]) -> str:
    """Return the value if it exists; else end the command and list those that do."""
    if value not in among:
        names = ", ".join(sorted(among)) or "none yet"
        stop(f"{missing} {value}; known: {names}", BAD_INPUT)
    return value
