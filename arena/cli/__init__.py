"""The `arena` command: typer functions, one file a group; no SQL and no Gradio here."""

import typer

from arena.cli.admin import admin
from arena.cli.check import check
from arena.cli.engine import engine
from arena.cli.export import export
from arena.cli.leaderboard import leaderboard
from arena.cli.migrating import migrate
from arena.cli.serve import serve

app = typer.Typer(
    name="arena",
    help="A self-hosted, blind, side-by-side arena for language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve)
app.command("check")(check)
app.command("engine")(engine)
app.command("leaderboard")(leaderboard)
app.command("export")(export)
app.command("migrate")(migrate)
app.add_typer(admin, name="admin")


def main() -> None:
    """Entry point of the console script."""
    app()
