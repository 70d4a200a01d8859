"""How votes share annotators and prompts, and what that adds to the variance of a rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import ClusteredRate, clustered_rates
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.vote_spread import Layout, Spread, even_layout
from arena.statistics.win_rate import Pair
from tests.endurance.planned_campaigns import World
from tests.statistics.votes import A, B

Who = tuple[int, int]
"""Annotator and prompt of a vote."""


def _rate(who: list[Who]) -> ClusteredRate:
    """Of votes that are won and lost in turn."""
    verdicts = (Verdict.A_BETTER, Verdict.B_BETTER)
    rows = (Comparison(A, B, verdicts[n % 2], *where) for n, where in enumerate(who))
    return clustered_rates(from_rows(rows)).pairs[Pair(A, B)]


def _grid(annotators: int, prompts: int, *, first: int = 0) -> list[Who]:
    return [(first + i, first + j) for i in range(annotators) for j in range(prompts)]


def _layout(who: list[Who]) -> Layout:
    layout = _rate(who).layout
    assert layout is not None
    return layout


def _numbers(layout: Layout) -> list[float]:
    sizes = [layout.votes, layout.annotators, layout.prompts]
    return [*sizes, layout.annotator_squares, layout.prompt_squares]


def test_the_layout_of_a_board_is_what_was_voted() -> None:
    uneven = [*_grid(10, 9), (0, 100)]

    assert _numbers(_layout(_grid(10, 9))) == pytest.approx(_numbers(even_layout(10, 9, prompts=9)))
    assert _numbers(_layout(uneven)) == pytest.approx([91, 10, 10, 100 + 9 * 81, 9 * 100 + 1])


def test_a_plan_with_others_is_the_board_that_they_make() -> None:
    before, others = _grid(10, 12), _grid(5, 12, first=100)
    # A prompt has ten votes: five others with twelve votes each judge six other prompts.
    others = [(annotator, 100 + prompt % 6) for annotator, prompt in others]

    planned = _layout(before).with_others(5, 12)

    assert _numbers(planned) == pytest.approx(_numbers(_layout(before + others)))


def test_a_plan_with_the_same_people_is_the_board_that_they_make() -> None:
    before = _grid(10, 12)
    more = [(annotator, 100 + prompt) for annotator, prompt in _grid(10, 7)]

    planned = _layout(before).with_more_each(7)

    assert _numbers(planned) == pytest.approx(_numbers(_layout(before + more)))


@given(st.integers(2, 50), st.integers(1, 50), st.floats(0, 0.1), st.floats(0, 0.1))
def test_the_variance_is_that_of_a_mean_under_crossed_effects(
    people: int, each: int, annotator: float, prompt: float
) -> None:
    layout = even_layout(people, each, prompts=max(people * each // 4, 1))
    own = 0.24 - annotator - prompt

    parts = annotator / people + prompt / layout.prompts + own / layout.votes
    assert Spread(annotator, prompt).variance(layout, 0.6) == pytest.approx(parts)


@pytest.mark.parametrize("world", [World(0.6, 0.7, 1.0, each=20, per_prompt=8), World(0.7)])
def test_moments_find_what_people_and_prompts_differ_by(world: World) -> None:
    spreads = [rate.spread for rate in world.rates(40, world.each, 40, seed=7)]
    found = [spread for spread in spreads if spread is not None]

    assert len(found) == 40
    annotator, prompt = (np.mean([getattr(one, name) for one in found]) for name in _PARTS)
    # Parts below 0 are taken for 0, so that a mean is never quite 0.
    assert annotator == pytest.approx(world.spread.annotator, rel=0.15, abs=0.004)
    assert prompt == pytest.approx(world.spread.prompt, rel=0.15, abs=0.004)


_PARTS = ("annotator", "prompt")


def test_one_vote_each_does_not_tell_people_from_votes() -> None:
    spread = _rate([(n, n) for n in range(60)]).spread

    assert spread == Spread(0.0, 0.0, known=False)
