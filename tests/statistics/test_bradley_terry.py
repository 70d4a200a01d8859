"""Strengths of models from numbers of wins, losses and ties."""

import choix
import evalica
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from arena.domain.verdict import Result, Verdict
from arena.statistics.bradley_terry import ELO, Fit, fit
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, from_rows, sided_counts
from arena.statistics.connectivity import Standing
from arena.statistics.tie_models import Ties, results_of
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import Rows, llmfao, mirrored, row_lists

WINNERS = {
    Verdict.A_BETTER.number: evalica.Winner.X,
    Verdict.B_BETTER.number: evalica.Winner.Y,
    Verdict.TIE.number: evalica.Winner.Draw,
}


def _sided(wins: Floats | list[list[int]], ties: Floats | list[list[int]] | None = None) -> Numbers:
    won = np.array(wins, dtype=np.int64)
    tied = np.zeros_like(won) if ties is None else np.array(ties, dtype=np.int64)
    return np.stack([won, won.T, tied, np.zeros_like(won)], axis=-1)


def _same(one: Fit, other: Fit) -> bool:
    return one.standings == other.standings and bool(np.allclose(one.elo, other.elo, atol=1e-6))


def test_ratings_of_real_votes_equal_those_of_evalica() -> None:
    votes = llmfao()
    theirs = evalica.bradley_terry(
        [votes.models[a] for a in votes.a],
        [votes.models[b] for b in votes.b],
        [WINNERS[outcome] for outcome in votes.outcome],
        tolerance=1e-13,
        limit=100_000,
    )
    expected = ELO * np.log(theirs.scores)

    elo = fit(sided_counts(votes)).elo

    assert len(elo) == 59
    ours = {model: elo[number] for number, model in enumerate(votes.models)}
    for model, rating in (expected - expected.mean() + 1000).items():
        assert ours[model] == pytest.approx(rating, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_ratings_without_ties_equal_those_of_choix(seed: int) -> None:
    campaign = Campaign(10, 60, strengths=(0.8, 0.3, 0.0, -0.6))
    sided = sided_counts(campaign.board(np.random.default_rng(seed)))
    beaten = [(i, j) for i, j in np.ndindex(4, 4) for _ in range(int(sided[i, j, Result.WIN]))]

    theirs = choix.opt_pairwise(4, beaten, method="BFGS", tol=1e-9)

    assert fit(sided).elo == pytest.approx(1000 + ELO * (theirs - theirs.mean()), abs=0.01)


def test_davidson_strengths_are_where_a_general_optimizer_finds_them() -> None:
    campaign = Campaign(20, 50, strengths=(0.8, 0.0, -0.5), tie_share=0.3)
    sided = sided_counts(campaign.board(np.random.default_rng(1)))
    results = results_of(sided)

    def loss(point: Floats) -> float:
        strengths = np.append(point[:2], -point[:2].sum())
        half = (strengths[:, None] - strengths[None, :]) / 2
        total = np.log(np.exp(half) + np.exp(-half) + np.exp(point[2]))
        likelihood = (results.wins * (half - total)).sum()
        return -float(likelihood + (results.ties * (point[2] - total)).sum() / 2)

    found = optimize.minimize(loss, np.zeros(3), method="Nelder-Mead", tol=1e-10)

    ours = fit(sided, Ties.DAVIDSON)
    assert ours.strengths[:2] == pytest.approx(found.x[:2], abs=1e-5)
    assert ours.tie_parameter == pytest.approx(np.exp(found.x[2]), abs=1e-5)


def test_davidson_of_two_models_is_the_odds_of_wins_to_losses() -> None:
    ours = fit(_sided([[0, 60], [20, 0]], [[0, 40], [40, 0]]), Ties.DAVIDSON)

    assert ours.strengths[0] - ours.strengths[1] == pytest.approx(np.log(3))
    assert ours.tie_parameter == pytest.approx(40 / np.sqrt(60 * 20))


@pytest.mark.parametrize(
    ("wins", "ties"),
    [([[0, 60], [20, 0]], [[0, 0], [0, 0]]), ([[0, 60], [0, 0]], [[0, 9], [9, 0]])],
)
def test_without_ties_or_a_circle_of_wins_davidson_is_the_plain_model(
    wins: list[list[int]], ties: list[list[int]]
) -> None:
    chosen, plain = (fit(_sided(wins, ties), kind) for kind in (Ties.DAVIDSON, Ties.HALF_WIN))

    assert chosen.tie_parameter is None
    assert chosen.elo.tolist() == plain.elo.tolist()


def test_four_hundred_points_are_odds_of_ten_to_one() -> None:
    elo = fit(_sided([[0, 1000], [100, 0]])).elo

    assert elo[0] - elo[1] == pytest.approx(400)
    assert elo.mean() == pytest.approx(1000)


@given(row_lists(models="abcd"), st.sampled_from(Ties))
def test_exchanging_sides_changes_nothing(rows: Rows, ties: Ties) -> None:
    one, other = (sided_counts(from_rows(each)) for each in (rows, mirrored(rows)))

    assert fit(one, ties).elo.tolist() == fit(other, ties).elo.tolist()


@given(row_lists(models="abcd", max_size=120), st.sampled_from(Ties))
def test_turning_all_verdicts_round_turns_the_ratings_round(rows: Rows, ties: Ties) -> None:
    sided = sided_counts(from_rows(rows))
    one, other = fit(sided, ties), fit(sided.transpose(1, 0, 2), ties)

    assert one.rated.tolist() == other.rated.tolist()
    assert (one.elo - 1000)[one.rated] == pytest.approx(-(other.elo - 1000)[one.rated], abs=1e-6)


@given(row_lists(models="abcd", max_size=120), st.permutations(range(4)), st.sampled_from(Ties))
def test_the_order_of_models_does_not_matter(rows: Rows, order: list[int], ties: Ties) -> None:
    board = from_rows(rows)
    if len(board.models) < 4:
        return
    sided = sided_counts(board)
    one, other = fit(sided, ties), fit(sided[np.ix_(order, order)], ties)

    if len(one.rated) > 2:  # of two groups as large as each other the first is rated
        assert [one.standings[number] for number in order] == list(other.standings)
        assert one.elo[order] == pytest.approx(other.elo, abs=1e-6)


@given(row_lists(models="abc", max_size=60), st.integers(0, 60), st.sampled_from(Ties))
def test_counts_of_parts_of_the_data_may_be_added(rows: Rows, cut: int, ties: Ties) -> None:
    whole = from_rows(rows)
    part = np.arange(len(whole)) < cut
    added = sided_counts(whole.where(part)) + sided_counts(whole.where(~part))

    assert _same(fit(added, ties), fit(sided_counts(whole), ties))


@given(row_lists(models="abc", max_size=60), st.integers(2, 9), st.sampled_from(Ties))
def test_the_same_votes_many_times_over_do_not_move_rated_models(
    rows: Rows, times: int, ties: Ties
) -> None:
    sided = sided_counts(from_rows(rows))
    one, many = fit(sided, ties), fit(times * sided, ties)

    assert one.standings == many.standings
    assert one.elo[one.rated] == pytest.approx(many.elo[one.rated], abs=1e-6)


def test_an_unbeaten_model_has_a_finite_rating_from_the_prior_and_changes_no_other() -> None:
    circle = [[0, 30, 12], [10, 0, 25], [20, 15, 0]]
    wins = np.zeros((4, 4))
    wins[:3, :3] = circle
    wins[3, :3] = 50

    alone, joined = fit(_sided(circle)), fit(_sided(wins))

    assert joined.standings[3] is Standing.UNBEATEN
    assert joined.elo[:3] == pytest.approx(alone.elo, abs=1e-9)
    assert 1400 < joined.elo[3] < 2600


def test_models_apart_from_the_others_are_compared_among_themselves_around_the_mean() -> None:
    wins = np.zeros((5, 5))
    wins[:3, :3] = [[0, 30, 12], [10, 0, 25], [20, 15, 0]]
    wins[3, 4], wins[4, 3] = 60, 20

    elo = fit(_sided(wins)).elo

    assert elo[3] + elo[4] == pytest.approx(2000)
    assert 1000 < elo[3] < 1000 + 400 * np.log10(3)


def test_without_comparisons_everybody_is_at_the_mean_of_the_prior() -> None:
    ours = fit(_sided([[0, 0], [0, 0]]))

    assert ours.elo.tolist() == [1000, 1000]
    assert set(ours.standings) == {Standing.DISCONNECTED}


def test_one_loss_in_a_million_is_no_trouble() -> None:
    elo = fit(_sided([[0, 10**6], [1, 0]])).elo

    assert elo[0] - elo[1] == pytest.approx(2400)
