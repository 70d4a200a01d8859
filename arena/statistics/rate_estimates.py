"""Win:loss rates as weighted means over decisive votes, with their clustered variances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.statistics.clusters import (
    Floats,
    Grouping,
    TwoWay,
    stacked_two_way,
    two_way_groupings,
    two_ways,
)
from arena.statistics.comparisons import (
    Comparisons,
    Numbers,
    count_table,
    intersection,
    pair_numbers,
    repeated,
)
from arena.statistics.outcomes import DECISIVE, LOST, WON


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """m rates, each a weighted mean over votes of «it won»; columns of length m.

    `rate` is NaN without a decisive vote. `trials` is the number of votes with equal weights that
    says as much, 1/sum(weight^2). `independent` is the variance if votes were independent, and 0
    for a rate of 0 or 1, where the votes do not tell it. `earlier` is the share of the weight on
    votes with the model in the earlier slot, and `orders` the clustered variance of that share.
    """

    rate: Floats
    trials: Floats
    independent: Floats
    clustered: TwoWay
    earlier: Floats
    orders: TwoWay


def stacked(parts: Sequence[Estimates]) -> Estimates:
    """Concatenate the estimates of all parts."""
    return Estimates(
        rate=np.concatenate([part.rate for part in parts]),
        trials=np.concatenate([part.trials for part in parts]),
        independent=np.concatenate([part.independent for part in parts]),
        clustered=stacked_two_way([part.clustered for part in parts]),
        earlier=np.concatenate([part.earlier for part in parts]),
        orders=stacked_two_way([part.orders for part in parts]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class DecisiveVotes:
    """Decisive votes between K models: `wins[i, j]` of i over j and `votes[i, j]` of the pair.

    `earlier[i, j]` are those of the pair with i in the earlier slot. `crowded` are those whose
    annotator cast another one on the same prompt.
    """

    comparisons: Comparisons
    wins: Numbers
    votes: Numbers
    earlier: Numbers
    crowded: NDArray[np.bool_]

    @property
    def models(self) -> int:
        """K."""
        return len(self.comparisons.models)

    @property
    def rates(self) -> Floats:
        """wins / votes, NaN where a pair has no decisive vote."""
        return share(self.wins, self.votes)


def decisive_votes(comparisons: Comparisons) -> DecisiveVotes:
    """Select and count the decisive ones among the comparisons."""
    decisive = comparisons.decisive
    table = count_table(decisive)
    wins = table[..., WON].sum(axis=2) + table[..., LOST].sum(axis=2).T
    earlier = table[..., DECISIVE].sum(axis=2)
    return DecisiveVotes(decisive, wins, wins + wins.T, earlier, repeated(intersection(decisive)))


def share(part: Numbers | Floats, whole: Numbers | Floats) -> Floats:
    """Divide part by whole, NaN where the whole is zero."""
    shares = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def pair_estimates(votes: DecisiveVotes) -> Estimates:
    """Estimate W/(W+L) of every pair, at i*K+j for models i < j; other positions are empty."""
    rows, size = votes.comparisons, votes.models
    pair = pair_numbers(rows)
    earlier = rows.a < rows.b
    won = earlier == WON[rows.outcome]
    rate, trials = votes.rates.ravel(), votes.votes.ravel().astype(float)
    placed = share(votes.earlier.ravel(), trials)
    groups = two_way_groupings(
        rows, slice(None), pair, estimates=size * size, crowded=votes.crowded
    )
    residuals = (won - rate[pair], earlier - placed[pair])
    clustered, orders = two_ways(groups, weight=1 / trials[pair], residuals=residuals)
    return Estimates(rate, trials, _binomial_variance(rate, trials), clustered, placed, orders)


def _binomial_variance(rate: Floats, trials: Floats) -> Floats:
    return np.divide(rate * (1 - rate), trials, out=np.zeros_like(rate), where=trials > 0)


class ModelVotes(NamedTuple):
    """The decisive votes of one model, seen from its side; `earlier` where its slot was.

    `weight` is None where each vote counts once.
    """

    won: Floats
    earlier: Floats
    opponent: Numbers
    groups: tuple[Grouping, ...]
    weight: Floats | None


def votes_of_models(votes: DecisiveVotes) -> Iterator[ModelVotes]:
    """Yield the votes of one model after the other: all at once would take much memory."""
    rows = votes.comparisons
    if not len(rows):
        yield from (_model_votes(votes, model, rows.a) for model in range(votes.models))
        return
    both = np.concatenate((rows.a, rows.b))
    # Of small numbers the stable sort is a radix sort.
    order = np.argsort(both.astype(np.int16) if votes.models < 2**15 else both, kind="stable")
    ends = np.cumsum(np.bincount(both, minlength=votes.models))
    for model, places in enumerate(np.split(order, ends[:-1])):
        yield _model_votes(votes, model, np.sort(places % len(rows), kind="stable"))


def _model_votes(votes: DecisiveVotes, model: int, mine: Numbers) -> ModelVotes:
    rows = votes.comparisons
    earlier = rows.a[mine] == model
    won = earlier == WON[rows.outcome[mine]]
    return ModelVotes(
        won=won.astype(float),
        earlier=earlier.astype(float),
        opponent=np.where(earlier, rows.b[mine], rows.a[mine]),
        groups=tuple(
            two_way_groupings(rows, mine, np.zeros_like(mine), estimates=1, crowded=votes.crowded)
        ),
        weight=None if rows.weight is None else rows.weight[mine],
    )


def pooled_estimate(mine: ModelVotes) -> Estimates:
    """Estimate W/(W+L) of one model over all of its votes, each with its weight."""
    if mine.weight is not None and len(mine.won):
        return _reweighted_estimate(mine, mine.weight / mine.weight.sum())
    trials = np.array([float(len(mine.won))])
    rate = share(np.array([mine.won.sum()]), trials)
    placed = share(np.array([mine.earlier.sum()]), trials)
    clustered, orders = two_ways(
        mine.groups,
        weight=np.full(len(mine.won), 1 / max(len(mine.won), 1)),
        residuals=(mine.won - rate, mine.earlier - placed),
    )
    return Estimates(rate, trials, _binomial_variance(rate, trials), clustered, placed, orders)


def _reweighted_estimate(mine: ModelVotes, weight: Floats) -> Estimates:
    """Estimate the share of the weight on votes that were won; weights add up to 1.

    The variance of independent votes is the sum of (weight * residual)^2, from which the number of
    votes follows that says as much: what is likelier to be drawn may be what is surer to be won.
    Source: Hájek (1971), in Godambe & Sprott, Foundations of Statistical Inference, 236; Särndal,
    Swensson & Wretman (1992), Model Assisted Survey Sampling, 5.7, for the linearized variance.
    """
    rate, placed = float(weight @ mine.won), float(weight @ mine.earlier)
    independent = float(((weight * (mine.won - rate)) ** 2).sum())
    inside = 0 < mine.won.sum() < len(mine.won)
    trials = rate * (1 - rate) / independent if inside else 1 / float((weight**2).sum())
    clustered, orders = two_ways(
        mine.groups, weight=weight, residuals=(mine.won - rate, mine.earlier - placed)
    )
    return Estimates(
        rate=np.array([rate]),
        trials=np.array([trials]),
        independent=np.array([independent if inside else 0.0]),
        clustered=clustered,
        earlier=np.array([placed]),
        orders=orders,
    )


def mean_estimate(votes: DecisiveVotes, model: int, mine: ModelVotes) -> Estimates:
    """Estimate the plain mean of one model's rates against its opponents.

    The weight of a vote is 1/(opponents * votes against this one); residuals are taken from the
    rate against this opponent, times sqrt(N/(N-1)) for the one parameter that N votes spent on
    it. Opponents against which all votes went one way have no residuals: their part of the
    variance is for the caller to add.
    """
    met = votes.votes[model]
    opponents = int((met > 0).sum())
    rates = votes.rates[model]
    correction = np.sqrt(met / np.maximum(met - 1, 1))[mine.opponent]
    weight = 1 / (max(opponents, 1) * met[mine.opponent])
    placed = float((weight * mine.earlier).sum()) if opponents else np.nan
    clustered, orders = two_ways(
        mine.groups,
        weight=weight,
        residuals=((mine.won - rates[mine.opponent]) * correction, mine.earlier - placed),
    )
    known = (met > 1) & (rates > 0) & (rates < 1)
    variances = rates[known] * (1 - rates[known]) / (met[known] - 1)
    return Estimates(
        rate=np.array([rates[met > 0].mean() if opponents else np.nan]),
        trials=np.array([opponents**2 / (1 / met[met > 0]).sum() if opponents else 0.0]),
        independent=np.array([variances.sum() / max(opponents, 1) ** 2]),
        clustered=clustered,
        earlier=np.array([placed]),
        orders=orders,
    )


def model_estimates(votes: DecisiveVotes) -> tuple[Estimates, Estimates]:
    """Estimate pooled rates and means over opponents of all K models."""
    pooled, means = [], []
    for model, mine in enumerate(votes_of_models(votes)):
        pooled.append(pooled_estimate(mine))
        means.append(mean_estimate(votes, model, mine))
    return stacked(pooled), stacked(means)


def pooled_estimates(votes: DecisiveVotes) -> Estimates:
    """Estimate the pooled rates of all K models only, K at least 1."""
    return stacked([pooled_estimate(mine) for mine in votes_of_models(votes)])
