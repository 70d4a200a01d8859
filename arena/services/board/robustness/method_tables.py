"""Other methods on the same votes as tables: three measures, and the fit of ratings."""

from collections.abc import Iterator
from typing import Any

from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable, headings
from arena.statistics.goodness_of_fit import Cycle, GoodnessOfFit, PairFit
from arena.statistics.measures import MeasuredModel, Measures, Reversal

MOST_EXAMPLES = 3
MOST_PAIRS = 10
_BAD = 0.05

_MEASURES = headings(
    model=ValueKind.MODEL,
    pooled_rate=ValueKind.RATE,
    mean_rate=ValueKind.RATE,
    rating=ValueKind.RATING,
    pooled_place=ValueKind.COUNT,
    mean_place=ValueKind.COUNT,
    rating_place=ValueKind.COUNT,
    opponents_elo=ValueKind.RATING,
)
_PAIRS = headings(
    model=ValueKind.MODEL,
    opponent=ValueKind.MODEL,
    decisive=ValueKind.COUNT,
    rate=ValueKind.RATE,
    expected_rate=ValueKind.RATE,
    surprise=ValueKind.NUMBER,
)


def measures_table(measures: Measures) -> ValueTable:
    """Return the three measures of every model, and which models they order differently."""
    models = sorted(measures.models, key=_by_place)
    notes = [Note("measures_alike", {})]
    if measures.reversals or measures.mean_reversals:
        pairs = {"pooled": len(measures.reversals), "mean": measures.mean_reversals}
        examples = measures.reversals[:MOST_EXAMPLES]
        notes = [Note("measures_differ", pairs), *map(_reversal, examples)]
    return ValueTable("measures", _MEASURES, tuple(map(_measured, models)), tuple(notes))


def _by_place(model: MeasuredModel) -> tuple[float, str]:
    return (model.places.pooled or float("inf"), model.model)


def _measured(model: MeasuredModel) -> tuple[Any, ...]:
    return (
        model.model,
        *(Estimate(one.rate, one.interval) for one in (model.pooled, model.mean)),
        model.rating.elo if model.rating else None,
        *model.places,
        model.opponents_elo,
    )


def _reversal(found: Reversal) -> Note:
    figures: dict[str, Any] = {}
    for name, one in zip(("first", "second"), found, strict=True):
        figures[name] = one.model
        figures[f"{name}_rate"] = one.pooled.rate
        figures[f"{name}_elo"] = one.rating.elo if one.rating else None
        figures[f"{name}_opponents_elo"] = one.opponents_elo
    return Note("measures_reversal", figures)


def fit_tables(fit: GoodnessOfFit | None) -> Iterator[ValueTable]:
    """Yield the pairs that strengths explain worst, and circles of wins."""
    if fit is None:
        yield ValueTable("fit", _PAIRS, (), (Note("fit_none", {}),))
        return
    notes = (_verdict(fit), *_circles(fit))
    yield ValueTable("fit", _PAIRS, tuple(map(_pair, fit.pairs[:MOST_PAIRS])), notes)


def _verdict(fit: GoodnessOfFit) -> Note:
    if fit.p is None:
        return Note("fit_unknown", {})
    figures = {"statistic": fit.statistic, "degrees": fit.degrees, "p": fit.p, "deff": fit.deff}
    return Note("fit_bad" if fit.p < _BAD else "fit_good", figures)


def _circles(fit: GoodnessOfFit) -> Iterator[Note]:
    if not fit.triads:
        return
    figures = {"triads": fit.triads, "cycles": len(fit.cycles), "expected": fit.expected_cycles}
    yield Note("cycles", figures)
    yield from map(_circle, fit.cycles[:MOST_EXAMPLES])


def _circle(cycle: Cycle) -> Note:
    names = ("first", "second", "third")
    models = dict(zip(names, cycle.models, strict=True))
    rates = {f"{name}_rate": rate for name, rate in zip(names, cycle.rates, strict=True)}
    return Note("cycle", {**models, **rates})


def _pair(found: PairFit) -> tuple[Any, ...]:
    rates = Estimate(found.rate), Estimate(found.expected)
    return (*found.pair, found.decisive, *rates, found.surprise)
