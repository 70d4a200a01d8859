"""Position bias: in all, by annotator, and between equally strong models."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clustered_share import ClusteredShare, clustered_share
from arena.statistics.comparisons import Comparisons
from arena.statistics.intervals import NORMAL_95, Interval, wilson
from arena.statistics.outcomes import DECISIVE, WON
from arena.statistics.position_logit import NoFit, PositionFit, fit_position
from arena.statistics.thresholds import DEFAULT_THRESHOLDS
from arena.statistics.win_rate import SideShare

NAIVE = "logit, naive"
CLUSTERED = "logit, clustered by annotator"


@dataclass(frozen=True, slots=True)
class AnnotatorSide:
    """Side share of one annotator, by the number that it has in the comparisons."""

    annotator: int
    side: SideShare


@dataclass(frozen=True, slots=True)
class AdjustedSide:
    """Share of the earlier slot between equally strong models, from 0 to 1.

    `votes` are the decisive ones that the fit rests on. Exactly one of `share` and `reason` is
    None; the interval's method says whether it allows for annotators.
    """

    share: float | None
    interval: Interval | None
    votes: int
    reason: NoFit | None


def side_bias(comparisons: Comparisons) -> ClusteredShare:
    """Compute the observed share of the earlier slot among decisive comparisons."""
    decisive = DECISIVE[comparisons.outcome]
    hits = WON[comparisons.outcome[decisive]].astype(np.float64)
    return clustered_share(
        hits,
        np.ones(len(hits)),
        annotator=comparisons.annotator[decisive],
        prompt=comparisons.prompt[decisive],
    )


def side_bias_by_annotator(comparisons: Comparisons) -> tuple[AnnotatorSide, ...]:
    """Compute the side share of every annotator, with the naive interval."""
    wins = _by_annotator(comparisons, WON[comparisons.outcome])
    decisive = _by_annotator(comparisons, DECISIVE[comparisons.outcome])
    return tuple(
        AnnotatorSide(number, _side(*counts))
        for number, counts in enumerate(zip(wins, decisive, strict=True))
    )


def adjusted_side_bias(comparisons: Comparisons) -> AdjustedSide:
    """Estimate the share that the earlier slot would win if models were equally strong.

    The 95 % interval is of the logit, carried over: sandwich over annotators with quantile
    t(G-1) from `Thresholds.clusters` annotators on, else as if votes were independent, and
    labelled naive. Clusters never make it narrower.
    """
    fit = fit_position(comparisons)
    if isinstance(fit, NoFit):
        return AdjustedSide(None, None, 0, fit)
    return AdjustedSide(float(expit(fit.position)), _interval(fit), fit.votes, None)


def _interval(fit: PositionFit) -> Interval:
    half, method = NORMAL_95 * fit.error, NAIVE
    if fit.clustered_error is not None and fit.annotators >= DEFAULT_THRESHOLDS.clusters:
        half, method = (
            t_quantile(fit.annotators - 1) * max(fit.clustered_error, fit.error),
            CLUSTERED,
        )
    return Interval(float(expit(fit.position - half)), float(expit(fit.position + half)), method)


def _by_annotator(comparisons: Comparisons, kept: NDArray[np.bool_]) -> list[int]:
    annotators = int(comparisons.annotator.max(initial=-1)) + 1
    counts: list[int] = np.bincount(comparisons.annotator[kept], minlength=annotators).tolist()
    return counts


def _side(earlier: int, decisive: int) -> SideShare:
    if not decisive:
        return SideShare(None, None, 0)
    return SideShare(earlier / decisive, wilson(earlier, decisive), decisive)
