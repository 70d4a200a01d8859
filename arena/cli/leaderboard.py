"""`arena leaderboard`: win:loss rates without ties, as a table or as JSON."""

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from arena.cli.board_filter import board_filter, known_model
from arena.cli.database import DEFAULT_URL, DatabaseUrl, opened
from arena.domain.conversation import ModelKey
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, PairResult

if TYPE_CHECKING:
    from arena.services.board_details import DetailedBoard
    from arena.services.leaderboard import Board
    from arena.statistics.clustered_rates import ClusteredRate
    from arena.storage.boards import BoardFilter
    from arena.storage.database import Database

_WIDTH_OF_A_PIPE = 160
_DAY = "%Y-%m-%d"
_FIRST, _LAST = "First day of the votes that count", "Last day of the votes that count"
_COUNTS = ("W", "L", "T", "both bad", "tie rate")
_WORTH = ("95 %", "decisive", "annotators", "prompts")
_LEGEND = (
    "95 % interval: for annotators and prompts like these; with * for the annotators who voted "
    "only. agree: pairs of votes by two annotators on the same prompt that agree. "
    "others: so many other people x decisive votes of each tell the two apart with 80 % power, if "
    "the true rate is the one seen; same: so many more votes of each who voted, or never, or ? "
    "where people may differ too much."
)


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Print the win:loss rate without ties, W/(W+L), of every model against every opponent."""
    with opened(database_url) as database:
        key = None if baseline is None else known_model(database, baseline)
        chosen = board_filter(
            database,
            category=category,
            language=language,
            group=group,
            campaign=campaign,
            since=since,
            until=until,
            among=among or (),
            with_flagged=with_flagged,
        )
        detailed = _detailed(database, chosen)
    if as_json:
        from arena.services.board_rows import board_document

        document = board_document(detailed, baseline=key)
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(detailed, key)


def _detailed(database: "Database", chosen: "BoardFilter") -> "DetailedBoard":
    # Imported here: numpy, scipy and pandas would double the start of every other command.
    from arena.services.board_details import detailed_board

    return detailed_board(database, chosen)


def _print(detailed: "DetailedBoard", baseline: ModelKey | None) -> None:
    board = detailed.board
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE, highlight=False)
    if not board.votes:
        console.print(_why_empty(board))
    else:
        pairs = board.pairs if baseline is None else board.pairs_of(baseline)
        console.print(_pair_table(detailed, pairs))
        if baseline is None:
            console.print(_model_table(detailed))
            console.print(_rating_table(detailed))
        console.print(Text(_LEGEND))
        console.print(Text(_agreement(detailed)))
    console.print(Text(f"{board.votes} votes; {_left_out(board)}"))


def _why_empty(board: "Board") -> str:
    # Imported here, as all that needs SQLAlchemy.
    from arena.storage.boards import BoardFilter

    unlimited = BoardFilter(include_flagged=board.filter.include_flagged)
    return "No votes yet." if board.filter == unlimited else "No votes match these filters."


def _agreement(detailed: "DetailedBoard") -> str:
    found = detailed.agreement
    if found.alpha is None:
        return f"agreement: not computable ({found.reason})"
    alpha = found.alpha
    return (
        f"agreement: Krippendorff's alpha {alpha.value:.3f} ({alpha.low:.3f} to {alpha.high:.3f}) "
        f"on {found.shared_items} items that several annotators judged"
    )


def _left_out(board: "Board") -> str:
    reasons = ", ".join(
        f"{kind.value} {number}" for kind, number in board.excluded.items() if number
    )
    total = f"{board.flagged.total} comparisons left out"
    return f"{total} ({reasons})" if reasons else total


def _pair_table(detailed: "DetailedBoard", pairs: tuple[PairResult, ...]) -> Table:
    columns = ("model", "opponent", *_COUNTS, "W/(W+L)", *_WORTH, "agree", "others", "same")
    table = _table("Win:loss rate without ties", columns, texts=2)
    names = detailed.board.names
    for one in pairs:
        pair = Pair(one.model, one.opponent)
        found, shared = detailed.rates.pairs[pair], detailed.pair_agreement.get(pair)
        _add(
            table,
            (
                *(names[pair.model], names[pair.opponent]),
                *_cells(found),
                percent(shared.share if shared else None),
                *_plan(found),
                found.state.value,
            ),
        )
    return table


def _plan(found: "ClusteredRate") -> tuple[str, str]:
    """Who would have to vote how often, as other people and as the same ones."""
    from arena.statistics.pair_plans import SamePeople, pair_plan
    from arena.statistics.planning import two_digits_up

    plan = pair_plan(found)
    others = plan.others
    by_others = f"{two_digits_up(others.people):,} x {others.each}" if others else "-"
    if plan.same_each is not None:
        return by_others, f"+{two_digits_up(plan.same_each):,}"
    words = {None: "-", SamePeople.UNKNOWN: "?"}
    return by_others, words.get(plan.same, "never")


def _model_table(detailed: "DetailedBoard") -> Table:
    columns = ("model", *_COUNTS, "pooled", *_WORTH, "mean over opponents")
    table = _table("All opponents", columns, texts=1)
    pooled, names = detailed.rates.pooled, detailed.board.names
    for key in sorted(pooled, key=lambda key: _best_first(pooled[key].rate, key)):
        mean = detailed.rates.mean_over_opponents.get(key)
        cells = (names[key], *_cells(pooled[key]), percent(mean.rate if mean else None))
        _add(table, (*cells, pooled[key].state.value))
    return table


def _rating_table(detailed: "DetailedBoard") -> Table:
    table = Table(title="Bradley-Terry ratings, mean 1000", title_justify="left")
    table.add_column("model")
    for column in ("rating", "95 %", "rank", "standing"):
        table.add_column(column, justify="right")
    names = detailed.board.names
    for one in sorted(detailed.ratings.ratings, key=lambda one: (-one.elo, one.model)):
        bounds = f"{one.interval.low:.0f} to {one.interval.high:.0f}" if one.interval else "-"
        rank = f"{one.rank.best}-{one.rank.worst}" if one.rank else "-"
        shown = f"{one.elo:.0f}" if not one.from_prior else "-"
        _add(table, (names[one.model], shown, bounds, rank, one.standing.value))
    return table


def _best_first(rate: float | None, key: ModelKey) -> tuple[float, ModelKey]:
    return (1.0 if rate is None else -rate, key)


def _table(title: str, columns: tuple[str, ...], *, texts: int) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < texts else "right")
    table.add_column("state")
    return table


def _add(table: Table, cells: tuple[str, ...]) -> None:
    table.add_row(*(Text(cell) for cell in cells))


def _cells(found: "ClusteredRate") -> tuple[str, ...]:
    record = found.record
    return (
        *map(str, (record.wins, record.losses, record.ties, record.both_bad)),
        percent(record.tie_rate),
        percent(found.rate),
        _bounds(found),
        *map(str, (record.decisive, found.annotators, found.prompts)),
    )


def percent(share: float | None) -> str:
    """`63.4 %`, or a dash where there is nothing to say."""
    return "-" if share is None else f"{100 * share:.1f} %"


def _bounds(found: "ClusteredRate") -> str:
    interval = found.interval
    if interval is None:
        return "-"
    mark = "*" if found.scope is Scope.PROMPTS else ""
    return f"{100 * interval.low:.1f}-{100 * interval.high:.1f}{mark}"
