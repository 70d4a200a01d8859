"""Plans of all pairs: by the interval that is shown, and never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.pair_plans import pair_plan, pair_plans
from arena.statistics.planning import MoreVotes, Outlook, missing_votes
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, C, D, Rows, on_both_sides


def _board(wins: int, losses: int, *, ties: int = 0) -> Comparisons:
    """Ten annotators on ten prompts, outcomes and sides spread evenly over both."""
    return from_rows(on_both_sides(_rows(wins, losses, ties)))


def _rows(wins: int, losses: int, ties: int = 0) -> Rows:
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses + [Verdict.TIE] * ties
    return [
        Comparison(A, B, verdict, n % 10, (n // 10 + n) % 10) for n, verdict in enumerate(verdicts)
    ]


def _plan(board: Comparisons) -> MoreVotes:
    plans = pair_plans(clustered_rates(board))
    assert plans[Pair(A, B)] == plans[Pair(B, A)]
    return plans[Pair(A, B)]


def test_a_clear_lead_is_told_apart_and_a_small_one_needs_more_votes() -> None:
    assert _plan(_board(300, 100)).outlook is Outlook.TOLD_APART
    small = _plan(_board(210, 190, ties=100))
    assert small.outlook is Outlook.MORE_VOTES
    assert small.decisive is not None
    assert small.total is not None
    assert small.total > small.decisive > 1000


def test_level_votes_and_too_few_votes_say_so() -> None:
    assert _plan(_board(200, 200)).outlook is Outlook.LEVEL
    assert _plan(_board(9, 3)).outlook is Outlook.TOO_FEW


def test_in_one_order_no_number_of_votes_tells_a_lean_from_a_lead() -> None:
    plan = pair_plans(clustered_rates(from_rows(_rows(300, 100))))[Pair(A, B)]

    assert plan == MoreVotes(Outlook.ONE_ORDER, None, None)


def test_among_many_pairs_more_is_needed_than_alone() -> None:
    """A pair that would be told apart alone, beside five level ones."""
    pair = _rows(224, 176)
    level = [
        row._replace(model_a=one, model_b=other)
        for one, other in ((A, C), (A, D), (B, C), (B, D), (C, D))
        for row in _rows(200, 200)
    ]

    alone, among = (
        clustered_rates(from_rows(on_both_sides(rows))).pairs[Pair(A, B)]
        for rows in (pair, [*pair, *level])
    )

    assert alone.interval == among.interval
    assert alone.told_apart
    assert not among.told_apart
    assert among.adjusted is not None
    assert among.adjusted.p == pytest.approx(6 * (among.p or 0))
    assert pair_plan(among).outlook is Outlook.MORE_VOTES


def test_a_plan_of_the_only_pair_never_contradicts_the_interval() -> None:
    for wins in range(200, 300, 7):
        board = _board(wins, 400 - wins)
        interval = clustered_rates(board).pairs[Pair(A, B)].interval
        assert interval is not None
        apart = not interval.low <= 0.5 <= interval.high
        assert (_plan(board).outlook is Outlook.TOLD_APART) == apart


@given(st.integers(0, 500), st.integers(0, 500), st.floats(1, 100), st.floats(0, 0.99))
def test_some_vote_is_missing_for_any_two_models_that_are_not_told_apart(
    wins: int, losses: int, deff: float, ties: float
) -> None:
    if wins == losses == 0:
        return
    found = missing_votes(wins, losses, tie_rate=ties, design_effect=deff)
    if wins == losses:
        assert found.outlook is Outlook.LEVEL
    else:
        assert found.decisive is not None
        assert found.total is not None
        assert 1 <= found.decisive <= found.total
