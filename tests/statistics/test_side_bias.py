"""Whether people lean to the earlier slot."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linprog
from scipy.special import expit
from statsmodels.discrete.discrete_model import Logit

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.intervals import wilson
from arena.statistics.outcomes import LOST, WON
from arena.statistics.position_logit import NoFit, PositionFit, fit_position
from arena.statistics.side_bias import (
    CLUSTERED,
    NAIVE,
    adjusted_side_bias,
    side_bias,
    side_bias_by_annotator,
)
from tests.statistics.votes import A, B, C, D, Rows, llmfao, mirrored, row_lists


def _fit(comparisons: Comparisons) -> PositionFit:
    fit = fit_position(comparisons)
    assert isinstance(fit, PositionFit)
    return fit


def _simulated(strengths: list[float], position: float, *, first: float, votes: int) -> Comparisons:
    """Votes on four models; `first` is how often the stronger one stands in the earlier slot."""
    rng = np.random.default_rng(11)
    models = np.array([A, B, C, D])
    rows = []
    for number in range(votes):
        strong, weak = sorted(rng.choice(4, 2, replace=False), key=lambda i: -strengths[i])
        a, b = (strong, weak) if rng.random() < first else (weak, strong)
        won = rng.random() < expit(strengths[a] - strengths[b] + position)
        verdict = Verdict.A_BETTER if won else Verdict.B_BETTER
        rows.append(Comparison(models[a], models[b], verdict, number % 20, number % 11))
    return from_rows(rows)


def test_the_real_votes_lean_to_the_left_as_published() -> None:
    side = side_bias(llmfao())

    assert side.interval is not None
    assert side.share is not None
    assert (round(side.share, 3), side.trials) == (0.533, 5460)
    naive = wilson(2911, 5460)
    assert side.interval.low < naive.low < naive.high < side.interval.high


def test_annotators_add_up_to_all() -> None:
    sides = side_bias_by_annotator(llmfao())

    assert len(sides) == 124
    assert sum(each.side.decisive for each in sides) == 5460
    assert sum((each.side.share or 0) * each.side.decisive for each in sides) == pytest.approx(2911)


def test_statsmodels_finds_the_same_position_and_errors() -> None:
    votes = llmfao().decisive
    design = np.zeros((len(votes), len(votes.models)))
    row = np.arange(len(votes))
    design[row, votes.a] = 1
    design[row, votes.b] = -1
    design[:, 0] = 1  # the first model has strength 0, its column holds the side
    model = Logit(WON[votes.outcome], design)
    plain = model.fit(disp=False, tol=1e-12)
    clusters = {"groups": votes.annotator, "use_correction": False}
    clustered = model.fit(plain.params, disp=False, cov_type="cluster", cov_kwds=clusters)

    fit = _fit(llmfao())

    assert fit.votes == len(votes)
    assert fit.position == pytest.approx(plain.params[0], abs=1e-8)
    assert fit.error == pytest.approx(plain.bse[0], rel=1e-6)
    assert fit.clustered_error == pytest.approx(clustered.bse[0] * np.sqrt(124 / 123), rel=1e-6)


def test_a_known_position_effect_is_found_whatever_the_models() -> None:
    fit = _fit(_simulated([0.0, 0.5, 1.0, 2.0], 0.4, first=0.5, votes=5000))

    assert abs(fit.position - 0.4) < 3 * fit.error


def test_a_strong_model_that_stands_first_more_often_makes_no_side_bias() -> None:
    votes = _simulated([0.0, 0.5, 1.0, 2.0], 0.0, first=0.8, votes=5000)
    raw, adjusted = side_bias(votes), adjusted_side_bias(votes)

    assert raw.interval is not None
    assert raw.interval.low > 0.6
    assert adjusted.interval is not None
    assert adjusted.interval.low < 0.5 < adjusted.interval.high
    assert adjusted.interval.method == CLUSTERED


def test_few_annotators_give_an_interval_labelled_naive() -> None:
    votes = _simulated([0.0, 0.1, 0.2, 0.3], 0.0, first=0.5, votes=400)
    few = adjusted_side_bias(votes.where(votes.annotator < 7))

    assert few.interval is not None
    assert few.interval.method == NAIVE


def _rows(*votes: tuple[str, Verdict]) -> Comparisons:
    names = {"a": A, "b": B, "c": C}
    return from_rows(
        Comparison(names[pair[0]], names[pair[1]], verdict, 0, 0) for pair, verdict in votes
    )


def test_a_model_that_is_never_beaten_says_nothing_about_sides() -> None:
    votes = [
        Comparison(*pair, verdict, number, 0)
        for number, (pair, verdict) in enumerate(
            product([(A, B), (B, A)], [Verdict.A_BETTER, Verdict.A_BETTER, Verdict.B_BETTER])
        )
    ]
    unbeaten = [Comparison(C, A, Verdict.A_BETTER, 0, 0), Comparison(B, C, Verdict.B_BETTER, 1, 0)]

    assert _fit(from_rows([*votes, *unbeaten])) == _fit(from_rows(votes))
    assert _fit(from_rows(votes)).position == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("comparisons", "reason"),
    [
        (from_rows([]), NoFit.NO_CYCLE),
        (_rows(("ab", Verdict.TIE)), NoFit.NO_CYCLE),
        (_rows(("ab", Verdict.A_BETTER), ("bc", Verdict.A_BETTER)), NoFit.NO_CYCLE),
        (_rows(("ab", Verdict.A_BETTER), ("ab", Verdict.B_BETTER)), NoFit.ONE_ORDER),
        (_rows(("ab", Verdict.A_BETTER), ("ba", Verdict.A_BETTER)), NoFit.SEPARATED),
    ],
)
def test_what_cannot_be_fitted_is_stated(comparisons: Comparisons, reason: NoFit) -> None:
    adjusted = adjusted_side_bias(comparisons)

    assert adjusted.reason is reason
    assert (adjusted.share, adjusted.interval) == (None, None)


@given(row_lists(models="abcd"))
def test_exchanging_all_sides_turns_the_lean_around(rows: Rows) -> None:
    side, other = side_bias(from_rows(rows)), side_bias(from_rows(mirrored(rows)))
    fit, exchanged = fit_position(from_rows(rows)), fit_position(from_rows(mirrored(rows)))

    assert side.trials == other.trials
    if side.share is not None and other.share is not None:
        assert side.share == pytest.approx(1 - other.share)
    if isinstance(fit, PositionFit) and isinstance(exchanged, PositionFit):
        assert fit.position == pytest.approx(-exchanged.position, abs=1e-6)
        assert fit.error == pytest.approx(exchanged.error, rel=1e-4)
    else:
        assert fit == exchanged


def _lean_can_grow(comparisons: Comparisons, sign: int) -> bool:
    """By linear programming: whether some strengths let every vote speak for a growing lean."""
    votes = comparisons.decisive
    rows = np.zeros((len(votes), len(votes.models) + 1))
    rows[np.arange(len(votes)), votes.a] = 1
    rows[np.arange(len(votes)), votes.b] = -1
    rows[:, -1] = 1
    rows[LOST[votes.outcome]] *= -1
    cost = np.zeros(rows.shape[1])
    cost[-1] = -sign
    bound = [(-20, 20)] * len(votes.models) + [(-1, 1)]
    return bool(linprog(cost, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=bound).fun < -0.5)


@given(row_lists(models="abcd", max_size=25))
def test_linear_programming_agrees_on_what_can_be_fitted(rows: Rows) -> None:
    comparisons = from_rows(rows)
    if not len(comparisons.decisive):
        return
    growing = _lean_can_grow(comparisons, 1), _lean_can_grow(comparisons, -1)

    fit = fit_position(comparisons)

    if all(growing):
        assert fit in {NoFit.ONE_ORDER, NoFit.NO_CYCLE}
    elif any(growing):
        assert fit is NoFit.SEPARATED
    else:
        assert isinstance(fit, PositionFit)
