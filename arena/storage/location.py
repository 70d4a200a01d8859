"""Where a ledger is: the file or the server that an operator's address names."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_SPELLING = (
    "sqlite:///db/arena.sqlite3 (four slashes before a path from the root) or "
    "postgresql://USER:PASSWORD@HOST/DATABASE"
)
_FILE = {"sqlite", "sqlite+pysqlite"}
_SERVER = {"postgresql", "postgresql+psycopg"}
_DRIVER = "postgresql+psycopg"
_KEYS = "keys"
_KEYS_FOLDER = "db"


class UnusableLedger(Exception):
    """One sentence: why a database cannot be used, and what to change."""


class WrongAddress(UnusableLedger):
    """It is the address that must change."""


def ledger_url(url: str) -> URL:
    """Parse the address of an SQLite file or of a database on a PostgreSQL server.

    Raises:
        WrongAddress: It is neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongAddress(f"{url!r} is no address of a database: write {_SPELLING}") from None
    if parsed.drivername in _SERVER:
        return _server(parsed)
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in _FILE:
        raise WrongAddress(f"{shown}: votes are kept in SQLite or PostgreSQL: write {_SPELLING}")
    if parsed.host or parsed.username or parsed.query or not _names_a_file(parsed.database):
        raise WrongAddress(f"{shown} names no file: write {_SPELLING}")
    return parsed


def is_file(url: str) -> bool:
    """Return whether an address names a file, and no database on a server.

    Raises `WrongAddress`.
    """
    return ledger_url(url).drivername in _FILE


def ledger_path(url: str) -> Path:
    """Return the file of an address, absolute, with the symbolic links that the operator wrote.

    Raises `WrongAddress`, also for a database on a server.
    """
    parsed = ledger_url(url)
    if parsed.drivername not in _FILE:
        raise WrongAddress(f"{place_of(url)} is on a server and has no file")
    return Path(os.path.abspath(str(parsed.database)))  # noqa: PTH100 - keeps links


def place_of(url: str) -> str:
    """Return the words by which messages name a database: without its password.

    Raises `WrongAddress`.
    """
    parsed = ledger_url(url)
    if parsed.drivername in _FILE:
        return str(ledger_path(url))
    return URL.create(
        "postgresql",
        username=parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
    ).render_as_string()


def keys_folder(url: str) -> Path:
    """Return the folder of an arena's secret keys: beside its file, or as `?keys=FOLDER` says.

    Of a server it is `db` by default. Raises `WrongAddress`.
    """
    parsed = ledger_url(url)
    if parsed.drivername in _FILE:
        return ledger_path(url).parent
    return Path(str(parsed.query.get(_KEYS, _KEYS_FOLDER))).absolute()


def driver_url(url: str) -> URL:
    """Return the address as SQLAlchemy and the driver understand it. Raises `WrongAddress`."""
    return ledger_url(url).difference_update_query([_KEYS])


def _server(parsed: URL) -> URL:
    folder = parsed.query.get(_KEYS, _KEYS_FOLDER)
    if not parsed.database or not isinstance(folder, str) or not folder:
        shown = parsed.render_as_string(hide_password=True)
        raise WrongAddress(f"{shown} names no database of a server: write {_SPELLING}")
    return parsed.set(drivername=_DRIVER)


def _names_a_file(database: str | None) -> bool:
    if not database or database == ":memory:" or database.startswith("file:"):
        return False
    return "\0" not in database and not database.endswith("/")
