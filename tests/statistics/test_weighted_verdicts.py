"""WeightedVerdicts: one for each annotator on an item, however often it voted there."""

from fractions import Fraction
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.items import item_votes
from arena.statistics.outcomes import DECISIVE
from arena.statistics.weighted_verdicts import WeightedVerdicts, weighted_verdicts
from tests.statistics.votes import A, B, Rows, row_lists


def _weighted(rows: Rows) -> WeightedVerdicts:
    return weighted_verdicts(item_votes(from_rows(rows)))


def test_who_votes_again_on_an_item_splits_the_weight() -> None:
    said = [(0, Verdict.TIE), (1, Verdict.A_BETTER), (0, Verdict.A_BETTER), (0, Verdict.TIE)]

    found = _weighted([Comparison(A, B, verdict, who, 0) for who, verdict in said])

    assert found.annotators.tolist() == [2]
    weights = found.table[0].tolist()
    assert weights[Verdict.A_BETTER.number] == pytest.approx(4 / 3)
    assert weights[Verdict.TIE.number] == pytest.approx(2 / 3)
    assert sum(weights) == pytest.approx(2)
    assert found.pairs.tolist() == pytest.approx([1.0])
    assert found.agreeing.tolist() == pytest.approx([1 / 3])
    assert found.decisive.pairs.tolist() == pytest.approx([1 / 3])


@given(row_lists())
def test_pairs_of_annotators_agree_as_often_as_votes_drawn_from_both(rows: Rows) -> None:
    votes, found = item_votes(from_rows(rows)), _weighted(rows)
    for item in range(votes.items):
        here = votes.item == item
        said = [
            votes.verdict[here & (votes.annotator == who)].tolist()
            for who in np.unique(votes.annotator[here])
        ]
        pairs = list(combinations(said, 2))
        agreeing, named = Fraction(0), Fraction(0)
        for one, two in pairs:
            drawn = [(x, y) for x in one for y in two]
            agreeing += Fraction(sum(x == y for x, y in drawn), len(drawn))
            named += Fraction(sum(DECISIVE[[x, y]].all() for x, y in drawn), len(drawn))
        assert found.annotators[item] == len(said)
        assert found.pairs[item] == pytest.approx(len(pairs))
        assert found.agreeing[item] == pytest.approx(float(agreeing))
        assert found.decisive.pairs[item] == pytest.approx(float(named))


@given(row_lists(max_size=20), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_names_change_a_digit(rows: Rows, random: Random) -> None:
    names = random.sample(range(100), 5)
    shuffled = [
        row._replace(annotator=names[row.annotator]) for row in random.sample(rows, len(rows))
    ]

    found, other = _weighted(rows), _weighted(shuffled)

    assert np.array_equal(found.table, other.table)
    assert np.array_equal(found.agreeing, other.agreeing)
    assert np.array_equal(found.decisive.pairs, other.decisive.pairs)
