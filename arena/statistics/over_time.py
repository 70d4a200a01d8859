"""Change over time: win rates by week, and whether a model became better or worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, stdtr

from arena.domain.conversation import ModelKey
from arena.statistics.bradley_terry import ELO, fit
from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.clusters import Floats, Grouping, grouping, two_way
from arena.statistics.comparisons import Comparisons, crossed, sided_counts
from arena.statistics.design_effects import variance
from arena.statistics.holm import LEVEL, holm
from arena.statistics.outcomes import DECISIVE
from arena.statistics.pair_logit import PairLogit, fit_pairs
from arena.statistics.pair_logit_errors import vote_clusters
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, Thresholds

WEEK = 7
FOUR_WEEKS = 28.0
_MONDAY = 4
"""Days from 1970-01-01, a Thursday, to the first Monday."""


class Week(NamedTuple):
    """Pooled rates of a week by model; `monday` is its first day, in days since 1970-01-01."""

    monday: int
    rates: Mapping[ModelKey, ClusteredRate]


class DriftBounds(NamedTuple):
    """A 95 % interval in Elo points."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drift:
    """By how many Elo points a model's strength changed in 28 days, against all others together.

    `p` is the p-value of no change, adjusted for all models of the board (Holm). Both are None with
    too few annotators or prompts, or decisive votes.
    """

    model: ModelKey
    change: float
    bounds: DriftBounds | None
    p: float | None

    @property
    def is_significant(self) -> bool:
        """Whether it changed, when all models are looked at together."""
        return self.p is not None and self.p < LEVEL


@dataclass(frozen=True, slots=True)
class OverTime:
    """Weeks with votes, oldest first, and the drift of every model that has a rating."""

    weeks: tuple[Week, ...]
    drifts: tuple[Drift, ...]


def over_time(
    comparisons: Comparisons, days: Floats, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> OverTime:
    """Compute rates by week, and drifts; `days` are those of the votes since 1970-01-01, UTC."""
    return OverTime(_weeks(comparisons, days), _drifts(comparisons, days, thresholds))


def _weeks(comparisons: Comparisons, days: Floats) -> tuple[Week, ...]:
    week = np.floor((days - _MONDAY) / WEEK).astype(np.int64)
    return tuple(
        Week(number * WEEK + _MONDAY, pooled_rates(comparisons.where(week == number)))
        for number in np.unique(week).tolist()
    )


def _drifts(comparisons: Comparisons, days: Floats, thresholds: Thresholds) -> tuple[Drift, ...]:
    """Fit a slope over time for each model in one step of Newton's method from none.

    In the logit of decisive votes on strengths, the model's strength gets a slope on time; the
    others' stay. From no slope, one step is U / I with U the score of the slope and I its
    information after the strengths: Rao (1948), Proc. Cambridge Phil. Soc. 44, 50-57; its error is
    the clustered one of U. It is exact in the limit of small drifts.
    """
    decisive = DECISIVE[comparisons.outcome]
    votes, days = comparisons.where(decisive), days[decisive]
    rated = fit(sided_counts(votes)).rated
    if len(rated) < 2:
        return ()
    inside = np.isin(votes.a, rated) & np.isin(votes.b, rated)
    votes, days = votes.where(inside).among(rated), days[inside]
    if np.ptp(days) < 1:
        return ()
    found = _Slopes(votes, days, fit_pairs(votes, np.zeros((len(votes), 0))))
    clusters = vote_clusters(votes, thresholds)
    groups = found.groups
    slopes = [found.of(model, groups, clusters.scope) for model in range(len(votes.models))]
    number = np.bincount(np.concatenate((votes.a, votes.b)))
    degrees = [
        float(effective) - 1
        if clusters.scope is not Scope.NONE and met >= thresholds.decisive
        else None
        for effective, met in zip(clusters.of_models, number, strict=True)
    ]
    return _adjusted(votes.models, slopes, degrees)


class _Slope(NamedTuple):
    """A slope in log-odds a day and its standard error; zeros where time tells nothing."""

    slope: float
    error: float


class _Slopes(NamedTuple):
    """Decisive votes, when they were cast, and the fit of their strengths."""

    votes: Comparisons
    days: Floats
    fitted: PairLogit

    @property
    def groups(self) -> tuple[Grouping, ...]:
        """The votes by annotator, by prompt and by both."""
        annotator, prompt = self.votes.annotator, self.votes.prompt
        whole = np.zeros(len(self.votes), np.int64)
        columns = (annotator, prompt, crossed(annotator, prompt))
        return tuple(grouping(whole, column, estimates=1) for column in columns)

    def of(self, model: int, groups: Sequence[Grouping], scope: Scope) -> _Slope:
        """Return the slope of a model."""
        earlier, later = self.votes.a == model, self.votes.b == model
        sign = earlier.astype(float) - later
        mine = earlier | later
        time = sign * (self.days - float(self.days[mine].mean()))
        chance = expit(self.fitted.design @ self.fitted.strengths)
        spread = chance * (1 - chance)
        explained = self.fitted.bread @ (self.fitted.design.T @ (spread * time))
        left = time - self.fitted.design @ explained
        information = float((spread * left**2).sum())
        if information <= 0:
            return _Slope(0.0, 0.0)
        score = left * self.fitted.residual / information
        independent = float((score**2).sum())
        votes = len(score)
        ways = two_way(groups, weight=np.full(votes, 1 / votes), residual=score * votes)
        clustered = independent if scope is Scope.NONE else float(variance(ways, scope)[0])
        return _Slope(float(score.sum()), float(np.sqrt(max(clustered, independent))))


def _adjusted(
    models: Sequence[ModelKey], slopes: Sequence[_Slope], degrees: Sequence[float | None]
) -> tuple[Drift, ...]:
    known = [
        number
        for number, free in enumerate(degrees)
        if free is not None and slopes[number].error > 0
    ]
    tests = [
        2
        * float(
            stdtr(
                max(degrees[number] or 0.0, 1.0), -abs(slopes[number].slope) / slopes[number].error
            )
        )
        for number in known
    ]
    adjusted = {number: found.p for number, found in zip(known, holm(tests), strict=True)}
    drifts = []
    for number, (slope, error) in enumerate(slopes):
        change, bounds = ELO * FOUR_WEEKS * slope, None
        if number in adjusted:
            half = ELO * FOUR_WEEKS * t_quantile(degrees[number] or 0.0) * error
            bounds = DriftBounds(change - half, change + half)
        drifts.append(Drift(models[number], change, bounds, adjusted.get(number)))
    return tuple(drifts)
