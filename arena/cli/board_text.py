"""A board as lines of text: what `arena leaderboard` prints."""

from collections.abc import Iterator, Sequence

from arena.cli.tables import Column, plain, table_lines
from arena.cli.wording import pluralized
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.leaderboard import Board
from arena.services.board.rows import difference_rows
from arena.statistics.clustered_rates import ClusteredRate, uneven_pairs
from arena.statistics.pair_plans import PairPlan, SamePeople, pair_plans
from arena.statistics.planning import two_digits_up
from arena.statistics.ratings import Rating, few_annotators
from arena.statistics.sides import Sides
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, PairResult

_NONE = "-"
_FEW = "*"
_SIDES = {None: _NONE, Sides.BOTH: "both", Sides.MOSTLY_ONE: "mostly one", Sides.ONE: "one"}
_SAME = {
    None: _NONE,
    SamePeople.ENOUGH: _NONE,
    SamePeople.NEVER: "never",
    SamePeople.UNKNOWN: "?",
}
_LEGEND = (
    f"95 %: for annotators and prompts like these; with {_FEW} for the annotators who voted only, "
    "and so are ranks and verdicts of the same row.",
    "sides: with one or mostly one order of the two models a lean to one side looks like a lead: "
    "never established, never told apart.",
    "apart: told apart when all pairs here are looked at (Holm): of boards of equal models at "
    "most 5 % have any such pair.",
    "agree: pairs of annotators of the same item (conversation and replies) that agree.",
    "others: so many people who have not voted yet x decisive comparisons of each, on prompts not "
    "judged yet, tell the two apart with 80 % power, if the true rate is the one seen. same: so "
    "many more votes of each who voted do, or never, or ? where that hangs on how much people "
    "differ.",
)


def board_lines(
    detailed: DetailedBoard, baseline: ModelKey | None, *, width: int | None
) -> Iterator[str]:
    """Yield the tables of a board and the legend to read them.

    `width` is the terminal's in cells; None prints everything, as long as it takes.
    """
    board = detailed.board
    if not board.votes:
        yield _why_empty(board)
    else:
        for title, columns in _tables(detailed, baseline):
            yield from table_lines(title, columns, width=width)
            yield ""
        yield from _LEGEND
        yield _about_sides(detailed)
        yield _agreement(detailed)
    counted = pluralized(board.comparisons, "comparison")
    yield f"{pluralized(board.votes, 'ballot')}, {counted}; {_left_out(board)}"
    if board.suspect_votes.comparisons:
        yield _suspect_votes(board)


def _tables(
    detailed: DetailedBoard, baseline: ModelKey | None
) -> Iterator[tuple[str, Sequence[Column]]]:
    board = detailed.board
    pairs = board.pairs if baseline is None else board.pairs_of(baseline)
    if pairs:
        yield "Win:loss rate without ties", _pair_columns(detailed, pairs)
    if baseline is None:
        yield "All opponents", _model_columns(detailed)
        yield "Bradley-Terry ratings, mean 1000", _rating_columns(detailed)
    elif differences := _difference_columns(detailed, baseline):
        yield "Differences of ratings, 95 % for all of them at once", differences


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
        f"on {pluralized(found.shared_items, 'item')} that several annotators judged; the interval "
        f"is {alpha.holds} and the annotators who voted"
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


def _pair_columns(detailed: DetailedBoard, pairs: Sequence[PairResult]) -> list[Column]:
    keys = [Pair(pair.model, pair.opponent) for pair in pairs]
    found = [detailed.rates.pairs[key] for key in keys]
    shared = [detailed.pair_agreement.get(key) for key in keys]
    planned = pair_plans(dict(zip(keys, found, strict=True)))
    plans = [planned[key] for key in keys]
    names = _names(detailed)
    return [
        Column("model", [names[key.model] for key in keys], name=True),
        Column("opponent", [names[key.opponent] for key in keys], name=True),
        *_count_columns(found),
        *_worth_columns(found, "W/(W+L)"),
        Column("agree", [percent(one.share if one else None) for one in shared], spare=6),
        Column("apart", [_apart(one) for one in found]),
        Column("others", [_others(one) for one in plans], spare=5),
        Column("same", [_same(one) for one in plans], spare=5),
        Column("state", [one.state.value for one in found]),
    ]


def _model_columns(detailed: DetailedBoard) -> list[Column]:
    pooled, names = detailed.rates.pooled, _names(detailed)
    keys = sorted(pooled, key=lambda key: _best_first(pooled[key].rate, key))
    found = [pooled[key] for key in keys]
    means = [detailed.rates.mean_over_opponents.get(key) for key in keys]
    return [
        Column("model", [names[key] for key in keys], name=True),
        *_count_columns(found),
        *_worth_columns(found, "pooled"),
        Column("mean over opponents", [percent(one.rate if one else None) for one in means]),
        Column("95 % of the mean", [_bounds(one) if one else _NONE for one in means], spare=6),
        Column("state", [one.state.value for one in found]),
    ]


def _rating_columns(detailed: DetailedBoard) -> list[Column]:
    names = _names(detailed)
    ratings = sorted(detailed.ratings.ratings, key=lambda one: (-one.elo, one.model))
    few = _FEW if few_annotators(detailed.ratings) else ""
    return [
        Column("model", [names[one.model] for one in ratings], name=True),
        Column("rating", [_NONE if one.from_prior else f"{one.elo:.0f}" for one in ratings]),
        Column("95 %", [_rating_bounds(one, few) for one in ratings]),
        Column("rank", [_rank(one, few) for one in ratings]),
        Column("sides", [_SIDES[one.sides] for one in ratings]),
        Column("standing", [one.standing.value for one in ratings]),
    ]


def _difference_columns(detailed: DetailedBoard, baseline: ModelKey) -> list[Column]:
    """Of the ratings of one model and every other, none where it has no rank."""
    names = _names(detailed)
    rows = [row for row in difference_rows(detailed) if baseline in (row["model"], row["opponent"])]
    few = _FEW if few_annotators(detailed.ratings) else ""
    bounds = [
        _NONE if row["low"] is None else f"{row['low']:.0f} to {row['high']:.0f}{few}"
        for row in rows
    ]
    return [
        *(
            Column(side, [names[row[side]] for row in rows], name=True)
            for side in ("model", "opponent")
        ),
        Column("difference", [f"{row['difference']:.0f}" for row in rows]),
        Column("95 %", bounds),
        Column("apart", ["yes" + few if row["told_apart"] else "no" for row in rows]),
    ] * bool(rows)


def _names(detailed: DetailedBoard) -> dict[ModelKey, str]:
    return {key: plain(name) for key, name in detailed.board.names.items()}


def _best_first(rate: float | None, key: ModelKey) -> tuple[float, ModelKey]:
    return (1.0 if rate is None else -rate, key)


def _count_columns(found: Sequence[ClusteredRate]) -> list[Column]:
    records = [one.record for one in found]
    return [
        Column("W", [str(record.wins) for record in records]),
        Column("L", [str(record.losses) for record in records]),
        Column("T", [str(record.ties) for record in records]),
        Column("both bad", [str(record.both_bad) for record in records]),
        Column("tie rate", [percent(record.tie_rate) for record in records]),
    ]


def _worth_columns(found: Sequence[ClusteredRate], rate: str) -> list[Column]:
    return [
        Column(rate, [percent(one.rate) for one in found]),
        Column("95 %", [_bounds(one) for one in found]),
        Column("decisive", [str(one.decisive) for one in found], spare=1),
        Column("annotators", [str(one.annotators) for one in found], spare=3),
        Column("prompts", [str(one.prompts) for one in found], spare=4),
        Column("sides", [_SIDES[one.sides] for one in found], spare=2),
    ]


def percent(share: float | None) -> str:
    """`63.4 %`, or a dash where there is nothing to say."""
    return _NONE if share is None else f"{100 * share:.1f} %"


def _bounds(found: ClusteredRate) -> str:
    interval = found.interval
    if interval is None:
        return _NONE
    return f"{100 * interval.low:.1f}-{100 * interval.high:.1f}{_few(found)}"


def _few(found: ClusteredRate) -> str:
    return _FEW if found.scope is Scope.PROMPTS else ""


def _apart(found: ClusteredRate) -> str:
    """Say whether two models differ significantly; a dash where no number of votes would tell."""
    if found.adjusted is None:
        return _NONE
    return f"yes{_few(found)}" if found.is_significant else "no"


def _others(plan: PairPlan) -> str:
    others = plan.others
    return f"{two_digits_up(others.people):,} x {others.each:,}" if others else _NONE


def _same(plan: PairPlan) -> str:
    if plan.same_each is not None:
        return f"+{two_digits_up(plan.same_each):,}"
    return _SAME[plan.same]


def _rating_bounds(rating: Rating, few: str) -> str:
    interval = rating.interval
    return f"{interval.low:.0f} to {interval.high:.0f}{few}" if interval else _NONE


def _rank(rating: Rating, few: str) -> str:
    return f"{rating.rank.best}-{rating.rank.worst}{few}" if rating.rank else _NONE
