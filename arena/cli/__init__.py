"""The `arena` command: typer functions, one file a group; no SQL and no Gradio here."""

import typer

from arena.cli.admin import admin as admin_command
from arena.cli.annotator import annotator as annotator_command
from arena.cli.backup import backup as backup_command
from arena.cli.campaign import campaign as campaign_command
from arena.cli.check import check as check_command
from arena.cli.database_copy import database as database_command
from arena.cli.engine import engine as engine_command
from arena.cli.export import export as export_command
from arena.cli.figure import figure as figure_command
from arena.cli.import_ import import_ as import_command
from arena.cli.judge import judge as judge_command
from arena.cli.leaderboard import leaderboard as leaderboard_command
from arena.cli.migrate import migrate as migrate_command
from arena.cli.plan import plan as plan_command
from arena.cli.report import report as report_command
from arena.cli.serve import serve as serve_command
from arena.cli.verify import verify as verify_command

app = typer.Typer(
    name="arena",
    help="A self-hosted, blind, side-by-side arena for language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve_command)
app.command("check")(check_command)
app.command("engine")(engine_command)
app.command("leaderboard")(leaderboard_command)
app.command("figure")(figure_command)
app.command("judge")(judge_command)
app.command("plan")(plan_command)
app.command("report")(report_command)
app.command("export")(export_command)
app.command("migrate")(migrate_command)
app.command("backup")(backup_command)
app.command("verify")(verify_command)
app.add_typer(import_command, name="import")
app.add_typer(campaign_command, name="campaign")
app.add_typer(annotator_command, name="annotator")
app.add_typer(admin_command, name="admin")
app.add_typer(database_command, name="database")


def main() -> None:
    """Entry point of the console script."""
    app()
