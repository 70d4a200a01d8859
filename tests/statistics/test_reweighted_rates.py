"""Pooled rates whose pairs were drawn by votes: weights, their variance, and what they leave."""

from dataclasses import replace
from functools import cache
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from arena.statistics.annotator_weights import weighted_rates
from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clustered_rates import ClusteredRate, clustered_rates, pooled_rates
from arena.statistics.comparisons import (
    Comparison,
    Comparisons,
    from_rows,
    sided_counts,
    sided_weights,
)
from arena.statistics.flag_choices import flag_choices
from arena.statistics.leaving_out import leaving_out
from arena.statistics.outcomes import DECISIVE, WON
from arena.statistics.style_control import style_control
from arena.statistics.win_rate import Record
from tests.endurance import FACTOR
from tests.endurance.informed_pairing import (
    CAMPAIGNS,
    Drawing,
    boards_of,
    held_of,
    informed,
    needed,
    uniform,
    unweighted,
)
from tests.endurance.simulated_boards import Campaign
from tests.statistics.clustered import EASY
from tests.statistics.votes import A, B, C, Rows, llmfao, row_lists

BOARDS = 40 if FACTOR == 1 else 100 * FACTOR
SPREAD = 3 * sqrt(0.05 * 0.95 / BOARDS)


def weighed(board: Comparisons, seed: int = 0) -> Comparisons:
    """The board with weights from a quarter to four."""
    weight = np.exp(np.random.default_rng(seed).uniform(np.log(0.25), np.log(4), len(board)))
    return replace(board, weight=weight)


def board() -> Comparisons:
    return weighed(
        Campaign(
            12, 30, 20, annotator_sd=0.7, prompt_sd=0.7, strengths=(1.0, 0.3, -0.5), tie_share=0.2
        ).board(np.random.default_rng(1))
    )


def without(comparisons: Comparisons, model: int, keep: np.ndarray) -> float:
    """The model's rate by those to keep."""
    mine = keep & DECISIVE[comparisons.outcome]
    mine &= (comparisons.a == model) | (comparisons.b == model)
    won = WON[comparisons.outcome[mine]] == (comparisons.a[mine] == model)
    assert comparisons.weight is not None
    return float(np.average(won, weights=comparisons.weight[mine]))


def jackknife(comparisons: Comparisons, model: int, labels: np.ndarray) -> float:
    """The variance by counting anew without each cluster of the model's decisive votes."""
    mine = DECISIVE[comparisons.outcome]
    mine &= (comparisons.a == model) | (comparisons.b == model)
    rate = without(comparisons, model, np.ones(len(comparisons), np.bool_))
    clusters = np.unique(labels[mine])
    rates = np.array([without(comparisons, model, labels != cluster) for cluster in clusters])
    return float((1 - 1 / len(clusters)) * ((rates - rate) ** 2).sum())


def test_rates_and_intervals_are_those_of_counting_anew_without_each_cluster() -> None:
    votes = board()
    both = votes.annotator * 1000 + votes.prompt
    for model, key in enumerate(votes.models):
        found = pooled_rates(votes)[key]
        rate = without(votes, model, np.ones(len(votes), np.bool_))
        variance = sum(
            sign * jackknife(votes, model, labels)
            for sign, labels in ((1, votes.annotator), (1, votes.prompt), (-1, both))
        )
        mine = DECISIVE[votes.outcome] & ((votes.a == model) | (votes.b == model))
        assert votes.weight is not None
        share = votes.weight[mine] / votes.weight[mine].sum()
        won = WON[votes.outcome[mine]] == (votes.a[mine] == model)
        least = float(((share * (won - rate)) ** 2).sum())
        clusters = min(
            1 / (np.bincount(column[mine], share) ** 2).sum()
            for column in (votes.annotator, votes.prompt)
        )
        adjusted = rate * (1 - rate) / variance * (1.959964 / t_quantile(clusters - 1)) ** 2
        trials = min(adjusted, rate * (1 - rate) / least)
        low, high = proportion_confint(rate * trials, trials, method="wilson")
        assert found.rate == pytest.approx(rate)
        assert found.record.rate == pytest.approx(rate)
        assert found.interval is not None
        assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-6)


@given(row_lists(max_size=60), st.data())
@settings(deadline=None)
def test_a_weight_of_two_is_as_two_votes_of_one_annotator_on_one_prompt(
    rows: Rows, data: st.DataObject
) -> None:
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(rows), max_size=len(rows)))
    once = from_rows(row._replace(weight=float(n)) for row, n in zip(rows, times, strict=True))
    several = from_rows(row for row, n in zip(rows, times, strict=True) for _ in range(n))
    found, expected = pooled_rates(once, EASY), pooled_rates(several, EASY)
    assert found.keys() == expected.keys()
    for key, one in found.items():
        other = expected[key]
        assert one.rate == pytest.approx(other.rate)
        assert one.record.tie_rate == pytest.approx(other.record.tie_rate)
        assert one.record.half_rate == pytest.approx(other.record.half_rate)
        assert (one.annotators, one.prompts) == (other.annotators, other.prompts)


def same(one: ClusteredRate, other: ClusteredRate) -> None:
    assert one.rate == pytest.approx(other.rate, rel=1e-12)
    assert (one.interval is None) == (other.interval is None)
    if one.interval is not None and other.interval is not None:
        assert (one.interval.low, one.interval.high) == pytest.approx(
            (other.interval.low, other.interval.high), rel=1e-9
        )


def test_equal_weights_give_what_counts_give() -> None:
    plain = llmfao()
    for weight in (1.0, 0.3):
        found = clustered_rates(replace(plain, weight=np.full(len(plain), weight)))
        for key, rate in clustered_rates(plain).pooled.items():
            same(found.pooled[key], rate)


def test_without_weights_nothing_is_weighed() -> None:
    plain = llmfao()
    assert plain.weight is None
    assert from_rows([Comparison(A, B, "tie", 0, 0, weight=1.0)]).weight is None
    assert sided_weights(plain) is None
    assert {rate.record.weights for rate in pooled_rates(plain).values()} == {None}


def test_only_shares_over_several_opponents_are_re_weighted() -> None:
    votes = board()
    found, plain = clustered_rates(votes), clustered_rates(replace(votes, weight=None))
    assert found.pairs == plain.pairs
    for key, rate in found.mean_over_opponents.items():
        assert rate.rate == plain.mean_over_opponents[key].rate
    for key, rate in found.pooled.items():
        assert rate.rate != plain.pooled[key].rate
        assert rate.record.counts == plain.pooled[key].record.counts


def test_weights_count_by_model_opponent_and_result() -> None:
    rows = [
        Comparison(A, B, "a_better", 0, 0, weight=2.0),
        Comparison(B, A, "a_better", 1, 0, weight=0.5),
        Comparison(C, A, "tie", 1, 1),
        Comparison(C, A, "both_bad", 1, 1, weight=3.0),
    ]
    sums = sided_weights(from_rows(rows))
    assert sums is not None
    assert sums[0, 1].tolist() == [2, 0.5, 0, 0]
    assert sums[1, 0].tolist() == [0.5, 2, 0, 0]
    assert sums[0, 2].tolist() == sums[2, 0].tolist() == [0, 0, 1, 3]
    doubled = replace(from_rows(rows), weight=np.full(4, 2.0))
    twice = sided_weights(doubled)
    assert twice is not None
    assert (twice == 2 * sided_counts(doubled)).all()


@pytest.mark.parametrize("weight", [[1.0], [0.0, 1.0], [-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_weight_is_a_number_above_0_for_each_comparison(weight: list[float]) -> None:
    plain = from_rows([Comparison(A, B, "tie", 0, 0), Comparison(A, B, "tie", 0, 1)])
    with pytest.raises(ValueError, match=r"lengths|above 0"):
        replace(plain, weight=np.array(weight))


def test_the_other_side_of_a_weighted_record_has_the_rest_of_the_rate() -> None:
    record = Record(3, 1, 2, 2).weighing((2.0, 6.0, 1.0, 1.0))
    assert (record.rate, record.tie_rate, record.half_rate) == (0.25, 0.2, 0.3)
    assert record.mirrored.rate == 0.75
    assert record.mirrored.half_rate == pytest.approx(0.7)
    assert record.interval is None
    assert (record + Record(1)).weights is None


class TestOtherChoices:
    """What robustness shows beside a re-weighted rate is re-weighted too."""

    def test_leaving_one_out(self) -> None:
        votes = board()
        found = leaving_out(votes, votes.annotator).ranges
        for model, key in enumerate(votes.models):
            rates = [without(votes, model, votes.annotator != one) for one in range(12)]
            assert (found[key].low, found[key].high) == pytest.approx((min(rates), max(rates)))

    def test_weighting_annotators(self) -> None:
        votes = board()
        found = weighted_rates(votes)
        decisive = votes.decisive
        assert found is not None
        assert decisive.weight is not None
        product = replace(decisive, weight=decisive.weight * found.weights[decisive.annotator])
        kept = np.ones(len(product), np.bool_)
        for model, key in enumerate(votes.models):
            assert found.rates[key].rate == pytest.approx(without(product, model, kept))

    def test_counting_flagged_votes(self) -> None:
        votes = board()
        (only,) = flag_choices(votes, {})
        assert only.rates == pooled_rates(votes)

    def test_controlling_style_averages_over_the_same_opponents(self) -> None:
        """Where style tells nothing, the controlled rate is near the re-weighted one."""
        campaign = Campaign(40, 200, strengths=(1.5, 0.0, -1.5))
        votes = campaign.board(np.random.default_rng(4))
        among = (votes.a + votes.b) == 1
        votes = replace(votes, weight=np.where(among, 4.0, 1.0))
        style = np.random.default_rng(5).normal(0, 1, len(votes))
        found = style_control(votes, {"characters": style}, random=np.random.default_rng(6))
        for one in found.models:
            assert one.rate == pytest.approx(one.plain.rate, abs=0.02)


FAR_APART = "10 models far apart, 40 annotators x 60, sd .7"
SIMULATED = [*CAMPAIGNS][2:]


@cache
def drawn_by(name: str, way: Drawing) -> list[Comparisons]:
    """Boards of a campaign whose pairs were drawn in that way."""
    return list(boards_of(CAMPAIGNS[name], BOARDS, way))


@pytest.mark.parametrize("name", SIMULATED)
def test_re_weighted_intervals_hold_the_rate_of_even_drawing(name: str) -> None:
    found = held_of(CAMPAIGNS[name], drawn_by(name, informed))
    print(name, found)
    assert found.held == pytest.approx(0.95, abs=0.02 + SPREAD / 2)
    assert found.worst >= 0.95 - SPREAD
    assert found.off < 0.015


def test_plain_rates_are_off_where_pairs_are_drawn_by_votes() -> None:
    drawn = drawn_by(FAR_APART, informed)
    plain, found = (held_of(CAMPAIGNS[FAR_APART], one) for one in (unweighted(drawn), drawn))
    print(plain)
    assert plain.off > 0.05 > 3 * found.off
    assert plain.worst < 0.5


def test_close_pairs_need_fewer_votes() -> None:
    drawn, even = (drawn_by(FAR_APART, way) for way in (informed, uniform))
    found = needed(even, drawn)
    print(found)
    assert found.close_pairs < 0.85
