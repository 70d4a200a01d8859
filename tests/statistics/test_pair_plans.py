"""Plans of all pairs: by the interval that is shown, and never an error."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import clustered_rates
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.holm import Adjusted
from arena.statistics.pair_plans import Outlook, PairPlan, SamePeople, pair_plan, pair_plans
from arena.statistics.win_rate import Pair
from tests.endurance.planned_campaigns import World
from tests.statistics.votes import A, B, C, D, Rows, on_both_sides


def _rows(wins: int, losses: int, ties: int = 0, *, people: int = 10, prompts: int = 10) -> Rows:
    """Outcomes spread evenly over annotators and prompts, all in one order."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses + [Verdict.TIE] * ties
    return [
        Comparison(A, B, verdict, n % people, (n // people + n) % prompts)
        for n, verdict in enumerate(verdicts)
    ]


def _board(
    wins: int, losses: int, ties: int = 0, *, people: int = 10, prompts: int = 10
) -> Comparisons:
    """The same in both orders."""
    rows = _rows(wins, losses, ties, people=people, prompts=prompts)
    return from_rows(on_both_sides(rows))


def _plan(board: Comparisons) -> PairPlan:
    plans = pair_plans(clustered_rates(board).pairs)
    assert plans[Pair(A, B)] == plans[Pair(B, A)]
    return plans[Pair(A, B)]


def test_a_clear_lead_is_told_apart_and_a_small_one_needs_other_people() -> None:
    assert _plan(_board(300, 100)).outlook is Outlook.TOLD_APART
    small = _plan(_board(210, 190, ties=100))
    assert small.outlook is Outlook.MORE_VOTES
    assert small.others is not None
    assert small.others.each == 40
    assert small.decisive == small.others.people * 40 > 1000
    assert small.others.prompts == pytest.approx(small.others.people, abs=1)  # 40 votes on each


def test_level_votes_and_too_few_votes_say_so() -> None:
    assert _plan(_board(200, 200)) == PairPlan(Outlook.LEVEL)
    assert _plan(_board(9, 3)) == PairPlan(Outlook.TOO_FEW)
    assert _plan(_board(300, 290, prompts=5)) == PairPlan(Outlook.TOO_FEW)


def test_in_one_order_no_number_of_votes_tells_a_lean_from_a_lead() -> None:
    assert _plan(from_rows(_rows(300, 100))) == PairPlan(Outlook.ONE_ORDER)


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
    assert alone.is_significant
    assert not among.is_significant
    assert among.adjusted is not None
    assert among.adjusted.p == pytest.approx(6 * (among.p or 0))
    assert pair_plan(among).outlook is Outlook.MORE_VOTES
    few, many = (
        pair_plan(replace(among, adjusted=Adjusted(0.5, pairs))).decisive for pairs in (1, 6)
    )
    assert few is not None
    assert many is not None
    assert few < many


def test_a_plan_of_the_only_pair_never_contradicts_the_interval() -> None:
    for wins in range(200, 300, 7):
        board = _board(wins, 400 - wins)
        interval = clustered_rates(board).pairs[Pair(A, B)].interval
        assert interval is not None
        apart = not interval.low <= 0.5 <= interval.high
        assert (_plan(board).outlook is Outlook.TOLD_APART) == apart


def test_few_annotators_are_planned_for_themselves_alone() -> None:
    plan = _plan(_board(110, 90, people=4))

    assert (plan.outlook, plan.others) == (Outlook.MORE_VOTES, None)
    assert plan.same is SamePeople.ENOUGH
    assert plan.same_each is not None
    assert plan.decisive == 4 * plan.same_each


def test_more_votes_by_people_who_differ_are_never_enough() -> None:
    world = World(0.58, 1.5, each=40)
    plans = [pair_plan(rate) for rate in world.rates(10, world.each, 20, seed=4)]
    missing = [plan for plan in plans if plan.outlook is Outlook.MORE_VOTES]

    assert len(missing) > 10
    assert {plan.same for plan in missing} == {SamePeople.NEVER}
    assert all(plan.others is not None and plan.others.people > 10 for plan in missing)


def test_one_vote_each_does_not_tell_what_the_same_people_could_do() -> None:
    verdicts = [Verdict.A_BETTER] * 55 + [Verdict.B_BETTER] * 45
    rows = [Comparison(A, B, verdict, n, n) for n, verdict in enumerate(verdicts)]

    plan = _plan(from_rows(on_both_sides(rows)))

    assert plan.same is SamePeople.UNKNOWN
    assert plan.others is not None
    assert (plan.others.each, plan.others.prompts) == (1, plan.others.people)


def test_a_rate_that_may_be_one_half_has_a_range_without_end() -> None:
    near, far = _plan(_board(205, 195)).others, _plan(_board(218, 182)).others

    assert near is not None
    assert far is not None
    assert near.low < near.people
    assert near.high is None
    assert far.high is not None
    assert far.low < far.people < far.high


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 30), st.integers(1, 40))
def test_some_vote_is_missing_for_any_two_models_that_are_not_told_apart(
    wins: int, losses: int, people: int, prompts: int
) -> None:
    if wins + losses == 0:
        return
    plan = _plan(_board(wins, losses, people=people, prompts=prompts))

    if plan.outlook is Outlook.MORE_VOTES:
        assert plan.decisive is not None
        assert plan.decisive >= 1
        assert plan.others is None or plan.others.low <= plan.others.people
    else:
        assert plan.decisive == (0 if plan.outlook is Outlook.TOLD_APART else None)


def test_a_rate_of_one_without_an_end_to_its_interval_has_no_plan() -> None:
    rate = clustered_rates(_board(205, 195)).pairs[Pair(A, B)]

    assert not rate.is_significant
    assert pair_plan(replace(rate, rate=1.0)) == PairPlan(Outlook.TOO_FEW)


@pytest.mark.parametrize("wins", [30, 31, 32, 33, 34])
def test_the_number_of_others_lies_in_its_own_range(wins: int) -> None:
    """Near a rate of 1 the interval is so skew that a rate farther away can take more people."""
    rate = clustered_rates(_board(wins, 39 - wins, people=26, prompts=11)).pairs[Pair(A, B)]
    among_many = replace(rate, adjusted=Adjusted(1.0, 1711))

    others = pair_plan(among_many).others

    assert others is not None
    assert others.low <= others.people
    assert others.high is None or others.people <= others.high
