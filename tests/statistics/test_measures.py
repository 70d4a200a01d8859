"""Pooled rate, mean over opponents and rating: in one order, or a sentence why not."""

from itertools import combinations

import numpy as np
import pytest

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.measures import Measures, measures_of
from arena.statistics.orders import places_of
from arena.statistics.ratings import rate_models
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import A, B, C, D, llmfao


def _measures(board: Comparisons) -> Measures:
    return measures_of(clustered_rates(board), rate_models(board, random=np.random.default_rng(0)))


def _met(first: ModelKey, second: ModelKey, *, won: int, votes: int) -> list[Comparison]:
    """`won` votes of the first, in both orders, each annotator on ten prompts."""
    rows = []
    for number in range(votes):
        wins, exchanged = (number * won) % votes < won, number % 2 == 1
        models = (second, first) if exchanged else (first, second)
        verdict = Verdict.A_BETTER if wins != exchanged else Verdict.B_BETTER
        rows.append(Comparison(*models, verdict, number % 10, number % 11))
    return rows


def test_a_model_that_met_the_weak_is_first_by_rate_and_not_by_rating() -> None:
    """B beats A; A met the weak D often, and B met C, who is as strong as itself."""
    board = from_rows(
        [
            *_met(A, B, won=40, votes=100),
            *_met(A, D, won=370, votes=400),
            *_met(B, C, won=200, votes=400),
            *_met(C, D, won=93, votes=100),
        ]
    )

    found = _measures(board)

    first = {model.model: model for model in found.models}
    assert first[A].places.pooled == 1
    assert first[A].places.rating != 1
    worst = found.reversals[0]
    assert worst.first.model == A
    assert worst.first.opponents_elo is not None
    assert worst.second.opponents_elo is not None
    assert worst.first.opponents_elo < worst.second.opponents_elo


@pytest.mark.parametrize("seed", range(5))
def test_where_all_met_equally_often_all_measures_agree(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [
        row
        for pair in combinations((A, B, C, D), 2)
        for row in _met(*pair, won=int(random.integers(20, 80)), votes=100)
    ]

    found = _measures(from_rows(rows))

    assert found.reversals == ()
    assert found.mean_reversals == 0
    assert all(len(set(model.places)) == 1 for model in found.models)


def test_reversals_are_those_found_one_by_one() -> None:
    found = _measures(llmfao())

    rated = [model for model in found.models if model.rating is not None]
    expected = {
        (one.model, other.model)
        for one in rated
        for other in rated
        if (one.pooled.rate or 0) > (other.pooled.rate or 0) + 1e-9
        if one.rating is not None and other.rating is not None
        if one.rating.elo < other.rating.elo - 1e-6
    }
    assert {(each.first.model, each.second.model) for each in found.reversals} == expected
    assert expected


def test_the_mean_rating_of_opponents_is_weighted_by_votes() -> None:
    board = Campaign(20, 60, strengths=(0.5, 0.0, -0.5)).board(np.random.default_rng(1))
    ratings = rate_models(board, random=np.random.default_rng(0))
    elo = {one.model: one.elo for one in ratings.ratings}

    found = _measures(board)

    decisive = board.decisive
    for number, model in enumerate(found.models):
        against = [
            *decisive.b[decisive.a == number].tolist(),
            *decisive.a[decisive.b == number].tolist(),
        ]
        expected = np.mean([elo[decisive.models[one]] for one in against])
        assert model.opponents_elo == pytest.approx(expected)


def test_too_few_votes_are_not_compared() -> None:
    assert _measures(from_rows(_met(A, B, won=5, votes=20))).models == ()


def test_equal_values_share_the_better_place() -> None:
    assert places_of({A: 0.5, B: 0.7, C: 0.5, D: 0.1}) == {B: 1, A: 2, C: 2, D: 4}
    assert places_of({}) == {}
