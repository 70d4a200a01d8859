"""Intervals of shares whose votes have annotators and prompts in common."""

from dataclasses import dataclass
from math import inf

from scipy import special

from arena.statistics.holm import p_of_rate
from arena.statistics.intervals import NORMAL_95, Interval, wilson


@dataclass(frozen=True, slots=True)
class EffectiveVotes:
    """How many independent votes say as much as those behind a share.

    `clustered` is the number by how much clusters differ, p(1-p)/V, an estimate with `degrees` of
    freedom; chance may put it above `independent`, the number if votes had no cluster in common.
    """

    clustered: float
    independent: float
    degrees: float


def t_quantile(degrees: float) -> float:
    """Return the 97.5 % quantile of Student's t, with at least one degree of freedom."""
    return float(special.stdtrit(max(degrees, 1.0), 0.975))


def clustered_interval(share: float, votes: EffectiveVotes, *, method: str) -> Interval:
    """Return Wilson's interval with Student's t, never narrower than that of independent votes.

    The clustered number counts (z/t)^2 times: Wilson's interval with z is then the one with t.
    The independent number takes z, as the variance of independent votes is no estimate. Source:
    Korn & Graubard (1998), Survey Methodology 24, 193-201; capped after the adjustment for the
    degrees of freedom, as by Parker et al. (2017), Vital and Health Statistics 2(175).
    """
    adjusted = votes.clustered * (NORMAL_95 / t_quantile(votes.degrees)) ** 2
    number = min(votes.independent, adjusted)
    return wilson(share * number, number, method=method)


def clustered_p(rate: float, votes: EffectiveVotes) -> float:
    """Return the p-value of one half, below 0.05 just where the interval leaves one half out."""
    by_clusters = p_of_rate(rate, votes.clustered, votes.degrees)
    return max(by_clusters, p_of_rate(rate, votes.independent, inf))
