"""The oracle of rankings that tests of storage compare the database with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from tests.rankings import verdicts_of_ranking

rankings = st.lists(st.integers(1, 5), min_size=2, max_size=6)


@given(rankings)
def test_a_ranking_of_n_slots_has_a_comparison_for_every_pair(ranks: list[int]) -> None:
    pairs = set(verdicts_of_ranking(ranks))
    assert len(pairs) == len(ranks) * (len(ranks) - 1) // 2
    assert all(0 <= a < b < len(ranks) for a, b in pairs)


@given(rankings)
def test_reversing_the_slots_mirrors_every_comparison(ranks: list[int]) -> None:
    last = len(ranks) - 1
    reversed_ = verdicts_of_ranking(ranks[::-1])
    for (a, b), verdict in verdicts_of_ranking(ranks).items():
        assert reversed_[last - b, last - a] is verdict.mirrored


def test_the_smaller_rank_wins_and_equal_ranks_tie() -> None:
    verdicts = list(verdicts_of_ranking([2, 1, 2]).values())
    assert verdicts == [Verdict.B_BETTER, Verdict.TIE, Verdict.A_BETTER]


def test_a_ranking_never_says_that_both_are_bad() -> None:
    assert verdicts_of_ranking([3, 3])[0, 1] is Verdict.TIE


@pytest.mark.parametrize("ranks", [[], [1], [1, 0], [-1, 2]])
def test_what_is_no_ranking_is_an_error(ranks: list[int]) -> None:
    with pytest.raises(ValueError, match="ranking"):
        verdicts_of_ranking(ranks)
