"""How far a rate moved while votes were added to those that it was of."""

from dataclasses import dataclass
from math import sqrt

from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, scope_of

_PLUS = 2.0
"""Wins and losses that are added to both before the variance is taken (Agresti & Coull 1998): a
rate of 0 or 1 has none otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRate:
    """A win:loss rate without ties as it was published.

    `deff` is None without an interval; `annotators` and `prompts` are those of decisive votes.
    """

    wins: int
    losses: int
    deff: float | None
    annotators: int
    prompts: int

    @property
    def decisive(self) -> int:
        """Votes that name a winner."""
        return self.wins + self.losses

    @property
    def scope(self) -> Scope:
        """What its interval generalizes to."""
        return scope_of(
            annotators=self.annotators, prompts=self.prompts, thresholds=DEFAULT_THRESHOLDS
        )

    @property
    def clusters(self) -> int:
        """The number of clusters that its interval rests on."""
        both = self.scope is Scope.ANNOTATORS_AND_PROMPTS
        return min(self.annotators, self.prompts) if both else self.prompts


@dataclass(frozen=True, slots=True)
class ChangeBounds:
    """The 95 % interval of a change, from -1 to 1."""

    low: float
    high: float


def change_bounds(earlier: CountedRate, later: CountedRate) -> ChangeBounds | None:
    """Return how far a rate would move by chance, around how far it did.

    The votes of `earlier` must be among those of `later`. Then the covariance of both rates is the
    variance of the later one, as that of any efficient estimate (Hausman 1978), and the variance of
    the change is deff p (1 - p) (1/n - 1/m), with the larger design effect of the two: more votes
    by the same people have less to add than it says. None where a rate has too few votes for an
    interval, or where votes of the earlier one are gone, so that the counts cannot be nested.
    """
    few = earlier.decisive < DEFAULT_THRESHOLDS.decisive
    if few or earlier.deff is None or later.deff is None:
        return None
    nested = earlier.wins <= later.wins and earlier.losses <= later.losses
    if not nested or earlier.decisive == later.decisive:
        return None
    change = later.wins / later.decisive - earlier.wins / earlier.decisive
    share = (later.wins + _PLUS) / (later.decisive + 2 * _PLUS)
    added = 1 / earlier.decisive - 1 / later.decisive
    error = sqrt(max(earlier.deff, later.deff) * share * (1 - share) * added)
    half = t_quantile(earlier.clusters - 1) * error
    return ChangeBounds(max(-1.0, change - half), min(1.0, change + half))
