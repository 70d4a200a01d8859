"""`arena backup`: all votes in one file, while voting goes on."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, refusals, stop
from arena.cli.wording import pluralized


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Copy the database into one file, whole or not at all; the arena may go on meanwhile."""
    # Imported here: SQLAlchemy would slow the start of every command.
    import sqlite3

    from arena.domain.byte_sizes import size_text
    from arena.storage.backups import write_backup
    from arena.storage.faults import explanation
    from arena.storage.opening import open_unmigrated

    if file.exists() or file.is_symlink():
        stop(f"{file} exists already: choose another name", BAD_INPUT)
    if not file.parent.is_dir():
        stop(f"{file}: there is no such directory", BAD_INPUT)
    with refusals():
        database = open_unmigrated(database_url)
    try:
        with refusals():
            written = write_backup(database, file)
    except (OSError, sqlite3.Error) as error:
        stop(f"the backup was not made: {explanation(error, file)}", FAILURE)
    finally:
        database.close()
    typer.echo(
        f"{file}: {pluralized(written.votes, 'vote')}, {size_text(written.octets)}. "
        f"Keep the keys of {database.path.parent} as well: export-key and chain-key."
    )
