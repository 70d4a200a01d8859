"""Whoever comes with how long a prompt, replies go on, and nobody waits for ever."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from transformers.generation.continuous_batching.scheduler import (
    SCHEDULER_MAPPING,
    FIFOScheduler,
)

from arena.engine.batching.chunked_prefill import OVERLAPPED_PREFILL, ChunkedPrefillScheduler
from tests.fakes.prefill_steps import Costs, SteppedMachine

LONG = 8000
SHORT = 40
LAPTOP = Costs()
FAST_READING = Costs(step_s=0.02, token_s=0.0005, thousand_read_s=0.0)
SLOW_READING = Costs(step_s=0.05, token_s=0.002, thousand_read_s=0.1)


def chunked(cache: Any, clock: Callable[[], float], *, most_requests: int = 64) -> Any:
    return ChunkedPrefillScheduler(cache, None, most_requests, clock=clock)


def as_before(cache: Any, clock: Callable[[], float]) -> Any:
    del clock
    return FIFOScheduler(cache, None, 64)


def overlapped(cache: Any, clock: Callable[[], float]) -> Any:
    make: Any = SCHEDULER_MAPPING[OVERLAPPED_PREFILL]
    return make(cache, None, 64, clock=clock)


def with_replies(
    make: Any, costs: Costs, replies: int = 8, *, overlapping: bool = False
) -> tuple[SteppedMachine, list[str]]:
    """A machine that has decoded for a while."""
    machine = SteppedMachine(make, costs, overlapped=overlapping)
    names = [machine.add(SHORT) for _ in range(replies)]
    for _ in range(40):
        machine.step()
    return machine, names


def until_first_token(machine: SteppedMachine, request: str) -> float:
    """Play on until a request has its first token; returns the seconds that took."""
    began = machine.now
    while not machine.seen[request].token_at:
        machine.step()
    return machine.now - began


def kept_speed(machine: SteppedMachine, reply: str, since: float) -> float:
    """Return what share of a reply's undisturbed speed it has kept since then."""
    tokens = machine.seen[reply].token_at
    undisturbed, [twin, *_] = with_replies(chunked, machine.costs)
    while len(undisturbed.seen[twin].token_at) < len(tokens):
        undisturbed.step()
    begun = sum(at <= since for at in tokens)
    took = undisturbed.now - undisturbed.seen[twin].token_at[begun - 1]
    return took / (tokens[-1] - tokens[begun - 1])


@pytest.mark.parametrize("costs", [LAPTOP, FAST_READING, SLOW_READING])
def test_replies_keep_half_of_their_speed_while_a_long_prompt_comes_in(costs: Costs) -> None:
    machine, [reply, *_] = with_replies(chunked, costs)
    began = machine.now
    until_first_token(machine, machine.add(LONG))
    assert kept_speed(machine, reply, since=began) >= 0.5


@pytest.mark.parametrize("costs", [LAPTOP, FAST_READING])
def test_where_steps_overlap_the_time_of_a_step_is_not_taken_for_that_of_the_next(
    costs: Costs,
) -> None:
    machine, [reply, *_] = with_replies(overlapped, costs, overlapping=True)
    began = machine.now
    seconds = until_first_token(machine, machine.add(LONG))
    assert kept_speed(machine, reply, since=began) >= 0.5
    alone = SteppedMachine(overlapped, costs, overlapped=True)
    assert seconds <= 3.2 * until_first_token(alone, alone.add(LONG))


@pytest.mark.parametrize("costs", [LAPTOP, FAST_READING])
def test_a_long_prompt_takes_less_than_three_times_its_time_alone(costs: Costs) -> None:
    """Replies keep .65 of their speed, so that .35 of the time is left for it: 1 / .35 is 2.9."""
    alone = SteppedMachine(chunked, costs)
    seconds_alone = until_first_token(alone, alone.add(LONG))
    machine, _ = with_replies(chunked, costs)
    assert until_first_token(machine, machine.add(LONG)) <= 2.9 * seconds_alone


def test_a_long_prompt_alone_is_hardly_slower_than_in_the_largest_steps() -> None:
    ours, theirs = SteppedMachine(chunked), SteppedMachine(as_before)
    seconds = until_first_token(ours, ours.add(LONG))
    assert seconds <= 1.3 * until_first_token(theirs, theirs.add(LONG))


def test_no_reply_misses_a_step_and_no_step_is_long() -> None:
    machine, replies = with_replies(chunked, LAPTOP)
    long = machine.add(LONG)
    while not machine.seen[long].token_at:
        began = machine.now
        assert set(replies) <= set(machine.step())
        assert machine.now - began < 1.0


def test_the_same_times_give_the_same_chunks() -> None:
    def chunks() -> list[int]:
        machine, _ = with_replies(chunked, LAPTOP)
        long = machine.add(LONG)
        until_first_token(machine, long)
        return machine.seen[long].fed

    assert chunks() == chunks()
    assert sum(chunks()) == LONG


def test_a_short_prompt_does_not_wait_for_the_long_ones_before_it() -> None:
    machine, _ = with_replies(chunked, LAPTOP)
    for _ in range(3):
        machine.add(LONG)
    for _ in range(10):
        machine.step()
    assert until_first_token(machine, machine.add(SHORT)) < 3.0


def test_a_short_prompt_does_not_wait_for_a_long_one_that_is_alone() -> None:
    machine = SteppedMachine(chunked, LAPTOP)
    machine.add(LONG)
    for _ in range(10):
        machine.step()
    assert until_first_token(machine, machine.add(SHORT)) < 4.0


def test_several_long_prompts_starve_neither_replies_nor_each_other() -> None:
    machine, [reply, *_] = with_replies(chunked, LAPTOP)
    began = machine.now
    longs = [machine.add(LONG - 1000 * n, new_tokens=1) for n in range(4)]
    until_first_token(machine, longs[1])
    assert machine.seen[longs[0]].fed, "the shorter ones passed it, but it went on"
    assert sum(machine.seen[longs[0]].fed) >= 2000
    for long in longs:
        until_first_token(machine, long)
    assert kept_speed(machine, reply, since=began) >= 0.5


def test_a_stream_of_short_prompts_does_not_starve_a_long_one() -> None:
    machine, _ = with_replies(chunked, LAPTOP)
    long = machine.add(LONG)
    for _ in range(1500):
        machine.add(SHORT, new_tokens=3)
        machine.step()
        if machine.seen[long].token_at:
            return
    pytest.fail(f"{sum(machine.seen[long].fed)} tokens of the long prompt were read")


def test_a_long_prompt_that_is_begun_keeps_its_place_in_a_full_batch() -> None:
    machine, _ = with_replies(partial(chunked, most_requests=9), LAPTOP)
    long = machine.add(LONG)
    machine.step()
    short = machine.add(SHORT, new_tokens=3)
    until_first_token(machine, long)
    assert not machine.seen[short].token_at


def test_many_short_prompts_at_once_come_in_as_soon_as_before() -> None:
    seconds = []
    for make in (chunked, as_before):
        machine = SteppedMachine(make, LAPTOP)
        machine.add(SHORT)
        for _ in range(20):
            machine.step()
        burst = [machine.add(SHORT) for _ in range(15)]
        began = machine.now
        for request in burst:
            until_first_token(machine, request)
        seconds.append(machine.now - began)
    assert seconds[0] <= 1.3 * seconds[1]


def test_a_cancelled_prompt_frees_its_cache_at_the_next_step() -> None:
    machine, replies = with_replies(chunked, LAPTOP)
    long = machine.add(LONG)
    for _ in range(5):
        machine.step()
    machine.cancel(long)
    assert set(machine.step()) == set(replies)
    assert machine.cache.freed == [long]


def test_while_the_cache_is_full_only_prompts_that_are_begun_go_on() -> None:
    machine, replies = with_replies(chunked, LAPTOP)
    begun = machine.add(LONG)
    machine.step()
    new = machine.add(SHORT)
    machine.scheduler.block_new_requests = True
    until_first_token(machine, begun)
    assert not machine.seen[new].token_at
    machine.scheduler.block_new_requests = False
    assert until_first_token(machine, new) < 1.0
    assert set(machine.step()) == {*replies, begun, new}


def test_a_prompt_that_finds_no_room_in_the_cache_holds_no_other_up() -> None:
    machine = SteppedMachine(chunked, LAPTOP)
    begun = machine.add(LONG)
    for _ in range(4):
        machine.step()
    shorter = machine.add(LONG // 2)
    machine.cache.refused.add(shorter)
    for _ in range(4):
        assert set(machine.step()) == {begun}


def test_when_the_last_request_of_a_full_cache_is_cancelled_those_who_wait_come_in() -> None:
    machine = SteppedMachine(chunked, LAPTOP)
    last = machine.add(SHORT)
    machine.step()
    waiting = machine.add(SHORT)
    machine.scheduler.block_new_requests = True
    machine.cancel(last)
    assert set(machine.step()) == {waiting}
