"""Shares by annotator, each of ballots, and whether chance explains how far one is off."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from scipy.special import bdtr, betaln

from arena.statistics.intervals import Interval, wilson


@dataclass(frozen=True, slots=True)
class BallotShare:
    """`hits` of `ballots`; a ballot on several pairs of models may be a hit in part."""

    hits: float = 0.0
    ballots: int = 0

    @classmethod
    def of(cls, parts: Iterable[float]) -> "BallotShare":
        """Return the share of ballots each of which is a hit to such a part, from 0 to 1."""
        found = tuple(parts)
        return cls(sum(found), len(found))

    def __add__(self, other: "BallotShare") -> "BallotShare":
        return BallotShare(self.hits + other.hits, self.ballots + other.ballots)

    def __sub__(self, other: "BallotShare") -> "BallotShare":
        return BallotShare(self.hits - other.hits, self.ballots - other.ballots)

    @property
    def share(self) -> float | None:
        """From 0 to 1; None without a ballot."""
        return min(1.0, max(0.0, self.hits / self.ballots)) if self.ballots else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval, with a ballot as one trial; None without a ballot."""
        if not self.ballots:
            return None
        return wilson(min(max(self.hits, 0.0), self.ballots), self.ballots)

    def is_below(self, others: "BallotShare", *, chance: float) -> bool:
        """Return whether so few hits would come by at most this chance at the rate of `others`.

        The tail of the beta-binomial distribution after the ballots of the others, from a uniform
        prior (Gelman et al. 2013, Bayesian Data Analysis, section 2.1): a binomial test at their
        share would take a rate known from two ballots for certain. Parts of hits are rounded up:
        ballots that are hits in part vary less.
        """
        if not self.ballots or not others.ballots:
            return False
        hits = np.arange(ceil(self.hits - 1e-9) + 1)
        left = self.ballots - hits
        least, most = others.hits + 1, others.ballots - others.hits + 1
        ways = -betaln(left + 1, hits + 1) - np.log(self.ballots + 1)
        logs = ways + betaln(hits + least, left + most) - betaln(least, most)
        return float(np.exp(logs).sum()) <= chance

    def is_off_half(self, *, chance: float) -> bool:
        """Return whether the share is as far from one half as comes by at most this chance."""
        one_tail = max(self.hits, self.ballots - self.hits)
        rest = self.ballots - floor(one_tail + 1e-9)
        return self.ballots > 0 and 2 * float(bdtr(rest, self.ballots, 0.5)) <= chance


def total(shares: Iterable[BallotShare]) -> BallotShare:
    """Add shares up."""
    return sum(shares, BallotShare())
