"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, known_model, with_filter_options
from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened

if TYPE_CHECKING:
    from rich.status import Status

    from arena.domain.board import BoardFilter
    from arena.services.board.details import DetailedBoard
    from arena.storage.database import Database


@with_filter_options
def leaderboard(
    baseline: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only the pairs of this model.")
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Print the rates of all pairs too.")
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only the N models with the best rates."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Print the win:loss rate without ties, W/(W+L), of every model.

    --pairs and --top choose what is printed as tables; the document of --json is always whole.
    """
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        board_filter = filter_of_options(database, options)
        with _said("Computing intervals…"):
            detailed = _detailed(database, board_filter)
    if as_json:
        from arena.services.board.rows import board_document

        document = board_document(detailed, baseline=key)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        from arena.cli.board_text import Chosen, board_lines

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        lines = board_lines(detailed, Chosen(key, pairs=pairs, top=top), width=width)
        typer.echo("\n".join(lines), color=False if os.environ.get("NO_COLOR") else None)


def _said(what: str) -> "Status":
    """Say on a terminal's stderr what is being done until the block ends."""
    from rich.console import Console

    return Console(stderr=True).status(what)


def _detailed(database: "Database", board_filter: "BoardFilter") -> "DetailedBoard":
    # Imported here: numpy and scipy would double the start of every other command.
    from arena.services.board.details import detailed_board

    return detailed_board(database, board_filter)
