"""Verdicts on single votes that hold whenever one looks."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, binom

from arena.statistics.sequential import (
    VOTE_PRIOR,
    Claim,
    Lead,
    confidence_sequence,
    log_e_of_votes,
    verdict_of_votes,
)
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, from_counts, pair_votes

counts = st.tuples(st.integers(0, 3000), st.integers(0, 3000))


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (1, 0), (13, 7), (60, 40)])
def test_the_evidence_is_the_likelihood_ratio_averaged_over_the_prior(
    wins: int, losses: int
) -> None:
    def integrand(rate: float) -> float:
        ratio = (2 * rate) ** wins * (2 * (1 - rate)) ** losses
        return float(beta.pdf(rate, VOTE_PRIOR, VOTE_PRIOR)) * ratio

    assert exp(float(log_e_of_votes(wins, losses))) == pytest.approx(quad(integrand, 0, 1)[0])


@pytest.mark.parametrize("votes", [1, 2, 50, 400])
def test_between_equal_models_the_expected_evidence_is_one(votes: int) -> None:
    wins = np.arange(votes + 1)
    evidence = np.exp(log_e_of_votes(wins, votes - wins))

    assert float(binom.pmf(wins, votes, 0.5) @ evidence) == pytest.approx(1)


@given(counts)
def test_the_interval_holds_the_share_and_mirrors(count: tuple[int, int]) -> None:
    wins, losses = count
    interval, other = confidence_sequence(wins, losses), confidence_sequence(losses, wins)

    assert 0 <= interval.low < interval.high <= 1
    assert interval.low == pytest.approx(1 - other.high)
    if wins + losses:
        assert interval.low <= wins / (wins + losses) <= interval.high


@given(counts, st.floats(0.001, 0.5))
def test_a_lead_is_settled_exactly_when_the_interval_leaves_out_one_half(
    count: tuple[int, int], alpha: float
) -> None:
    wins, losses = count
    interval = confidence_sequence(wins, losses, alpha=alpha)
    log_e = float(log_e_of_votes(wins, losses))
    if abs(log_e + log(alpha)) < 1e-6:
        return

    left_out = not interval.low <= 0.5 <= interval.high
    assert left_out == (log_e > -log(alpha))


@pytest.mark.parametrize(
    ("wins", "losses", "lead"),
    [(600, 400, Lead.AHEAD), (400, 600, Lead.BEHIND), (55, 45, Lead.OPEN), (0, 0, Lead.OPEN)],
)
def test_a_verdict_says_who_leads_and_for_whom_it_speaks(
    wins: int, losses: int, lead: Lead
) -> None:
    votes = pair_votes(from_counts(wins=wins, losses=losses, ties=5), Pair(A, B))

    verdict = verdict_of_votes(votes)

    assert (verdict.lead, verdict.units) == (lead, wins + losses)
    assert verdict.claim is Claim.THOSE_WHO_VOTED
    assert verdict.interval == confidence_sequence(wins, losses)


def test_without_votes_every_rate_is_possible() -> None:
    interval = confidence_sequence(0, 0)

    assert (interval.low, interval.high) == (0, 1)


@pytest.mark.parametrize("alpha", [0, 1, float("nan")])
def test_an_impossible_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must be"):
        confidence_sequence(3, 2, alpha=alpha)


def test_negative_votes_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        confidence_sequence(-1, 2)
