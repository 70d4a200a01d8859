"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import shutil
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli.board_filter import filter_of_options, known_model
from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened

if TYPE_CHECKING:
    from arena.domain.board import BoardFilter
    from arena.services.board.details import DetailedBoard
    from arena.storage.database import Database

_DAY = "%Y-%m-%d"
_FIRST, _LAST = "First day of the votes that count", "Last day of the votes that count"


def leaderboard(
    baseline: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only the pairs of this model.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Only votes of this category.")] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only votes on prompts in this language.")
    ] = None,
    campaign: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only votes of this campaign.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only votes of this group of annotators.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(metavar="DAY", formats=[_DAY], help=f"{_FIRST} (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(metavar="DAY", formats=[_DAY], help=f"{_LAST} (UTC).")
    ] = None,
    among: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Only votes between such models; give it for each."),
    ] = None,
    with_flagged: Annotated[
        bool, typer.Option("--with-flagged", help="Count what boards leave out as well.")
    ] = False,
    without_one_address: Annotated[
        bool,
        typer.Option(
            "--without-one-address",
            help="Leave out votes that came from one address at an implausible rate.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Print the win:loss rate without ties, W/(W+L), of every model against every opponent."""
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        board_filter = filter_of_options(
            database,
            category=category,
            language=language,
            group=group,
            campaign=campaign,
            since=since,
            until=until,
            among=among or (),
            with_flagged=with_flagged,
            without_one_address=without_one_address,
        )
        detailed = _detailed(database, board_filter)
    if as_json:
        from arena.services.board.rows import board_document

        document = board_document(detailed, baseline=key)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        from arena.cli.board_text import board_lines

        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        typer.echo("\n".join(board_lines(detailed, key, width=width)))


def _detailed(database: "Database", board_filter: "BoardFilter") -> "DetailedBoard":
    # Imported here: numpy and scipy would double the start of every other command.
    from arena.services.board.details import detailed_board

    return detailed_board(database, board_filter)
