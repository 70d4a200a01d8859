"""Verdicts, rankings and their comparisons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict, comparisons_of_ranking

rankings = st.lists(st.integers(1, 5), min_size=2, max_size=6)
MIRRORED = {Verdict.A_BETTER: Verdict.B_BETTER, Verdict.B_BETTER: Verdict.A_BETTER}


@given(rankings)
def test_a_ranking_of_n_slots_has_a_comparison_for_every_pair(ranks: list[int]) -> None:
    comparisons = comparisons_of_ranking(ranks)
    pairs = [(comparison.a, comparison.b) for comparison in comparisons]
    assert len(set(pairs)) == len(pairs) == len(ranks) * (len(ranks) - 1) // 2
    assert all(0 <= a < b < len(ranks) for a, b in pairs)


@given(rankings)
def test_reversing_the_slots_mirrors_every_comparison(ranks: list[int]) -> None:
    last = len(ranks) - 1
    straight = {(one.a, one.b): one.verdict for one in comparisons_of_ranking(ranks)}
    reversed_ = {(one.a, one.b): one.verdict for one in comparisons_of_ranking(ranks[::-1])}
    for (a, b), verdict in straight.items():
        assert reversed_[last - b, last - a] is MIRRORED.get(verdict, verdict)


def test_the_smaller_rank_wins_and_equal_ranks_tie() -> None:
    verdicts = [one.verdict for one in comparisons_of_ranking([2, 1, 2])]
    assert verdicts == [Verdict.B_BETTER, Verdict.TIE, Verdict.A_BETTER]


def test_a_ranking_never_says_that_both_are_bad() -> None:
    assert comparisons_of_ranking([3, 3])[0].verdict is Verdict.TIE


@pytest.mark.parametrize("ranks", [[], [1], [1, 0], [-1, 2]])
def test_what_is_no_ranking_is_an_error(ranks: list[int]) -> None:
    with pytest.raises(ValueError, match="ranking"):
        comparisons_of_ranking(ranks)


def test_only_a_named_winner_is_decisive() -> None:
    assert {verdict for verdict in Verdict if verdict.decisive} == set(MIRRORED)
