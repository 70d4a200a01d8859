"""The file of a ledger, from the address that an operator gives."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_SPELLING = "sqlite:///db/arena.sqlite3 (four slashes before a path from the root)"


class UnusableLedger(Exception):
    """One sentence: why a database cannot be used, and what to change."""


class WrongAddress(UnusableLedger):
    """It is the address that must change."""


def ledger_url(url: str) -> URL:
    """Parse the address of an SQLite file; raises `WrongAddress` for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise WrongAddress(f"{url!r} is no address of a database: write {_SPELLING}") from None
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        raise WrongAddress(f"{shown}: the votes are kept in SQLite alone so far: write {_SPELLING}")
    if parsed.host or parsed.username or parsed.query or not _names_a_file(parsed.database):
        raise WrongAddress(f"{shown} names no file: write {_SPELLING}")
    return parsed


def ledger_path(url: str) -> Path:
    """Return the file of an address, absolute, with the symbolic links that the operator wrote.

    Raises `WrongAddress`.
    """
    return Path(os.path.abspath(str(ledger_url(url).database)))  # noqa: PTH100 - keeps links


def _names_a_file(database: str | None) -> bool:
    if not database or database == ":memory:" or database.startswith("file:"):
        return False
    return "\0" not in database and not database.endswith("/")
