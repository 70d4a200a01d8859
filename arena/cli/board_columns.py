"""The columns of the tables that `arena leaderboard` prints."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from arena.cli.shares import NONE, bounds, percent
from arena.cli.tables import Column, plain
from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.board.rows import difference_rows
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.pair_plans import PairPlan, SamePeople, pair_plans
from arena.statistics.planning import two_digits_up
from arena.statistics.ratings import Rating, few_annotators
from arena.statistics.sides import Sides
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, PairResult, State

FEW: Final = "*"
"""Marks what holds for the annotators who voted only."""
_SIDES = {None: NONE, Sides.BOTH: "both", Sides.MOSTLY_ONE: "mostly one", Sides.ONE: "one"}
_SAME = {
    None: NONE,
    SamePeople.ENOUGH: NONE,
    SamePeople.NEVER: "never",
    SamePeople.UNKNOWN: "?",
}
_COLOURS: Final = {
    State.TOO_FEW.value: "bright_black",
    State.PRELIMINARY.value: "yellow",
    State.ESTABLISHED.value: "green",
}


def pair_columns(detailed: DetailedBoard, pairs: Sequence[PairResult]) -> list[Column]:
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
        _state_column(found),
    ]


def model_columns(detailed: DetailedBoard, models: Sequence[ModelKey]) -> list[Column]:
    pooled, names = detailed.rates.pooled, _names(detailed)
    keys = [key for key in models if key in pooled]
    found = [pooled[key] for key in keys]
    means = [detailed.rates.mean_over_opponents.get(key) for key in keys]
    return [
        Column("model", [names[key] for key in keys], name=True),
        *_count_columns(found),
        *_worth_columns(found, "pooled"),
        Column("mean over opponents", [percent(one.rate if one else None) for one in means]),
        Column("95 % of the mean", [_bounds(one) if one else NONE for one in means], spare=6),
        _state_column(found),
    ]


def rating_columns(detailed: DetailedBoard, models: Sequence[ModelKey]) -> list[Column]:
    names = _names(detailed)
    shown = [one for one in detailed.ratings.ratings if one.model in models]
    ratings = sorted(shown, key=lambda one: (-one.elo, one.model))
    few = FEW if few_annotators(detailed.ratings) else ""
    return [
        Column("model", [names[one.model] for one in ratings], name=True),
        Column("rating", [NONE if one.from_prior else f"{one.elo:.0f}" for one in ratings]),
        Column("95 %", [_rating_bounds(one, few) for one in ratings]),
        Column("rank", [_rank(one, few) for one in ratings]),
        Column("sides", [_SIDES[one.sides] for one in ratings]),
        Column("standing", [one.standing.value for one in ratings]),
    ]


def difference_columns(
    detailed: DetailedBoard, baseline: ModelKey, kept: Collection[ModelKey | None]
) -> list[Column]:
    """Of the ratings of one model and every other one kept, none where it has no rank."""
    names = _names(detailed)
    rows = [
        row
        for row in difference_rows(detailed)
        for sides in [{row["model"], row["opponent"]}]
        if baseline in sides and sides <= set(kept)
    ]
    few = FEW if few_annotators(detailed.ratings) else ""
    ends = [
        NONE if row["low"] is None else f"{row['low']:.0f} to {row['high']:.0f}{few}"
        for row in rows
    ]
    return [
        *(
            Column(side, [names[row[side]] for row in rows], name=True)
            for side in ("model", "opponent")
        ),
        Column("difference", [f"{row['difference']:.0f}" for row in rows]),
        Column("95 %", ends),
        Column("apart", [_rated_apart(row, few) for row in rows]),
    ] * bool(rows)


def _rated_apart(row: Mapping[str, Any], few: str) -> str:
    """Say whether two ratings differ significantly; a dash where nothing can be said of them."""
    if row["low"] is None:
        return NONE
    return f"yes{few}" if row["told_apart"] else "no"


def _names(detailed: DetailedBoard) -> dict[ModelKey, str]:
    return {key: plain(name) for key, name in detailed.board.names.items()}


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


def _state_column(found: Sequence[ClusteredRate]) -> Column:
    return Column("state", [one.state.value for one in found], colours=_COLOURS)


def _bounds(found: ClusteredRate) -> str:
    return f"{bounds(found.interval)}{_few(found)}"


def _few(found: ClusteredRate) -> str:
    return FEW if found.scope is Scope.PROMPTS else ""


def _apart(found: ClusteredRate) -> str:
    """Say whether two models differ significantly; a dash where no number of votes would tell."""
    if found.adjusted is None:
        return NONE
    return f"yes{_few(found)}" if found.is_significant else "no"


def _others(plan: PairPlan) -> str:
    others = plan.others
    return f"{two_digits_up(others.people):,} x {others.each:,}" if others else NONE


def _same(plan: PairPlan) -> str:
    if plan.same_each is not None:
        return f"+{two_digits_up(plan.same_each):,}"
    return _SAME[plan.same]


def _rating_bounds(rating: Rating, few: str) -> str:
    interval = rating.interval
    return f"{interval.low:.0f} to {interval.high:.0f}{few}" if interval else NONE


def _rank(rating: Rating, few: str) -> str:
    return f"{rating.rank.best}-{rating.rank.worst}{few}" if rating.rank else NONE
