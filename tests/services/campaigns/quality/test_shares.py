"""Whether chance explains how far a share is off: exact tails, and campaigns of dice."""

import numpy as np
import pytest
from scipy.stats import betabinom

from arena.services.campaigns.quality.shares import BallotShare, total
from arena.services.campaigns.quality.signs import CHANCE


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (BallotShare(0, 1), BallotShare(1, 1)),
        (BallotShare(4, 5), BallotShare(5, 5)),
        (BallotShare(0, 2), BallotShare(3, 3)),
        (BallotShare(0, 0), BallotShare(50, 50)),
        (BallotShare(0, 9), BallotShare(0, 0)),
    ],
)
def test_a_handful_of_ballots_tells_nobody_apart(own: BallotShare, others: BallotShare) -> None:
    assert not own.is_below(others, chance=CHANCE / 2)


def test_many_ballots_do() -> None:
    assert BallotShare(1, 8).is_below(BallotShare(38, 40), chance=CHANCE / 6)
    assert not BallotShare(7, 8).is_below(BallotShare(38, 40), chance=CHANCE / 6)


@pytest.mark.parametrize("hits", [0, 3, 7, 12])
@pytest.mark.parametrize(
    "others", [BallotShare(6, 7), BallotShare(31.5, 60), BallotShare(400, 500)]
)
def test_the_tail_is_that_of_the_beta_binomial_distribution(hits: int, others: BallotShare) -> None:
    tail = betabinom.cdf(hits, 12, others.hits + 1, others.ballots - others.hits + 1)
    own = BallotShare(hits, 12)
    assert own.is_below(others, chance=tail + 1e-9)
    assert not own.is_below(others, chance=tail - 1e-9)


@pytest.mark.parametrize("ballots", [1, 2, 5, 20])
@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_among_annotators_who_are_alike_few_campaigns_name_anybody(
    ballots: int, rate: float
) -> None:
    random, people, campaigns = np.random.default_rng(7), 6, 500
    named = 0
    for drawn in random.binomial(ballots, rate, (campaigns, people)):
        shares = [BallotShare(float(hits), ballots) for hits in drawn]
        everybody = total(shares)
        chance = CHANCE / people
        named += any(one.is_below(everybody - one, chance=chance) for one in shares)
    assert named / campaigns <= CHANCE + 0.02
