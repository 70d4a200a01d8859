"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.domain.conversation import ModelKey
from arena.domain.visibility import Visibility
from arena.services.leaderboard import Board, Leaderboards, board_document
from arena.statistics.intervals import Interval
from arena.statistics.win_rate import ModelResult, PairResult, Record
from arena.storage.boards import BoardFilter

_WIDTH_OF_A_PIPE = 160
_COUNTS = ("W", "L", "T", "both bad", "tie rate")


def leaderboard(
    baseline: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only the pairs of this model.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Only votes of this category.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Not available yet.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Print the win:loss rate without ties, W/(W+L), of every model against every opponent."""
    if campaign is not None:
        stop("--campaign is not available yet: there are no campaigns", BAD_INPUT)
    with opened(database_url) as database:
        boards = Leaderboards(database, visibility=Visibility.ADMINS)
        key = _known(baseline, boards)
        board = boards.board_for_operator(BoardFilter(category=category))
    if as_json:
        document = board_document(board, baseline=key)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(board, key)


def _known(baseline: str | None, boards: Leaderboards) -> ModelKey | None:
    if baseline is None:
        return None
    known = boards.known_models()
    if ModelKey(baseline) not in known:
        names = ", ".join(sorted(known)) or "none yet"
        stop(f"no model has the key {baseline}; known: {names}", BAD_INPUT)
    return ModelKey(baseline)


def _print(board: Board, baseline: ModelKey | None) -> None:
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)
    if not board.votes:
        console.print("No votes yet.")
    else:
        pairs = board.pairs if baseline is None else board.pairs_of(baseline)
        console.print(_pair_table(board, pairs))
        if baseline is None:
            console.print(_model_table(board))
    console.print(Text(f"{board.votes} votes; {_left_out(board)}"))


def _left_out(board: Board) -> str:
    reasons = ", ".join(
        f"{kind.value} {number}" for kind, number in board.excluded.items() if number
    )
    total = f"{board.flagged.total} comparisons left out"
    return f"{total} ({reasons})" if reasons else total


def _pair_table(board: Board, pairs: tuple[PairResult, ...]) -> Table:
    columns = ("model", "opponent", *_COUNTS, "W/(W+L)", "95 % (wilson, naive)", "decisive")
    table = _table("Win:loss rate without ties", columns, texts=2)
    for pair in pairs:
        names = (board.names[pair.model], board.names[pair.opponent])
        _add(table, (*names, *_cells(pair.record)))
    return table


def _model_table(board: Board) -> Table:
    columns = ("model", *_COUNTS, "pooled", "95 % (wilson, naive)", "decisive")
    table = _table("All opponents", columns, texts=1)
    table.add_column("mean over opponents", justify="right")
    for result in sorted(board.models, key=_best_first):
        mean = percent(result.mean_over_opponents)
        _add(table, (board.names[result.model], *_cells(result.pooled), mean))
    return table


def _best_first(result: ModelResult) -> tuple[float, ModelKey]:
    rate = result.pooled.rate
    return (-1.0 if rate is None else rate) * -1, result.model


def _table(title: str, columns: tuple[str, ...], *, texts: int) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < texts else "right")
    table.add_column("state")
    return table


def _add(table: Table, cells: tuple[str, ...]) -> None:
    table.add_row(*(Text(cell) for cell in cells))


def _cells(record: Record) -> tuple[str, ...]:
    return (
        *map(str, (record.wins, record.losses, record.ties, record.both_bad)),
        percent(record.tie_rate),
        percent(record.rate),
        _bounds(record.interval),
        str(record.decisive),
        record.state.value,
    )


def percent(share: float | None) -> str:
    """`63.4 %`, or a dash where there is nothing to say."""
    return "-" if share is None else f"{100 * share:.1f} %"


def _bounds(interval: Interval | None) -> str:
    return f"{100 * interval.low:.1f}-{100 * interval.high:.1f}" if interval else "-"
