"""Rates as weighted means over votes, and their variances."""

import numpy as np
import pytest

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.rate_estimates import decisive_votes, model_estimates, pair_estimates
from tests.endurance.simulated_boards import Campaign

NEWCOMER = ModelKey("newcomer")
Results = list[tuple[int, int]]


def _against(results: Results) -> Comparisons:
    """Wins and losses of one model against as many opponents; all annotators are different."""
    verdicts = [
        (ModelKey(f"opponent-{number}"), verdict)
        for number, (wins, losses) in enumerate(results)
        for verdict in [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses
    ]
    return from_rows(
        Comparison(NEWCOMER, opponent, verdict, n, n)
        for n, (opponent, verdict) in enumerate(verdicts)
    )


def test_the_mean_over_opponents_has_the_unbiased_variance_of_each_rate() -> None:
    results = [(1, 1), (2, 1), (1, 3), (30, 10)] * 10
    board = _against(results)

    mean = model_estimates(decisive_votes(board))[1]

    rates = [(wins / (wins + losses), wins + losses) for wins, losses in results]
    expected = sum(p * (1 - p) / (n - 1) for p, n in rates) / len(results) ** 2
    newcomer = board.models.index(NEWCOMER)
    assert mean.independent[newcomer] == pytest.approx(expected)
    assert mean.clustered.variance[newcomer] == pytest.approx(expected, rel=0.03)


def test_the_mean_over_opponents_weighs_them_alike_however_many_votes_they_have() -> None:
    board = _against([(90, 10), (1, 3)])

    mean = model_estimates(decisive_votes(board))[1]

    newcomer = board.models.index(NEWCOMER)
    assert mean.rate[newcomer] == pytest.approx((0.9 + 0.25) / 2)
    assert mean.trials[newcomer] == pytest.approx(4 / (1 / 100 + 1 / 4))


def test_opponents_as_different_as_can_be_do_not_make_more_of_the_votes_than_there_are() -> None:
    rates = clustered_rates(_against([(95, 5), (5, 95)]))

    mean = rates.mean_over_opponents[NEWCOMER]
    assert mean.effective == mean.decisive == 200
    assert mean.deff == 1


def test_pairs_are_numbered_by_their_models_and_others_are_empty() -> None:
    board = Campaign(10, 20, strengths=(1, 0, -1)).board(np.random.default_rng(0))

    pairs = pair_estimates(decisive_votes(board))

    filled = np.flatnonzero(pairs.trials[np.isfinite(pairs.clustered.variance)])
    assert len(filled) == 3
    assert np.flatnonzero(np.isfinite(pairs.clustered.variance)).tolist() == [1, 2, 5]
