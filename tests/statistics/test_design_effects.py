"""How many votes those behind a mean over opponents are worth, reckoned by hand."""

import pytest

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.design_effects import designs_of, mean_designs
from arena.statistics.rate_estimates import decisive_votes, model_estimates, pair_estimates
from arena.statistics.thresholds import Scope

A, B, C = map(ModelKey, "abc")


def test_an_opponent_that_always_lost_adds_the_variance_of_its_few_votes_to_the_mean() -> None:
    """a beats b in 12 of 20 votes and c in 4 of 4; every vote has its own person and prompt."""
    plan = [(B, Verdict.A_BETTER)] * 12 + [(B, Verdict.B_BETTER)] * 8 + [(C, Verdict.A_BETTER)] * 4
    rows = [Comparison(A, other, said, n, n) for n, (other, said) in enumerate(plan)]
    votes = decisive_votes(from_rows(rows))
    pooled, mean = model_estimates(votes)
    pairs = designs_of(pair_estimates(votes))
    scope = Scope.ANNOTATORS_AND_PROMPTS
    found = mean_designs(votes, mean, pooled, pairs)[scope]

    worth = pairs[scope].votes.reshape(3, 3)[0, 2]
    chance = 1 / (worth + 2)
    of_c = chance * (1 - chance) / worth
    naive, clustered = (0.6 * 0.4 / 19 + of_c) / 4, mean.clustered.combined[0] + of_c / 4
    assert mean.rate[0] == pytest.approx((0.6 + 1) / 2)
    assert found.independent[0] == pytest.approx(0.8 * 0.2 / naive)
    assert found.clustered[0] == pytest.approx(0.8 * 0.2 / clustered)
    assert found.votes[0] == pytest.approx(min(found.independent[0], found.clustered[0]))
    assert found.deff[0] == pytest.approx(24 / found.votes[0])
