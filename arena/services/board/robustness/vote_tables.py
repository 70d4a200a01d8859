"""Other votes as tables: ties read otherwise, one cluster left out, flagged ones counted."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind
from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable, headings
from arena.statistics.annotator_weights import WeightedRates
from arena.statistics.flag_choices import FlagChoice
from arena.statistics.leaving_out import LeavingOut
from arena.statistics.orders import orders_differ
from arena.statistics.ratings import Rating, Ratings
from arena.statistics.tie_readings import TieReading
from arena.statistics.win_rate import ModelResult


class LeftOut(StrEnum):
    """What is left out, one at a time."""

    ANNOTATORS = "annotators"
    PROMPTS = "prompts"
    CATEGORIES = "categories"


_TIES = headings(
    model=ValueKind.MODEL,
    rate=ValueKind.RATE,
    half_rate=ValueKind.RATE,
    half_rating=ValueKind.RATING,
    half_rank=ValueKind.RANK,
    davidson_rating=ValueKind.RATING,
    davidson_rank=ValueKind.RANK,
    dropped_rating=ValueKind.RATING,
    dropped_rank=ValueKind.RANK,
    both_bad_apart_rating=ValueKind.RATING,
    both_bad_apart_rank=ValueKind.RANK,
)
"""Ratings in the order of `TieReading`."""
_LEFT_OUT = headings(
    model=ValueKind.MODEL,
    rate=ValueKind.RATE,
    without_annotators=ValueKind.BOUNDS,
    without_prompts=ValueKind.BOUNDS,
    without_categories=ValueKind.BOUNDS,
)
"""Bounds in the order of `LeftOut`."""
_WEIGHTS = headings(
    model=ValueKind.MODEL,
    rate=ValueKind.RATE,
    weighted_rate=ValueKind.RATE,
)
_FLAGS: Mapping[tuple[FlagKind, ...], str] = {
    (): "without_flagged",
    (FlagKind.RECOGNISED,): "with_recognised",
    (FlagKind.IDENTITY_LEAK,): "with_identity_leak",
    (FlagKind.TRUNCATED,): "with_truncated",
    (FlagKind.ANNOTATOR_EXCLUDED,): "with_annotator_excluded",
}


def tie_table(results: Sequence[ModelResult], readings: Mapping[TieReading, Ratings]) -> ValueTable:
    """Return rates with ties dropped and as half a win, and ratings under every reading."""
    by_model = {
        reading: {one.model: one for one in found.ratings} for reading, found in readings.items()
    }
    finite = [
        {key: one.elo for key, one in found.items() if not one.from_prior}
        for found in by_model.values()
    ]
    ties = sum(one.pooled.ties for one in results) // 2
    both_bad = sum(one.pooled.both_bad for one in results) // 2
    counts = {"ties": ties, "both_bad": both_bad}
    note = Note("ties_differ" if orders_differ(finite) else "ties_alike", counts)
    rows = [_tie_row(one, [found.get(one.model) for found in by_model.values()]) for one in results]
    return ValueTable("ties", _TIES, tuple(rows), (note,))


def _tie_row(result: ModelResult, ratings: Sequence[Rating | None]) -> tuple[Any, ...]:
    record = result.pooled
    rated: list[Any] = []
    for rating in ratings:
        known = rating is not None and not rating.from_prior
        rated += [rating.elo, rating.rank] if rating is not None and known else [None, None]
    return (result.model, Estimate(record.rate), Estimate(record.half_rate), *rated)


def left_out_table(
    results: Sequence[ModelResult], found: Mapping[LeftOut, LeavingOut]
) -> ValueTable:
    """Return how far a rate moves without any one annotator, prompt or category."""
    rows = tuple(
        (
            one.model,
            Estimate(one.pooled.rate),
            *(found[kind].ranges.get(one.model) for kind in LeftOut),
        )
        for one in results
    )
    notes = [note for kind in LeftOut for note in _changes(kind, found[kind])]
    return ValueTable("left_out", _LEFT_OUT, rows, tuple(notes))


def _changes(kind: LeftOut, found: LeavingOut) -> list[Note]:
    if not found.first:
        return []
    name = "left_out_changes" if found.changing else "left_out_same"
    figures = {
        "kind": kind.value,
        "clusters": found.clusters,
        "changing": len(found.changing),
        "first": found.first[0],
    }
    return [Note(name, figures)]


def weight_table(results: Sequence[ModelResult], found: WeightedRates | None) -> ValueTable:
    """Return rates with annotators weighted by reliability."""
    if found is None:
        return ValueTable("weights", _WEIGHTS, (), (Note("weights_none", {}),))
    rows = tuple(
        (one.model, Estimate(one.pooled.rate), _weighted(found, one.model)) for one in results
    )
    ignored = int((found.weights <= 0).sum())
    figures = {"annotators": len(found.weights), "spread": found.spread, "ignored": ignored}
    note = Note("weights_equal" if not found.spread else "weights_differ", figures)
    return ValueTable("weights", _WEIGHTS, rows, (note,))


def _weighted(found: WeightedRates, model: ModelKey) -> Estimate:
    rate = found.rates.get(model)
    return Estimate(None) if rate is None else Estimate(rate.rate, rate.interval)


def flag_table(choices: Sequence[FlagChoice], order: Sequence[ModelKey]) -> ValueTable:
    """Return rates without flagged comparisons, and with each kind of flag that occurs."""
    names = [_FLAGS.get(choice.counted, "with_flagged") for choice in choices]
    heads = headings(model=ValueKind.MODEL, **dict.fromkeys(names, ValueKind.RATE))
    rows = tuple((key, *(_flag_rate(choice, key) for choice in choices)) for key in order)
    notes = [
        Note("flags_added", {"kind": choice.counted[0].value, "added": choice.added})
        for choice in choices
        if len(choice.counted) == 1
    ]
    if len(choices) < 2:
        return ValueTable("flags", heads, (), (Note("flags_none", {}),))
    return ValueTable("flags", heads, rows, tuple(notes))


def _flag_rate(choice: FlagChoice, model: ModelKey) -> Estimate:
    found = choice.rates.get(model)
    return Estimate(None) if found is None else Estimate(found.rate, found.interval)
