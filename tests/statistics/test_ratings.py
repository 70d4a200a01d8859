"""Ratings with intervals and rank ranges, or the reason why there are none."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.bradley_terry import PRIOR
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.connectivity import Standing
from arena.statistics.ranking import RankRange
from arena.statistics.ratings import METHODS, Rating, Ratings, rate_models
from arena.statistics.thresholds import Scope, Thresholds
from arena.statistics.tie_models import Ties
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import A, B, C, D, Rows, from_counts, llmfao, row_lists

EASY = Thresholds(decisive=1, clusters=2)
CIRCLE = ((A, B, 40, 20), (B, C, 40, 20), (C, A, 30, 25))


def _random() -> np.random.Generator:
    return np.random.default_rng(0)


def _rows(
    *results: tuple[ModelKey, ModelKey, int, int], annotators: int = 10, prompts: int = 12
) -> Rows:
    """Wins and losses of the first of each pair, dealt out to annotators and prompts."""
    random, rows = np.random.default_rng(7), []
    for model, opponent, wins, losses in results:
        for verdict in [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses:
            annotator, prompt = random.integers(annotators), random.integers(prompts)
            rows.append(Comparison(model, opponent, verdict, int(annotator), int(prompt)))
    return rows


def _by_model(ratings: Ratings) -> dict[ModelKey, Rating]:
    return {rating.model: rating for rating in ratings.ratings}


def _both(board: Comparisons) -> tuple[Ratings, ...]:
    """By either reading of ties."""
    return tuple(rate_models(board, random=_random(), ties=ties) for ties in Ties)


def test_ratings_of_real_votes_have_intervals_by_annotator_and_prompt() -> None:
    ratings = rate_models(llmfao(), random=_random())

    assert (ratings.scope, ratings.prior) == (Scope.ANNOTATORS_AND_PROMPTS, None)
    assert ratings.label == "for annotators and prompts like these"
    for rating in ratings.ratings:
        assert rating.standing is Standing.RATED
        assert rating.interval is not None
        assert rating.interval.low < rating.elo < rating.interval.high
        assert rating.interval.method == METHODS[Scope.ANNOTATORS_AND_PROMPTS]
        assert rating.rank is not None
        assert 1 <= rating.rank.best <= rating.rank.worst <= 59


def test_clusters_make_intervals_of_real_votes_wider_than_independent_votes_would() -> None:
    board = llmfao()
    alone = np.arange(len(board))
    clustered = rate_models(board, random=_random())
    naive = rate_models(replace(board, annotator=alone, prompt=alone), random=_random())

    wider = 0
    for one, other in zip(clustered.ratings, naive.ratings, strict=True):
        assert one.elo == other.elo
        assert one.interval is not None
        assert other.interval is not None
        wider += one.interval.high > other.interval.high
    assert wider > 0.9 * 59


@pytest.mark.parametrize("ties", Ties)
def test_clear_differences_give_clear_ranks(ties: Ties) -> None:
    campaign = Campaign(30, 60, annotator_sd=0.3, strengths=(1.5, 0, -1.5), tie_share=0.2)

    ratings = rate_models(campaign.board(_random()), random=_random(), ties=ties)

    assert ratings.ties is ties
    assert [r.rank for r in ratings.ratings] == [
        RankRange(1, 1),
        RankRange(2, 2),
        RankRange(3, 3),
    ]


def test_equal_models_share_their_ranks() -> None:
    campaign = Campaign(30, 60, annotator_sd=0.3, strengths=(0, 0, 0))

    ratings = rate_models(campaign.board(_random()), random=_random())

    assert {r.rank for r in ratings.ratings} == {RankRange(1, 3)}


def test_an_unbeaten_model_is_named_and_has_a_marked_rating_without_interval_or_rank() -> None:
    board = from_rows(_rows(*CIRCLE, (D, A, 90, 0), (D, B, 90, 0)))

    for ratings in _both(board):
        rating = _by_model(ratings)[D]
        assert rating.standing is Standing.UNBEATEN
        assert (rating.interval, rating.rank, rating.from_prior) == (None, None, True)
        assert ratings.prior == PRIOR
        assert np.isfinite(rating.elo)
        assert D not in ratings.differences.models
        assert _by_model(ratings)[A].standing is Standing.RATED
        assert not _by_model(ratings)[A].from_prior


def test_models_apart_from_the_others_are_named() -> None:
    elsewhere = ModelKey("elsewhere")
    board = from_rows(_rows(*CIRCLE, (D, elsewhere, 50, 40)))

    for ratings in _both(board):
        assert _by_model(ratings)[D].standing is Standing.DISCONNECTED
        assert _by_model(ratings)[elsewhere].interval is None
        assert ratings.prior == PRIOR


def test_a_model_with_few_votes_among_many_is_too_few() -> None:
    board = from_rows(_rows(*CIRCLE, (D, A, 10, 5)))

    for ratings in _both(board):
        rating = _by_model(ratings)[D]
        assert (rating.standing, rating.interval, rating.rank) == (Standing.TOO_FEW, None, None)
        assert (rating.from_prior, rating.decisive) == (False, 15)
        assert _by_model(ratings)[A].rank is not None


def test_a_model_that_only_tied_is_too_few_however_often() -> None:
    ties = [Comparison(D, A, Verdict.TIE, n % 10, n % 12) for n in range(200)]

    for ratings in _both(from_rows([*_rows(*CIRCLE), *ties])):
        assert _by_model(ratings)[D].standing is Standing.TOO_FEW


@pytest.mark.parametrize("ties", Ties)
def test_without_a_decisive_vote_nobody_has_an_interval(ties: Ties) -> None:
    board = from_rows(Comparison(A, B, Verdict.TIE, n % 10, n % 12) for n in range(500))

    ratings = rate_models(board, random=_random(), ties=ties)

    assert [(r.elo, r.standing) for r in ratings.ratings] == [(1000, Standing.TOO_FEW)] * 2


def test_one_annotator_on_one_prompt_gives_ratings_without_intervals() -> None:
    ratings = rate_models(from_counts(wins=300, losses=200), random=_random())

    assert (ratings.scope, ratings.label) == (Scope.NONE, None)
    assert {r.standing for r in ratings.ratings} == {Standing.TOO_FEW}


def test_few_annotators_are_taken_as_they_are() -> None:
    ratings = rate_models(from_rows(_rows(*CIRCLE, annotators=3)), random=_random())

    assert (ratings.scope, ratings.label) == (Scope.PROMPTS, "for these 3 annotators only")
    for rating in ratings.ratings:
        assert rating.interval is not None
        assert rating.interval.method == METHODS[Scope.PROMPTS]


def test_two_models_that_perfectly_agree_over_clusters_are_not_told_apart_for_that() -> None:
    rows = [
        Comparison(A, B, Verdict.A_BETTER if n < 10 * 4 else Verdict.B_BETTER, n % 10, n)
        for n in range(70)
    ]

    ratings = rate_models(from_rows(rows), random=_random())

    assert {r.rank for r in ratings.ratings} == {RankRange(1, 2)}


def test_no_votes_give_no_ratings() -> None:
    board = from_rows([])

    for ratings in _both(board):
        assert (ratings.ratings, ratings.prior) == ((), None)


@given(row_lists(models="abcd", max_size=60), st.sampled_from(Ties))
def test_whatever_the_votes_every_rating_is_finite_and_says_where_it_stands(
    rows: Rows, ties: Ties
) -> None:
    board = from_rows(rows)
    ratings = rate_models(board, random=_random(), ties=ties, thresholds=EASY)

    assert [rating.model for rating in ratings.ratings] == list(board.models)
    for rating in ratings.ratings:
        assert np.isfinite(rating.elo)
        assert (rating.interval is not None) == (rating.standing is Standing.RATED)
        assert (rating.rank is not None) == (rating.standing is Standing.RATED)
        if rating.interval is not None:
            assert rating.interval.low <= rating.elo <= rating.interval.high
    assert (ratings.prior is not None) == any(rating.from_prior for rating in ratings.ratings)


@given(row_lists(models="abc", max_size=60))
def test_renaming_models_renames_ratings(rows: Rows) -> None:
    name = {A: ModelKey("z"), B: ModelKey("k"), C: ModelKey("x")}
    renamed = [row._replace(model_a=name[row.model_a], model_b=name[row.model_b]) for row in rows]

    one = _by_model(rate_models(from_rows(rows), random=_random(), thresholds=EASY))
    other = _by_model(rate_models(from_rows(renamed), random=_random(), thresholds=EASY))

    if sum(not rating.from_prior for rating in one.values()) < 2:
        return
    for model, rating in one.items():
        same = other[name[model]]
        assert same.standing is rating.standing
        assert same.elo == pytest.approx(rating.elo, abs=1e-6)
        assert (same.decisive, same.annotators, same.prompts) == (
            rating.decisive,
            rating.annotators,
            rating.prompts,
        )
