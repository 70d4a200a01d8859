"""How many votes a question needs, and how many more would settle one."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, sqrt
from statistics import NormalDist

from arena.statistics.win_rate import FEWEST_DECISIVE

POWER = 0.8
"""Chance that a difference as large as assumed is found."""

CONFIDENCE = 0.95
"""Two-sided."""

_ROUNDING = 1e-9
"""Keeps a whole number of votes from becoming one more by the last digit of a float."""


@dataclass(frozen=True, slots=True)
class VotesNeeded:
    """`independent` decisive votes would do if votes were independent; `decisive` allows for the
    design effect; `total` for ties as well."""

    independent: int
    decisive: int
    total: int


class Outlook(StrEnum):
    """What more votes can do for a pair."""

    TOLD_APART = "told apart"
    MORE_VOTES = "more votes"
    LEVEL = "level"
    ONE_ORDER = "one order"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class MoreVotes:
    """How many more decisive (and all) votes tell two models apart, if the rate stays as it is.

    Both are 0 if they are told apart already, and None if the votes are level (no number tells
    equal models apart), in one order of the two (no number tells a lean from a lead), or too few
    to say.
    """

    outlook: Outlook
    decisive: int | None
    total: int | None

    @property
    def about(self) -> int | None:
        """Decisive votes for a sentence: rounded up to two digits."""
        return None if self.decisive is None else _two_digits_up(self.decisive)


def decisive_votes_for_rate(
    rate: float, *, power: float = POWER, confidence: float = CONFIDENCE
) -> int:
    """Independent decisive votes that tell a true win rate from one half, looked at once.

    n = ((z_c/2 + z_p sqrt(p(1-p))) / (p - 1/2))^2, the one-sample test of a share. Source:
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
    section 2.5, without continuity correction. Raises ValueError for a rate of one half or
    outside (0, 1), and for a power below one half.
    """
    _open_share(rate, "the rate")
    return _decisive_votes(rate, power=power, confidence=confidence)


def _decisive_votes(rate: float, *, power: float, confidence: float) -> int:
    """The same, also for a rate of 0 or 1: its limit, at which there is no chance left to miss."""
    if rate == 0.5:
        raise ValueError("no number of votes tells a rate of one half from one half")
    if not 0.5 <= power < 1:
        raise ValueError(f"the power must be from 0.5 to below 1, got {power}")
    found = NormalDist().inv_cdf(power) * sqrt(rate * (1 - rate))
    return _whole(((_two_sided(confidence) / 2 + found) / (rate - 0.5)) ** 2)


def decisive_votes_for_half_width(
    half_width: float, *, rate: float = 0.5, confidence: float = CONFIDENCE
) -> int:
    """Independent decisive votes after which Wilson's interval is at most 2 x `half_width` wide.

    Solves z sqrt(pq/n + z^2/4n^2) / (1 + z^2/n) = w for n. Source: Wilson (1927), as in
    `intervals.wilson`. Raises ValueError for a half-width outside (0, 0.5) or a rate outside
    (0, 1).
    """
    _open_share(rate, "the rate")
    if not 0 < half_width < 0.5:
        raise ValueError(f"the half-width must be above 0 and below 0.5, got {half_width}")
    z2, w2 = _two_sided(confidence) ** 2, half_width**2
    half_linear = z2 * (w2 - rate * (1 - rate) / 2)
    constant = z2 * z2 * (w2 - 0.25)
    return _whole((sqrt(half_linear**2 - w2 * constant) - half_linear) / w2)


def votes_needed(
    independent: int, *, tie_rate: float = 0.0, design_effect: float = 1.0
) -> VotesNeeded:
    """Votes to collect: independent decisive ones x design effect / (1 - tie rate).

    Source of the design effect: Kish (1965), Survey Sampling, section 8.2. It holds for as many
    votes per annotator and prompt as where it was measured, and grows with them. Raises
    ValueError for a tie rate outside [0, 1) or a design effect below 1.
    """
    _check(tie_rate, design_effect)
    decisive = independent * design_effect
    return VotesNeeded(independent, _whole(decisive), _whole(decisive / (1 - tie_rate)))


def more_votes(
    wins: int,
    losses: int,
    *,
    tie_rate: float = 0.0,
    design_effect: float = 1.0,
    power: float = POWER,
) -> MoreVotes:
    """What is missing to tell two models apart, if the true rate is the one seen so far.

    That rate is itself uncertain and, where a pair was picked for its lead, too far from one
    half: the number is an order of magnitude. Raises ValueError for negative numbers and as
    `votes_needed` and `decisive_votes_for_rate` do.
    """
    _check(tie_rate, design_effect)
    if min(wins, losses) < 0:
        raise ValueError(f"numbers of votes cannot be negative: {wins} and {losses}")
    decisive = wins + losses
    if decisive < FEWEST_DECISIVE:
        return MoreVotes(Outlook.TOO_FEW, None, None)
    if wins != losses and abs(wins - losses) >= _two_sided(CONFIDENCE) * sqrt(
        decisive * design_effect
    ):
        return MoreVotes(Outlook.TOLD_APART, 0, 0)
    return missing_votes(wins, losses, tie_rate=tie_rate, design_effect=design_effect, power=power)


def missing_votes(
    wins: int,
    losses: int,
    *,
    tie_rate: float = 0.0,
    design_effect: float = 1.0,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> MoreVotes:
    """The same for models that are known not to be told apart; at least one vote is missing.

    Raises ValueError as `more_votes` does, and without a decisive vote.
    """
    _check(tie_rate, design_effect)
    if min(wins, losses) < 0 or wins == losses == 0:
        raise ValueError(f"nothing can be planned on {wins} and {losses} votes")
    if wins == losses:
        return MoreVotes(Outlook.LEVEL, None, None)
    decisive = wins + losses
    needed = _decisive_votes(wins / decisive, power=power, confidence=confidence) * design_effect
    missing = max(needed - decisive, 1.0)
    return MoreVotes(Outlook.MORE_VOTES, _whole(missing), _whole(missing / (1 - tie_rate)))


def _check(tie_rate: float, design_effect: float) -> None:
    if not 0 <= tie_rate < 1:
        raise ValueError(f"the tie rate must be from 0 to below 1, got {tie_rate}")
    if not design_effect >= 1:
        raise ValueError(f"the design effect must be 1 or more, got {design_effect}")


def _open_share(share: float, name: str) -> None:
    if not 0 < share < 1:
        raise ValueError(f"{name} must be above 0 and below 1, got {share}")


def _two_sided(confidence: float) -> float:
    """Normal quantile. Raises ValueError for a confidence outside (0, 1)."""
    _open_share(confidence, "the confidence")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _whole(votes: float) -> int:
    return ceil(votes * (1 - _ROUNDING))


def _two_digits_up(number: int) -> int:
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit
