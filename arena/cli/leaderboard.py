"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, known_model, with_filter_options
from arena.cli.board_snapshots import Wanted, require_sense, show
from arena.cli.board_snapshots import freeze as freeze_board
from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened
from arena.domain.style import StyleFeature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.status import Status

    from arena.domain.board import BoardFilter
    from arena.domain.conversation import ModelKey
    from arena.services.board.details import DetailedBoard
    from arena.services.board.robustness.computing import BoardRobustness
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
    robustness: Annotated[
        bool,
        typer.Option(
            "--robustness",
            help="Show rates under other choices instead: with style control and the like.",
        ),
    ] = False,
    style: Annotated[
        list[StyleFeature] | None,
        typer.Option(help="With --robustness, a feature of style to control; give it for each."),
    ] = None,
    freeze: Annotated[
        bool,
        typer.Option("--freeze", help="Keep the board under a number, for good, to be cited."),
    ] = False,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="List the boards that were kept.")
    ] = False,
    snapshot: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Print a board that was kept.")
    ] = None,
    compare_with: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", help="With --snapshot: what changed between the two."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Print the win:loss rate without ties, W/(W+L), of every model.

    --pairs and --top choose what is printed as tables; the document of --json is always whole.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    wanted = Wanted(
        *(freeze, snapshots, snapshot, compare_with),
        pairs=pairs,
        top=top,
        as_json=as_json,
        width=width,
    )
    if wanted.any:
        unsaid = {"--baseline": baseline, "--robustness": robustness, "--style": style}
        _snapshots(database_url, wanted, unsaid, options)
        return
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        board_filter = filter_of_options(database, options)
        with _said("Computing intervals…"):
            others = _robustness(database, board_filter, style) if robustness else None
            detailed = _detailed(database, board_filter) if as_json or others is None else None
    if as_json and detailed is not None:
        _print_document(detailed, others, key)
        return
    lines: Iterator[str] = iter(())
    if others is not None:
        lines = _robustness_lines(others, width)
    elif detailed is not None:
        lines = _board_lines(detailed, key, pairs=pairs, top=top, width=width)
    typer.echo("\n".join(lines), color=False if os.environ.get("NO_COLOR") else None)


def _snapshots(
    database_url: str, wanted: Wanted, unsaid: dict[str, Any], options: dict[str, Any]
) -> None:
    require_sense(wanted, unsaid, options)
    with opened(database_url) as database:
        if wanted.freeze:
            freeze_board(database, filter_of_options(database, options), as_json=wanted.as_json)
        else:
            show(database, wanted)


def _said(what: str) -> "Status":
    """Say on a terminal's stderr what is being done until the block ends."""
    from rich.console import Console

    return Console(stderr=True).status(what)


def _print_document(
    detailed: "DetailedBoard", others: "BoardRobustness | None", baseline: "ModelKey | None"
) -> None:
    from arena.services.board.rows import board_document

    document = board_document(detailed, baseline=baseline)
    if others is not None:
        from arena.services.board.robustness.tables import robustness_document

        document["robustness"] = robustness_document(others)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _robustness_lines(others: "BoardRobustness", width: int | None) -> "Iterator[str]":
    from arena.cli.value_text import value_lines
    from arena.services.board.robustness.tables import robustness_tables

    return value_lines(robustness_tables(others), others.board.names, width=width)


def _board_lines(
    detailed: "DetailedBoard",
    baseline: "ModelKey | None",
    *,
    pairs: bool,
    top: int | None,
    width: int | None,
) -> "Iterator[str]":
    from arena.cli.board_text import Chosen, board_lines

    return board_lines(detailed, Chosen(baseline, pairs=pairs, top=top), width=width)


def _robustness(
    database: "Database", board_filter: "BoardFilter", style: "list[StyleFeature] | None"
) -> "BoardRobustness":
    # Imported here, as below.
    from arena.services.board.robustness.computing import DEFAULT_FEATURES, board_robustness

    return board_robustness(database, board_filter, style or DEFAULT_FEATURES)


def _detailed(database: "Database", board_filter: "BoardFilter") -> "DetailedBoard":
    # Imported here: numpy and scipy would double the start of every other command.
    from arena.services.board.details import detailed_board

    return detailed_board(database, board_filter)
