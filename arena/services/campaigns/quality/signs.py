"""Signs that an annotator's ballots are worth a look. None of them is a verdict on a person."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from arena.services.campaigns.quality.shares import BallotShare, total

CHANCE = 0.05
"""Of campaigns whose annotators are alike, each sign names anybody in at most about so many."""

FAST_SHARE = 0.2
"""From this share of implausibly fast ballots on they are a sign, and from `FEWEST_FAST` on."""

FEWEST_FAST = 5


class Sign(StrEnum):
    """Why somebody's ballots are worth a look."""

    FAILS_CHECKS = "fails_checks"
    CHANGES_MIND = "changes_mind"
    DISAGREES = "disagrees"
    PREFERS_A_SIDE = "prefers_a_side"
    TOO_FAST = "too_fast"


class Measured(Protocol):
    """What is known of one annotator."""

    @property
    def checks(self) -> BallotShare:
        """Check items judged right."""

    @property
    def repeats(self) -> BallotShare:
        """Repeats that agree with the first ballot."""

    @property
    def others(self) -> BallotShare:
        """Ballots that agree with those of others."""

    @property
    def first_side(self) -> BallotShare:
        """Preferences for the earlier side."""

    @property
    def fast(self) -> BallotShare:
        """Ballots that were implausibly fast."""


def signs_of(one: Measured, everybody: Sequence[Measured]) -> tuple[Sign, ...]:
    """Return what sets one annotator apart from all others.

    Shares are compared with those of all others together, the side with one half, at `CHANCE`
    divided by the number of annotators (Bonferroni).
    """
    return tuple(_signs(one, everybody))


def _signs(one: Measured, everybody: Sequence[Measured]) -> Iterator[Sign]:
    chance = CHANCE / max(len(everybody), 1)
    compared = (
        (Sign.FAILS_CHECKS, one.checks, total(each.checks for each in everybody)),
        (Sign.CHANGES_MIND, one.repeats, total(each.repeats for each in everybody)),
        (Sign.DISAGREES, one.others, total(each.others for each in everybody)),
    )
    for sign, own, all_of_them in compared:
        if own.is_below(all_of_them - own, chance=chance):
            yield sign
    if one.first_side.is_off_half(chance=chance):
        yield Sign.PREFERS_A_SIDE
    fast = one.fast.share
    if fast is not None and one.fast.hits >= FEWEST_FAST and fast >= FAST_SHARE:
        yield Sign.TOO_FAST
