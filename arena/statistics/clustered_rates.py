"""Win:loss rates with intervals clustered by annotator and prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_intervals import EffectiveVotes, clustered_interval, clustered_p
from arena.statistics.comparisons import Comparisons, Numbers, Weights, sided_counts, sided_weights
from arena.statistics.design_effects import Design, Designs, designs_of, mean_designs
from arena.statistics.holm import LEVEL, Adjusted, holm
from arena.statistics.intervals import Interval
from arena.statistics.rate_estimates import (
    DecisiveVotes,
    Estimates,
    decisive_votes,
    model_estimates,
    pair_estimates,
    pooled_estimates,
)
from arena.statistics.sides import Sides, sides_of
from arena.statistics.thresholds import (
    DEFAULT_THRESHOLDS,
    Scope,
    Thresholds,
    scope_label,
    scope_of,
)
from arena.statistics.vote_spread import Layout, Spread, layout_of, spread_of
from arena.statistics.win_rate import Pair, Record, State

METHODS = {
    Scope.ANNOTATORS_AND_PROMPTS: "wilson, clustered by annotator and prompt",
    Scope.PROMPTS: "wilson, clustered by prompt",
}
"""Label of an interval by what its variance was clustered by."""


@dataclass(frozen=True, slots=True)
class ClusteredRate:
    """A win:loss rate without ties, with its interval and what that rests on.

    `rate` is from 0 to 1, None without a decisive vote. `deff` is the variance over that of
    independent votes, at least 1, and `effective` the number of independent votes that would
    say as much; both are None without an interval. `annotators` and `prompts` are those of the
    decisive votes. `earlier` counts those with the model in the earlier slot, and `sides` is
    what they mean, None without a vote. `p` is the p-value of one half, None
    without an interval, and `adjusted` the same after the allowance for all pairs of the board:
    None with too few votes, in one order, and for rates against several opponents. `layout` and
    `spread`, of a pair's rate alone, are what plans are made of.
    """

    record: Record
    rate: float | None
    interval: Interval | None
    deff: float | None
    effective: float | None
    annotators: int
    prompts: int
    scope: Scope
    state: State
    earlier: int
    sides: Sides | None
    p: float | None = None
    adjusted: Adjusted | None = None
    layout: Layout | None = None
    spread: Spread | None = None

    @property
    def is_significant(self) -> bool:
        """Whether the models differ significantly, adjusted for all pairs of the board."""
        return self.adjusted is not None and self.adjusted.p < LEVEL

    @property
    def decisive(self) -> int:
        """Votes that name a winner."""
        return self.record.decisive

    @property
    def label(self) -> str | None:
        """To whom the interval speaks, in words; None without one."""
        return scope_label(self.scope, annotators=self.annotators)

    @property
    def mirrored(self) -> "ClusteredRate":
        """The same from the opponent's side."""
        return replace(
            self,
            record=self.record.mirrored,
            rate=self.record.mirrored.rate,
            interval=None if self.interval is None else self.interval.mirrored,
            earlier=self.decisive - self.earlier,
        )


@dataclass(frozen=True, slots=True)
class ClusteredRates:
    """The rates of a board: both orders of every pair that met, and every model in two ways."""

    pairs: Mapping[Pair, ClusteredRate]
    pooled: Mapping[ModelKey, ClusteredRate]
    mean_over_opponents: Mapping[ModelKey, ClusteredRate]


def clustered_rates(
    comparisons: Comparisons, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> ClusteredRates:
    """Compute rates of all pairs and all models; a model that met no other has no entry.

    An interval is Wilson's with n/deff for n and the quantile t(G-1), where G is Kish's number of
    clusters: the number of annotators, or of prompts if smaller, when all have as many votes. It
    is never narrower than that of independent votes.
    """
    if not len(comparisons):
        return ClusteredRates({}, {}, {})
    votes = decisive_votes(comparisons)
    sided = _placed_counts(comparisons, votes)
    pairs = pair_estimates(votes)
    pooled, mean = model_estimates(votes)
    pair_designs = designs_of(pairs)
    mean_designed = mean_designs(votes, mean, pooled, pair_designs)
    counts = _model_counts(comparisons, sided)
    return ClusteredRates(
        pairs=_of_pairs(comparisons.models, sided, pairs, pair_designs, thresholds),
        pooled=_of_models(counts, pooled, designs_of(pooled), thresholds),
        mean_over_opponents=_of_models(counts, mean, mean_designed, thresholds),
    )


def pair_rates(
    comparisons: Comparisons, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> Mapping[Pair, ClusteredRate]:
    """Compute the rates of pairs only, in a third of the time."""
    votes = decisive_votes(comparisons)
    pairs, sided = pair_estimates(votes), _placed_counts(comparisons, votes)
    return _of_pairs(comparisons.models, sided, pairs, designs_of(pairs), thresholds)


def pooled_rates(
    comparisons: Comparisons, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> Mapping[ModelKey, ClusteredRate]:
    """Compute the pooled rates of models only."""
    if not len(comparisons):
        return {}
    votes = decisive_votes(comparisons)
    pooled, sided = pooled_estimates(votes), _placed_counts(comparisons, votes)
    counts = _model_counts(comparisons, sided)
    return _of_models(counts, pooled, designs_of(pooled), thresholds)


def uneven_pairs(rates: ClusteredRates) -> tuple[Pair, ...]:
    """Return pairs with enough votes that were shown in one order of the two, or mostly.

    Each once, with the model first that stood in the earlier slot more often.
    """
    return tuple(
        pair
        for pair, rate in rates.pairs.items()
        if rate.sides not in (None, Sides.BOTH) and rate.state is not State.TOO_FEW
        if 2 * rate.earlier > rate.decisive
    )


def _placed_counts(comparisons: Comparisons, votes: DecisiveVotes) -> Numbers:
    """Return counts by `Result`, and decisive votes with i in the earlier slot: K x K x 5."""
    return np.concatenate((sided_counts(comparisons), votes.earlier[..., None]), axis=2)


def _of_pairs(
    keys: Sequence[ModelKey],
    sided: Numbers,
    estimates: Estimates,
    designs: Designs,
    thresholds: Thresholds,
) -> dict[Pair, ClusteredRate]:
    met = np.argwhere(np.triu(sided.sum(axis=2), k=1)).tolist()
    numbers = [i * len(keys) + j for i, j in met]
    found = [
        _with_spread(_rate(sided[i, j], estimates, designs, number, thresholds), estimates, number)
        for (i, j), number in zip(met, numbers, strict=True)
    ]
    rates: dict[Pair, ClusteredRate] = {}
    for (i, j), rate in zip(met, _adjusted(found), strict=True):
        rates[Pair(keys[i], keys[j])] = rate
        rates[Pair(keys[j], keys[i])] = rate.mirrored
    return rates


def _adjusted(pairs: Sequence[ClusteredRate]) -> list[ClusteredRate]:
    """Add Holm-adjusted p-values of the pairs that were shown in both orders."""
    adjusted = list(pairs)
    tested = [
        (number, pair.p)
        for number, pair in enumerate(pairs)
        if pair.p is not None and pair.state is not State.TOO_FEW and pair.sides is Sides.BOTH
    ]
    for (number, _), found in zip(tested, holm([p for _, p in tested]), strict=True):
        adjusted[number] = replace(pairs[number], adjusted=found)
    return adjusted


class _ModelCounts(NamedTuple):
    """Totals of K models: counts by `Result` and in the earlier slot, K x 5, and weights, K x 4."""

    keys: Sequence[ModelKey]
    totals: Numbers
    weighted: Weights | None


def _model_counts(comparisons: Comparisons, sided: Numbers) -> _ModelCounts:
    weights = sided_weights(comparisons)
    weighted = None if weights is None else weights.sum(axis=1)
    return _ModelCounts(comparisons.models, sided.sum(axis=1), weighted)


def _of_models(
    counts: _ModelCounts, estimates: Estimates, designs: Designs, thresholds: Thresholds
) -> dict[ModelKey, ClusteredRate]:
    found = {
        i: _rate(counts.totals[i], estimates, designs, i, thresholds)
        for i in np.flatnonzero(counts.totals.any(axis=1)).tolist()
    }
    if counts.weighted is None:
        return {counts.keys[i]: rate for i, rate in found.items()}
    return {
        counts.keys[i]: replace(rate, record=rate.record.weighing(counts.weighted[i].tolist()))
        for i, rate in found.items()
    }


def _rate(
    counts: Numbers, estimates: Estimates, designs: Designs, number: int, thresholds: Thresholds
) -> ClusteredRate:
    *outcomes, earlier = counts.tolist()
    record = Record(*outcomes)
    annotators = int(estimates.clustered.annotator.clusters[number])
    prompts = int(estimates.clustered.prompt.clusters[number])
    scope = scope_of(annotators=annotators, prompts=prompts, thresholds=thresholds)
    if not record.decisive:
        return ClusteredRate(
            *(record, None, None, None, None, annotators, prompts, scope, State.TOO_FEW, 0, None)
        )
    rate, share = float(estimates.rate[number]), float(estimates.earlier[number])
    designed = designs.get(scope, designs[Scope.ANNOTATORS_AND_PROMPTS])
    sides = sides_of(share, float(designed.orders[number]), float(estimates.trials[number]))
    plain = ClusteredRate(
        *(record, rate, None, None, None, annotators, prompts, scope, State.TOO_FEW, earlier, sides)
    )
    return plain if scope is Scope.NONE else _judged(plain, designed, number, thresholds)


def _judged(
    plain: ClusteredRate, designed: Design, number: int, thresholds: Thresholds
) -> ClusteredRate:
    """Add an interval and what follows from it; `plain` has a rate."""
    rate = plain.rate or 0.0
    votes = EffectiveVotes(
        clustered=float(designed.clustered[number]),
        independent=float(designed.independent[number]),
        degrees=float(designed.clusters[number]) - 1,
    )
    interval = clustered_interval(rate, votes, method=METHODS[plain.scope])
    return replace(
        plain,
        interval=interval,
        deff=float(designed.deff[number]),
        effective=float(designed.votes[number]),
        state=_state(plain, interval, thresholds),
        p=clustered_p(rate, votes),
    )


def _with_spread(rate: ClusteredRate, estimates: Estimates, number: int) -> ClusteredRate:
    if rate.rate is None or rate.interval is None:
        return rate
    clustered = estimates.clustered
    return replace(
        rate,
        layout=layout_of(clustered, number, rate.decisive),
        spread=spread_of(clustered, number, rate.rate),
    )


def _state(plain: ClusteredRate, interval: Interval, thresholds: Thresholds) -> State:
    """Return the state; a rate seen in one order may be position bias: never `established`."""
    if plain.decisive < thresholds.decisive:
        return State.TOO_FEW
    narrow = interval.half_width <= thresholds.half_width
    if narrow and plain.scope is Scope.ANNOTATORS_AND_PROMPTS and plain.sides is Sides.BOTH:
        return State.ESTABLISHED
    return State.PRELIMINARY
