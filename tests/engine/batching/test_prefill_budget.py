"""Prompts get as many tokens of a step as leave the replies their share of the time."""

import pytest

from arena.engine.batching.prefill_budget import (
    Allowance,
    PrefillBudget,
    PrefillTargets,
    StepLoad,
)

TARGETS = PrefillTargets(decode_share=0.5, chunk_step_s=0.25, whole_step_s=1.0, least_tokens=64)
DECODING = StepLoad(8, 0, 0)


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def budget_after(*steps: tuple[StepLoad, float]) -> PrefillBudget:
    """A budget that has seen these steps and how many seconds each took."""
    watch = Watch()
    budget = PrefillBudget(watch, TARGETS)
    for load, seconds in steps:
        budget.begin(load)
        watch.seconds += seconds
        budget.end()
    return budget


def test_before_anything_is_measured_a_prompt_alone_begins_with_a_small_chunk() -> None:
    assert budget_after().allowance(0) == Allowance(64, 64)


def test_a_prompt_waits_one_step_where_the_time_of_a_decoding_step_is_not_known() -> None:
    assert budget_after().allowance(8) == Allowance(0, 0)


def test_a_chunk_beside_replies_takes_as_long_as_their_own_step() -> None:
    budget = budget_after((DECODING, 0.5), (StepLoad(8, 0, 128), 0.625))
    assert budget.allowance(8).chunk == 512  # at 1/1024 s a token


def test_where_replies_are_fast_a_step_may_still_last_a_quarter_of_a_second() -> None:
    budget = budget_after((DECODING, 0.125), (StepLoad(8, 128, 0), 0.1875))
    assert budget.allowance(8).chunk == 256  # at 1/2048 s a token


def test_short_prompts_come_in_whole_within_a_second_whatever_it_costs_the_replies() -> None:
    steps = ((DECODING, 0.125), (StepLoad(8, 128, 0), 0.25))
    assert budget_after(*steps).allowance(8).whole == 896  # 875 ms at 1/1024 s a token
    owing = budget_after(*steps, (StepLoad(8, 0, 128), 0.75)).allowance(8)
    assert owing.whole > 0
    assert owing.chunk == 0


def test_a_prompt_alone_gets_steps_of_a_second() -> None:
    assert budget_after((StepLoad(0, 0, 256), 0.5)).allowance(0) == Allowance(512, 512)


def test_a_chunk_never_gets_so_small_that_reading_the_cache_costs_more_than_it() -> None:
    budget = budget_after(*[(DECODING, 0.2)] * 40, (StepLoad(8, 0, 64), 0.5))
    assert budget.allowance(8).chunk == 64


def test_after_a_chunk_that_took_long_replies_go_on_alone_until_they_have_their_share() -> None:
    steps = [(DECODING, 0.1), (DECODING, 0.1), (StepLoad(8, 0, 64), 0.65)]
    lets_in = []
    for _ in range(4):
        lets_in.append(budget_after(*steps).allowance(8).chunk > 0)
        steps.append((DECODING, 0.1))
    assert lets_in == [False, False, False, True]  # 6 tokens in 1.15 s, of 11.5 undisturbed


def test_a_stream_of_short_prompts_does_not_keep_a_long_one_out() -> None:
    short = (StepLoad(8, 40, 0), 0.3)
    steps = [(DECODING, 0.1), (StepLoad(8, 0, 64), 0.5)]
    assert not budget_after(*steps).allowance(8).chunk
    assert budget_after(*steps, *[short] * 3).allowance(8).chunk


def test_a_chunk_is_not_charged_what_short_prompts_took_in_its_step() -> None:
    decoding = [(DECODING, 0.125)] * 3
    assert budget_after(*decoding, (StepLoad(8, 192, 64), 0.625)).allowance(8).chunk
    assert not budget_after(*decoding, (StepLoad(8, 0, 64), 0.625)).allowance(8).chunk


def test_time_without_prompts_saves_up_no_right_to_hold_replies_up() -> None:
    busy = (StepLoad(8, 0, 64), 0.5)
    assert not budget_after(*[(DECODING, 0.1)] * 100, busy).allowance(8).chunk


def test_a_step_that_something_else_held_up_changes_nothing() -> None:
    load = StepLoad(8, 128, 0)
    calm = ((DECODING, 0.25),) * 3 + ((load, 0.375),) * 2
    expected = budget_after(*calm).allowance(8)
    assert budget_after(*calm, (load, 9.0)).allowance(8) == expected
    assert budget_after(*calm, (DECODING, 9.0)).allowance(8) == expected


def test_what_decoding_costs_is_measured_again_while_a_long_prompt_comes_in() -> None:
    steps = [(DECODING, 0.1), *[(StepLoad(8, 0, 64), 0.15)] * 15]
    assert budget_after(*steps).allowance(8).chunk > 0
    steps.append(steps[-1])
    assert budget_after(*steps).allowance(8) == Allowance(0, 0)
    assert budget_after(*steps, (DECODING, 0.1)).allowance(8).chunk > 0


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_a_step_that_was_faster_than_decoding_alone_is_no_division_by_zero(seconds: float) -> None:
    budget = budget_after((DECODING, 0.1), (StepLoad(8, 0, 64), seconds))
    assert budget.allowance(8).chunk >= 64


def test_what_has_not_begun_cannot_end() -> None:
    budget = budget_after()
    budget.end()
    assert budget.allowance(8) == Allowance(0, 0)
