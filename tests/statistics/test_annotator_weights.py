"""Annotators weighted by reliability: who votes at random weighs little, and rates are right."""

from dataclasses import replace

import numpy as np
import pytest

from arena.domain.verdict import Verdict
from arena.statistics.annotator_weights import weighted_rates
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import from_rows
from arena.statistics.outcomes import WON
from tests.endurance import FACTOR
from tests.endurance.careless_annotators import CAMPAIGNS, THREE, CarelessCampaign, weighed
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import from_counts, llmfao

BOARDS = 60 if FACTOR == 1 else 100 * FACTOR
SPREAD = 3 * (0.05 * 0.95 / BOARDS) ** 0.5


def test_who_votes_at_random_weighs_little() -> None:
    campaign = CarelessCampaign(Campaign(30, 100, strengths=THREE), 10)
    found = weighted_rates(campaign.board(np.random.default_rng(0)))

    assert found is not None
    careful, careless = found.weights[:20], found.weights[20:]
    assert careless.max() < careful.min()
    assert careless.mean() < 0.3 * careful.mean()
    assert found.spread > 0.3


def test_who_votes_against_all_others_weighs_nothing() -> None:
    board = Campaign(12, 120, strengths=THREE).board(np.random.default_rng(1))
    against = board.annotator == 11
    outcome = board.outcome.copy()
    mirrored = Verdict.B_BETTER.number, Verdict.A_BETTER.number
    outcome[against] = np.where(WON[outcome[against]], *mirrored)

    found = weighted_rates(replace(board, outcome=outcome))

    assert found is not None
    assert found.weights[11] == 0


def test_weights_are_one_on_average_and_rates_are_weighted_means() -> None:
    board = CarelessCampaign(Campaign(30, 40, strengths=THREE), 10).board(np.random.default_rng(2))
    found = weighted_rates(board)

    assert found is not None
    assert found.weights[board.annotator].mean() == pytest.approx(1)
    weight, first = found.weights[board.annotator], WON[board.outcome]
    for number, key in enumerate(board.models):
        mine = (board.a == number) | (board.b == number)
        won = first[mine] == (board.a[mine] == number)
        expected = float((weight[mine] * won).sum() / weight[mine].sum())
        assert found.rates[key].rate == pytest.approx(expected)


def test_where_nothing_tells_annotators_apart_rates_and_intervals_are_plain() -> None:
    board = Campaign(30, 40, strengths=(0.0, 0.0)).board(np.random.default_rng(3))
    found = weighted_rates(board)

    assert found is not None
    assert found.spread == 0
    plain = pooled_rates(board)
    for key, rate in found.rates.items():
        interval = plain[key].interval
        assert rate.rate == pytest.approx(plain[key].rate)
        assert rate.interval is not None
        assert interval is not None
        assert (rate.interval.low, rate.interval.high) == pytest.approx(
            (interval.low, interval.high), abs=1e-9
        )


def test_one_annotator_or_no_vote_tells_nothing() -> None:
    assert weighted_rates(from_counts(wins=20, losses=10)) is None
    assert weighted_rates(from_rows([])) is None


def test_real_annotators_differ() -> None:
    found = weighted_rates(llmfao())

    assert found is not None
    assert len(found.rates) == 59
    assert 0 <= found.spread < 3


@pytest.mark.parametrize(
    "name", CAMPAIGNS if FACTOR > 1 else ["unequal models, 30 x 60, sd .3, 10 careless"]
)
def test_the_interval_holds_what_those_who_read_say(name: str) -> None:
    found = weighed(CAMPAIGNS[name], BOARDS)

    assert found.weighted > 0.92 - SPREAD
    assert abs(found.weighted_off) < 0.02
    if "unequal" in name and CAMPAIGNS[name].careless:
        assert found.plain < 0.3
