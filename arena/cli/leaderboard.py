"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import typer

from arena.cli.board_filter import filter_of_options, known_model, with_filter_options
from arena.cli.board_snapshots import Wanted, require_sense, show
from arena.cli.board_snapshots import freeze as freeze_board
from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened
from arena.cli.leaderboard_options import (
    AsJson,
    Baseline,
    CompareWith,
    Freeze,
    Pairs,
    Robustness,
    Snapshot,
    Snapshots,
    Style,
    Top,
)
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
    baseline: Baseline = None,
    pairs: Pairs = False,
    top: Top = None,
    robustness: Robustness = False,
    style: Style = None,
    freeze: Freeze = False,
    snapshots: Snapshots = False,
    snapshot: Snapshot = None,
    compare_with: CompareWith = None,
    as_json: AsJson = False,
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
    elif robustness:
        _print_robustness(database_url, wanted, baseline, style, options)
    else:
        _print_board(database_url, wanted, baseline, options)


def _print_board(
    database_url: str, wanted: Wanted, baseline: str | None, options: dict[str, Any]
) -> None:
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        board_filter = filter_of_options(database, options)
        with _said("Computing intervals…"):
            detailed = _detailed(database, board_filter)
    if wanted.as_json:
        _print_document(detailed, None, key)
    else:
        _print_lines(_board_lines(detailed, key, wanted))


def _print_robustness(
    database_url: str,
    wanted: Wanted,
    baseline: str | None,
    style: list[StyleFeature] | None,
    options: dict[str, Any],
) -> None:
    """Print the board under other choices; as a document, beside the board itself."""
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        board_filter = filter_of_options(database, options)
        with _said("Computing intervals…"):
            others = _robustness(database, board_filter, style)
            detailed = _detailed(database, board_filter) if wanted.as_json else None
    if detailed is not None:
        _print_document(detailed, others, key)
    else:
        _print_lines(_robustness_lines(others, wanted.width))


def _print_lines(lines: "Iterator[str]") -> None:
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
    detailed: "DetailedBoard", baseline: "ModelKey | None", wanted: Wanted
) -> "Iterator[str]":
    from arena.cli.board_text import Chosen, board_lines

    chosen = Chosen(baseline, pairs=wanted.pairs, top=wanted.top)
    return board_lines(detailed, chosen, width=wanted.width)


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
