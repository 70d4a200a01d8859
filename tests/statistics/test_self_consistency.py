"""Agreement of an annotator with itself."""

from itertools import combinations

import pytest
from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.self_consistency import (
    Repeats,
    SelfConsistency,
    pooled,
    self_consistency,
)
from tests.statistics.votes import A, B, Rows, llmfao, mirrored, row_lists


def _counted(rows: Rows) -> SelfConsistency:
    """The same by looking at every pair of rows."""
    found = {True: Repeats(), False: Repeats()}
    for one, two in combinations(rows, 2):
        same = (one.model_a, one.model_b) == (two.model_a, two.model_b)
        if {one.model_a, one.model_b} != {two.model_a, two.model_b}:
            continue
        if (one.annotator, one.prompt) != (two.annotator, two.prompt):
            continue
        other = two if same else mirrored([two])[0]
        said = {one.verdict, other.verdict}
        opposite = said == {Verdict.A_BETTER, Verdict.B_BETTER}
        found[same] += Repeats(1, int(len(said) == 1), int(opposite))
    return SelfConsistency(found[True], found[False])


def test_repeats_with_sides_exchanged_are_told_apart_from_others() -> None:
    rows = [
        Comparison(A, B, Verdict.A_BETTER, 0, 0),
        Comparison(A, B, Verdict.A_BETTER, 0, 0),
        Comparison(B, A, Verdict.A_BETTER, 0, 0),
        Comparison(A, B, Verdict.TIE, 1, 0),
    ]

    (found,) = self_consistency(from_rows(rows))

    assert found.annotator == 0
    assert found.consistency.same_sides == Repeats(pairs=1, agreeing=1)
    assert found.consistency.exchanged == Repeats(pairs=2, agreeing=0, opposite=2)


def test_the_real_votes_hold_no_repeat() -> None:
    assert self_consistency(llmfao()) == ()
    assert pooled(()).same_sides.share is None
    assert pooled(()).exchanged.interval is None


@given(row_lists())
def test_every_pair_of_rows_of_an_annotator_on_an_item_counts_once(rows: Rows) -> None:
    annotators = self_consistency(from_rows(rows))

    assert pooled(annotators) == _counted(rows)
    numbers = sorted({row.annotator for row in rows})
    for each in annotators:
        own = [row for row in rows if row.annotator == numbers[each.annotator]]
        assert each.consistency == _counted(own)
        assert each.consistency.same_sides.pairs + each.consistency.exchanged.pairs > 0


def test_a_share_has_an_interval() -> None:
    repeats = Repeats(pairs=50, agreeing=40)

    assert repeats.share == 0.8
    assert repeats.interval is not None
    assert repeats.interval.low == pytest.approx(0.6696, abs=1e-4)
