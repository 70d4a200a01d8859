"""`arena migrate`: bring a database to the newest schema."""

import typer

from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened


def migrate(database_url: DatabaseUrl = DEFAULT_URL) -> None:
    """Bring the database to the newest schema; `serve` does this by itself."""
    with opened(database_url, create=True):
        typer.echo("The database has the newest schema.")
