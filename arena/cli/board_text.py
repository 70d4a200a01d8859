"""A board as lines of text: what `arena leaderboard` prints."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass

from arena.cli.board_columns import (
    FEW,
    difference_columns,
    model_columns,
    pair_columns,
    rating_columns,
)
from arena.cli.shares import percent
from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import uneven_pairs

_LEGEND = {
    "95 %": f"95 %: for annotators and prompts like these; with {FEW} for the annotators who voted "
    "only, and so are ranks and verdicts of the same row.",
    "sides": "sides: with one or mostly one order of the two models a lean to one side looks like "
    "a lead: never established, never told apart.",
    "apart": "apart: told apart when all pairs here are looked at (Holm): of boards of equal "
    "models at most 5 % have any such pair.",
    "agree": "agree: pairs of annotators of the same item (conversation and replies) that agree.",
    "others": "others: so many people who have not voted yet x decisive comparisons of each, on "
    "prompts not judged yet, tell the two apart with 80 % power, if the true rate is the one seen. "
    "same: so many more votes of each who voted do, or never, or ? where that hangs on how much "
    "people differ.",
}
"""What the head of a column means."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which tables of a board, and how much of them.

    With a baseline its pairs stand first, weakest opponent first; else `pairs` adds those of all.
    `top` keeps so many models, those with the best pooled rates, in every table.
    """

    baseline: ModelKey | None = None
    pairs: bool = False
    top: int | None = None


def board_lines(detailed: DetailedBoard, chosen: Chosen, *, width: int | None) -> Iterator[str]:
    """Yield the tables of a board and the legend to read them.

    `width` is the terminal's in cells; None prints everything, as long as it takes.
    """
    board = detailed.board
    if not board.votes:
        yield _why_empty(board)
    else:
        tables = dict(_tables(detailed, chosen))
        for title, columns in tables.items():
            yield from table_lines(title, columns, width=width)
            yield ""
        yield from _not_shown(board, chosen)
        yield from _explained(tables.values())
        yield _about_sides(detailed)
        yield _agreement(detailed)
    counted = pluralized(board.comparisons, "comparison")
    yield f"{pluralized(board.votes, 'vote')}, {counted}; {_left_out(board)}"
    yield from _who_voted(detailed)
    yield from _models_left_out(board)
    if board.suspect_votes.comparisons:
        yield _suspect_votes(board)
    if board.informed:
        yield _informed(board)


def _tables(detailed: DetailedBoard, chosen: Chosen) -> Iterator[tuple[str, Sequence[Column]]]:
    board, baseline = detailed.board, chosen.baseline
    models = [one.model for one in board.best_first][: chosen.top]
    if baseline is None:
        yield "Win:loss rate without ties, all opponents", model_columns(detailed, models)
        yield "Bradley-Terry ratings, mean 1000", rating_columns(detailed, models)
    pairs = board.pairs if baseline is None else board.pairs_of(baseline)
    kept = {*models, baseline}
    met = [pair for pair in pairs if {pair.model, pair.opponent} <= kept]
    if met and (chosen.pairs or baseline is not None):
        yield "Win:loss rate without ties, each pair", pair_columns(detailed, met)
    if baseline is not None and (differences := difference_columns(detailed, baseline, kept)):
        yield "Differences of ratings, 95 % for all of them at once", differences


def _explained(tables: Iterable[Sequence[Column]]) -> Iterator[str]:
    """Yield what the heads of these tables mean, and nothing of tables that are not printed."""
    heads = {column.head for columns in tables for column in columns}
    return (meaning for head, meaning in _LEGEND.items() if head in heads)


def _not_shown(board: Board, chosen: Chosen) -> Iterator[str]:
    hidden = len(board.models) - (chosen.top or len(board.models))
    if hidden > 0:
        yield f"{pluralized(hidden, 'model')} below the first {chosen.top} not shown"
    if chosen.baseline is None and not chosen.pairs and board.pairs:
        pairs = pluralized(len(board.pairs) // 2, "pair")
        yield f"--pairs prints the rates of {pairs} too, --baseline KEY those of one model"


def _why_empty(board: Board) -> str:
    unlimited = BoardFilter(include_flagged=board.filter.include_flagged)
    return "No votes yet." if board.filter == unlimited else "No votes match these filters."


def _agreement(detailed: DetailedBoard) -> str:
    found = detailed.agreement
    if found.alpha is None:
        return f"agreement: not computable ({found.reason})"
    alpha = found.alpha
    return (
        f"agreement: Krippendorff's alpha {alpha.value:.3f} ({alpha.low:.3f} to {alpha.high:.3f}) "
        f"on {pluralized(found.shared_items, 'pair')} of replies that several annotators judged; "
        f"the interval is {alpha.holds} and the annotators who voted"
    )


def _about_sides(detailed: DetailedBoard) -> str:
    uneven = uneven_pairs(detailed.rates)
    if not uneven:
        return "sides: no pair with 30 decisive comparisons was shown mostly in one order"
    shown = pluralized(len(uneven), "pair")
    return (
        f"sides: {shown} of the whole board with enough votes, but in one order, or mostly: "
        "these rates are no verdicts"
    )


def _left_out(board: Board) -> str:
    reasons = ", ".join(
        f"{kind.value} {number}" for kind, number in board.excluded.items() if number
    )
    total = f"{pluralized(board.flagged.total, 'comparison')} left out"
    return f"{total} ({reasons})" if reasons else total


def _who_voted(detailed: DetailedBoard) -> Iterator[str]:
    """Say how unequally people voted, unless they are so few that it would tell of one."""
    turnout, board = detailed.turnout, detailed.board
    if turnout.concentration is None:
        return
    each = round(board.comparisons / turnout.annotators)
    largest, five = map(percent, astuple(turnout.concentration))
    yield (
        f"annotators: {turnout.annotators}, on average {pluralized(each, 'comparison')} each; the "
        f"one who voted most cast {largest}, the five who voted most {five}"
    )


def _models_left_out(board: Board) -> Iterator[str]:
    """Name the models without a counted comparison, and say why."""
    counted = {one.model for one in board.models if one.pooled.total}
    for key in sorted({*board.names, *board.battles} - counted):
        yield f"no rate for {plain(board.names.get(key, key))}: {_why_left_out(board, key)}"


def _why_left_out(board: Board, key: ModelKey) -> str:
    flagged = board.flagged.by_model.get(key, {})
    if reasons := ", ".join(f"{kind.value} {number}" for kind, number in flagged.items()):
        return f"all of its comparisons are left out ({reasons})"
    return f"no votes, {pluralized(board.battles[key].void, 'battle')} became void"


def _informed(board: Board) -> str:
    return (
        f"{pluralized(board.informed, 'comparison')} of pairs that were drawn where votes tell "
        "most: rates of all opponents, and their ties, are re-weighted to what even drawing gives"
    )


def _suspect_votes(board: Board) -> str:
    found = board.suspect_votes
    who = f"{pluralized(found.votes, 'vote')} of {pluralized(found.annotators, 'annotator')}"
    said = f"{who} came from one address at an implausible rate and are"
    if not board.counts_suspects:
        return f"{said} left out"
    return (
        f"{said} counted: no rate is called established while they are. "
        "--without-one-address leaves them out"
    )
