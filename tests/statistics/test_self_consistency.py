"""Agreement of an annotator with itself."""

from itertools import combinations

from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.self_consistency import (
    Repeats,
    SelfConsistency,
    intra_annotator_agreement,
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
        opposite = sorted(Verdict(word).result.score for word in said) == [-1, 1]
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
    assert intra_annotator_agreement(llmfao()).share is None


@given(row_lists())
def test_every_pair_of_rows_of_an_annotator_on_an_item_counts_once(rows: Rows) -> None:
    annotators = self_consistency(from_rows(rows))

    assert pooled(annotators) == _counted(rows)
    numbers = sorted({row.annotator for row in rows})
    for each in annotators:
        own = [row for row in rows if row.annotator == numbers[each.annotator]]
        assert each.consistency == _counted(own)
        assert each.consistency.same_sides.pairs + each.consistency.exchanged.pairs > 0


def test_pairs_of_one_person_are_not_taken_for_independent() -> None:
    """Ten people, of whom five always say the same again and five never do."""
    rows = [
        Comparison(A, B, verdict, who, prompt)
        for who in range(10)
        for prompt in range(20)
        for verdict in (Verdict.A_BETTER, Verdict.A_BETTER if who % 2 else Verdict.TIE)
    ]

    found = intra_annotator_agreement(from_rows(rows))

    assert (found.share, found.trials) == (0.5, 200)
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.5


@given(row_lists())
def test_the_share_of_all_is_that_of_all_pairs(rows: Rows) -> None:
    both = pooled(self_consistency(from_rows(rows)))

    found = intra_annotator_agreement(from_rows(rows))

    assert found.share == (both.same_sides + both.exchanged).share
