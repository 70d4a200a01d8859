"""`arena leaderboard` on the database of a test."""

import typer
from typer.testing import CliRunner

from arena.cli.leaderboard import leaderboard
from arena.storage.database import Database

app = typer.Typer()
app.command()(leaderboard)


def run(database: Database, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*arguments, "--database-url", database.url])
    return result.exit_code, result.stdout, result.stderr
