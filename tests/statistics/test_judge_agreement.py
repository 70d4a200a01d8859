"""How a judge agrees with people, and what sways it."""

from arena.domain.verdict import Verdict
from arena.statistics.judge_agreement import (
    SharedVerdict,
    by_category,
    judge_agreement,
    length_bias,
    position_bias,
)

A, B, TIE, BAD = Verdict.A_BETTER, Verdict.B_BETTER, Verdict.TIE, Verdict.BOTH_BAD


def shared(person: Verdict, judge: Verdict, number: int = 0, **more: object) -> SharedVerdict:
    return SharedVerdict(person, judge, number, number, **more)  # type: ignore[arg-type]


def test_agreement_is_of_winners_and_of_no_winner() -> None:
    found = judge_agreement(
        [shared(A, A, 0), shared(B, A, 1), shared(TIE, BAD, 2), shared(TIE, A, 3)]
    )

    assert (found.same.share, found.same.trials) == (0.5, 4)
    assert (found.winner.share, found.winner.trials) == (0.5, 2)
    # Seen .5; by chance .25*.75 (A), .25*0 (B), .5*.25 (no winner).
    assert found.kappa is not None
    assert abs(found.kappa - (0.5 - 0.3125) / (1 - 0.3125)) < 1e-12


def test_nothing_shared_is_no_agreement() -> None:
    found = judge_agreement([])

    assert (found.same.share, found.winner.share, found.kappa) == (None, None, None)
    assert judge_agreement([shared(A, A)]).kappa is None


def test_categories_are_apart_and_those_without_one_are_last() -> None:
    found = by_category(
        [shared(A, A, category="math"), shared(A, B, category=None), shared(A, A, category="art")]
    )

    assert list(found) == ["art", "math", None]
    assert [one.same.share for one in found.values()] == [1.0, 1.0, 0.0]


def test_length_is_compared_on_the_same_comparisons() -> None:
    found = length_bias(
        [
            shared(A, A, 0, longer=1),
            shared(A, B, 1, longer=-1),
            shared(TIE, B, 2, longer=-1),
            shared(B, A, 3, longer=0),
        ]
    )

    assert (found.judge.share, found.judge.trials) == (1.0, 3)
    assert (found.people.share, found.people.trials) == (0.5, 2)


def test_verdicts_in_both_orders_show_what_position_does() -> None:
    found = position_bias([(A, B), (A, A), (B, B), (TIE, BAD), (A, TIE)])

    assert (found.asked_twice, found.consistent, found.first, found.second) == (5, 2, 1, 1)
    assert found.consistency == 0.4
    assert position_bias([]).consistency is None
