"""Anytime-valid verdicts between two models: they hold under optional stopping.

A test of fixed size that is looked at after every vote declares a winner between equal models in
a third of campaigns or more. Here a player bets against «the two are equal» at fair odds: only
chance makes that player rich, and with probability at most alpha ever 1/alpha times as rich.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log, log1p
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betaln

from arena.statistics.intervals import Interval
from arena.statistics.pair_votes import PairVotes

ALPHA = 0.05
"""False positive rate at any stopping time between equal models, 2.5 % for each wrong winner.

It holds for one pair and one claim, not for all on a page."""

VOTE_PRIOR = 10.0
"""a of the Beta(a, a) over win rates that bets on single votes are spread over: rates of .5 +- .11
(one standard deviation), the differences that campaigns are about."""

MIXTURE = "beta-binomial mixture, at any stopping time"

Reals = NDArray[np.float64]


class Claim(StrEnum):
    """The population that a verdict generalizes to.

    What it calls «these» is held fixed: two models that are equal among all annotators and prompts
    may well differ for these.
    """

    THOSE_WHO_VOTED = "these annotators on these prompts"
    LIKE_THESE_ANNOTATORS = "annotators like these on these prompts"
    LIKE_THESE_PROMPTS = "these annotators on prompts like these"
    LIKE_BOTH = "annotators and prompts like these"


class Lead(StrEnum):
    """What is settled."""

    AHEAD = "ahead"
    BEHIND = "behind"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class SequentialVerdict:
    """How `pair.model` stands to `pair.opponent`, and for whom.

    `log_e` is the natural logarithm of the evidence against equality (the player's wealth);
    `units` are the decisive votes or the finished blocks behind it; `interval` of the win rate
    is given with single votes alone.
    """

    lead: Lead
    claim: Claim
    log_e: float
    units: int
    interval: Interval | None

    @property
    def mirrored(self) -> "SequentialVerdict":
        """The same from the opponent's side."""
        interval = None if self.interval is None else self.interval.mirrored
        return replace(self, lead=_MIRRORED[self.lead], interval=interval)


_MIRRORED = {Lead.AHEAD: Lead.BEHIND, Lead.BEHIND: Lead.AHEAD, Lead.OPEN: Lead.OPEN}


def log_e_of_votes(wins: ArrayLike, losses: ArrayLike) -> Reals:
    """Return log of B(a+W, a+L) / (B(a, a) 2^-n), the e-value of W and L against one half.

    Arrays give the evidence along a path. Source: Robbins (1970), Ann. Math. Stat. 41,
    1397-1409; Howard, Ramdas, McAuliffe and Sekhon (2021), Ann. Stat. 49, 1055-1080.
    """
    wins, losses = np.asarray(wins, dtype=float), np.asarray(losses, dtype=float)
    log_e: Reals = _log_mixture(wins, losses) + (wins + losses) * log(2)
    return log_e


def _log_mixture(wins: ArrayLike, losses: ArrayLike) -> Any:
    """Return log of the chance of a sequence of votes, averaged over the prior of the rate."""
    a = VOTE_PRIOR
    return betaln(np.add(a, wins), np.add(a, losses)) - betaln(a, a)


def confidence_sequence(wins: int, losses: int, *, alpha: float = ALPHA) -> Interval:
    """Return the rates that the e-process has not rejected: a confidence sequence at 1 - alpha.

    What it covers is the mean, over the votes cast so far, of the chance that each went to the
    model: also when annotators and prompts differ, as log is concave (docs/statistics-quality.md).
    Raises ValueError for negative numbers or an alpha outside (0, 1).
    """
    check_alpha(alpha)
    if min(wins, losses) < 0:
        raise ValueError(f"numbers of votes cannot be negative: {wins} and {losses}")
    if wins + losses == 0:
        return Interval(0.0, 1.0, MIXTURE)
    return Interval(_bound(wins, losses, alpha), 1 - _bound(losses, wins, alpha), MIXTURE)


def _bound(wins: int, losses: int, alpha: float) -> float:
    """Find the lower bound; the evidence against a rate falls up to W/n and rises after it."""
    if wins == 0:
        return 0.0
    mixture = float(_log_mixture(wins, losses))

    def excess(rate: float) -> float:
        return mixture - wins * log(rate) - losses * log1p(-rate) + log(alpha)

    top = wins / (wins + losses) if losses else 1 - np.finfo(float).epsneg
    return float(brentq(excess, np.finfo(float).tiny, top, xtol=1e-12))


def verdict_of_votes(votes: PairVotes, *, alpha: float = ALPHA) -> SequentialVerdict:
    """Return the anytime-valid verdict of single votes, for these annotators and prompts only.

    It does not generalize: annotators differ, and with ten annotators and 50 votes each it finds a
    winner between models that are equal in the population in a quarter of campaigns, rightly for
    these ten.
    """
    wins, losses = votes.wins, votes.losses
    interval = confidence_sequence(wins, losses, alpha=alpha)
    log_e = float(log_e_of_votes(wins, losses))
    lead = lead_of(log_e, wins - losses, alpha)
    return SequentialVerdict(lead, Claim.THOSE_WHO_VOTED, log_e, wins + losses, interval)


def lead_of(log_e: float, direction: float, alpha: float) -> Lead:
    """Return who leads by evidence of that size; the sign of `direction` says which of the two."""
    if log_e < -log(alpha):
        return Lead.OPEN
    return Lead.AHEAD if direction > 0 else Lead.BEHIND


def check_alpha(alpha: float) -> None:
    """Raise ValueError for an alpha outside (0, 1)."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be above 0 and below 1, got {alpha}")
