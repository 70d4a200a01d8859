"""Pacing from lengths alone: the same schedule whichever slot was fast."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arena.inference.pacing import (
    FASTEST_INTERVAL_S,
    SLOWEST_INTERVAL_S,
    LeastWait,
    Pacer,
    frame_interval,
    next_tick,
)

FRAME_S = 0.125
GRID = 16


@dataclass(frozen=True, slots=True)
class Column:
    """A reply of `length` characters that comes token by token at a constant speed."""

    length: int
    tokens_per_s: float
    characters_per_token: int = 4
    first_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When the last token has come."""
        tokens = -(-self.length // self.characters_per_token)
        return self.first_s + max(tokens, 1) / self.tokens_per_s

    def generated(self, at: float) -> int:
        if at < self.first_s + 1 / self.tokens_per_s:
            return 0
        tokens = int((at - self.first_s) * self.tokens_per_s + 1e-6)
        return min(self.length, tokens * self.characters_per_token)


def play(*columns: Column, hold: bool = False) -> list[tuple[int, ...]]:
    """What is visible at every frame until all is."""
    return [frame for _, frame in timed(*columns, hold=hold)]


def timed(*columns: Column, hold: bool = False) -> list[tuple[float, tuple[int, ...]]]:
    """The same with the time of every frame, the last of which comes when it is due."""
    pacer = Pacer(hold=hold)
    frames: list[tuple[float, tuple[int, ...]]] = []
    whole, over = [column.length for column in columns], max(column.end_s for column in columns)
    now = 0.0
    while not pacer.finished:
        before, now = now, now + FRAME_S
        left = pacer.seconds_left(lengths=whole, done=[over <= now for _ in columns])
        if left is not None:
            now = min(now, max(over, before + left))
        lengths = [column.generated(now) for column in columns]
        done = [length == column.length for length, column in zip(lengths, columns, strict=True)]
        frames.append((now, pacer.advance(100 + now, lengths=lengths, done=done)))
        assert len(frames) < 20_000, "the pacer never finished"
    return frames


def tail(frames: Sequence[tuple[float, tuple[int, ...]]]) -> list[tuple[int, ...]]:
    """The frames after the first column has ended."""
    ends = frames[-1][1]
    ended = [shown for _, shown in frames if any(map(int.__eq__, shown, ends))]
    return ended[1:]


def steps(frames: Sequence[tuple[int, ...]], slot: int) -> list[int]:
    shown = [0] + [frame[slot] for frame in frames]
    return [later - earlier for earlier, later in pairwise(shown)]


def test_nothing_shows_before_every_column_has_a_first_character() -> None:
    frames = play(Column(200, 100), Column(200, 100, first_s=2))
    before = [frame for number, frame in enumerate(frames, start=1) if number * FRAME_S < 2]
    assert before
    assert set(before) == {(0, 0)}


def test_growing_columns_are_cut_at_multiples_of_sixteen_wherever_tokens_end() -> None:
    for characters in (3, 4, 5, 7):
        frames = play(Column(203, 10, characters), Column(407, 100, characters))
        growing = [length for frame in frames for length in frame]
        assert len({length for length in growing if length % GRID == 0}) > 10
        assert {length for length in growing if length % GRID} <= {203, 407}


def test_columns_advance_equally_and_at_most_to_the_shortest() -> None:
    slow, fast = Column(200, 10), Column(200, 100)
    for number, (shown_slow, shown_fast) in enumerate(play(slow, fast), start=1):
        assert shown_slow == shown_fast <= slow.generated(number * FRAME_S)


def test_after_a_column_ends_the_other_keeps_the_pace_and_never_flushes() -> None:
    frames = play(Column(200, 10), Column(1000, 1000))
    together = max(steps(frames, 0))
    tail = [step for step, frame in zip(steps(frames, 1), frames, strict=True) if frame[1] > 200]
    assert len(tail) > 100
    assert max(tail) <= together


def test_the_tail_goes_about_as_fast_as_the_columns_went_together() -> None:
    frames = play(Column(400, 10), Column(800, 1000))
    together = next(number for number, frame in enumerate(frames) if frame[0] == 400)
    assert len(frames) - together == pytest.approx(together, rel=0.1)


def test_a_one_word_answer_does_not_hold_the_other_back_for_minutes() -> None:
    frames = play(Column(4, 1, first_s=1), Column(600, 1000))
    assert len(frames) * FRAME_S < 30


def test_a_pause_of_the_slow_model_is_not_made_up_by_a_flush() -> None:
    pacer = Pacer()
    now, lengths = 0.0, [0, 0]
    for _ in range(40):
        now += FRAME_S
        lengths = [min(100, lengths[0] + 5), lengths[1] + 5]
        pacer.advance(now, lengths=lengths, done=[lengths[0] == 100, False])
    before = pacer.advance(now + 10, lengths=lengths, done=[True, False])
    after = pacer.advance(now + 10 + FRAME_S, lengths=[100, 1000], done=[True, True])
    assert after[1] - before[1] <= 6


def test_the_last_frame_is_complete() -> None:
    assert play(Column(37, 10), Column(113, 100))[-1] == (37, 113)


def test_the_last_frame_comes_with_the_last_word_when_columns_end_together() -> None:
    at, shown = timed(Column(400, 30), Column(400, 100))[-1]
    assert shown == (400, 400)
    assert at == pytest.approx(100 / 30)


def test_the_last_frame_comes_when_the_pace_has_reached_the_end() -> None:
    frames = timed(Column(400, 10), Column(803, 1000))
    (together, _), (at, (_, whole)) = frames[-1 - len(tail(frames))], frames[-1]
    pace = 400 / together
    assert whole == 803
    assert at - together == pytest.approx((whole - 400) / pace, rel=0.06)


def test_hold_shows_everything_at_once_when_all_are_done() -> None:
    frames = play(Column(50, 10), Column(300, 10), hold=True)
    assert set(frames[:-1]) == {(0, 0)}
    assert frames[-1] == (50, 300)


@pytest.mark.parametrize("ready_s", [0.2, 0.9, 3.4, 9.1, 40.3])
def test_texts_that_were_held_show_at_a_tick_and_not_when_they_are_ready(ready_s: float) -> None:
    pacer = Pacer(hold=True, began=100.0)
    assert pacer.advance(100.0 + ready_s, lengths=[5, 9], done=[True, True]) == (0, 0)
    left = pacer.seconds_left(lengths=[5, 9], done=[True, True])
    assert left == pytest.approx(next_tick(ready_s) - ready_s)
    tick = 100.0 + next_tick(ready_s)
    assert pacer.advance(tick, lengths=[5, 9], done=[True, True]) == (5, 9)


def test_a_late_look_at_held_texts_does_not_put_their_tick_off() -> None:
    pacer = Pacer(hold=True)
    pacer.advance(0.5, lengths=[5, 3], done=[True, False])
    assert pacer.advance(3.2, lengths=[5, 9], done=[True, True]) == (0, 0)
    assert pacer.advance(4.1, lengths=[5, 9], done=[True, True]) == (5, 9)


def test_the_seconds_left_are_those_until_the_last_character() -> None:
    pacer = Pacer()
    assert not pacer.finished
    for frame in range(1, 33):
        written = int(20 * frame * FRAME_S)
        ended = written >= 60
        pacer.advance(frame * FRAME_S, lengths=[min(written, 60), written], done=[ended, False])
    now = 33 * FRAME_S
    pacer.advance(now, lengths=[60, 200], done=[True, True])
    left = pacer.seconds_left(lengths=[60, 200], done=[True, True])
    assert left is not None
    early = deepcopy(pacer)
    early.advance(now + left - 0.05, lengths=[60, 200], done=[True, True])
    assert not early.finished
    pacer.advance(now + left, lengths=[60, 200], done=[True, True])
    assert pacer.finished


def test_a_text_that_came_at_once_lets_the_other_go_on_from_its_middle() -> None:
    pacer = Pacer()
    pacer.advance(1.0, lengths=[30, 90], done=[True, True])
    left = pacer.seconds_left(lengths=[30, 90], done=[True, True])
    assert left == pytest.approx((90 - 15) / (15 / FASTEST_INTERVAL_S), rel=0.01)


def test_a_pace_that_was_seen_for_less_than_two_seconds_is_at_least_that_of_reading() -> None:
    pacer = Pacer()
    for frame in range(1, 13):
        pacer.advance(frame * FRAME_S, lengths=[frame, frame], done=[False, False])
    pacer.advance(13 * FRAME_S, lengths=[13, 103], done=[True, True])
    left = pacer.seconds_left(lengths=[13, 103], done=[True, True])
    assert left == pytest.approx((103 - 12) / 30, rel=0.01)


def test_a_pace_that_was_seen_for_two_seconds_is_taken_as_it_is() -> None:
    pacer = Pacer()
    for frame in range(16):
        pacer.advance(frame * FRAME_S, lengths=(20, 210), done=(frame == 15, False))
    left = pacer.seconds_left(lengths=(20, 210), done=(True, True))
    assert left == pytest.approx((210 - 10) / 5, abs=0.01)


@given(st.floats(min_value=0, max_value=1e6))
def test_a_tick_comes_at_most_a_second_or_a_quarter_later(seconds: float) -> None:
    tick = next_tick(seconds)
    assert seconds <= tick <= max(seconds + 1, seconds * 1.25)
    assert next_tick(tick) == tick
    assert tick >= 1


def test_ticks_lie_as_far_apart_as_they_say() -> None:
    ticks = {next_tick(hundredth / 100) for hundredth in range(5000)}
    assert sorted(ticks) == [*range(1, 9), *range(10, 17, 2), *range(20, 33, 4), 40, 48, 56]


def test_a_held_text_waits_as_long_as_a_slow_model_would_take() -> None:
    pacer = Pacer(hold=True, least_wait=LeastWait(first_s=2.0, pace=50.0), began=100.0)
    assert pacer.advance(101.0, lengths=[300], done=[True]) == (0,)
    assert pacer.seconds_left(lengths=[300], done=[True]) == pytest.approx((2 + 6) * 1.25 - 1)
    assert pacer.advance(109.9, lengths=[300], done=[True]) == (0,)
    assert pacer.advance(110.0, lengths=[300], done=[True]) == (300,)
    assert pacer.finished


def test_three_columns_go_on_at_one_pace_while_they_end_one_by_one() -> None:
    frames = play(Column(100, 10), Column(300, 100), Column(200, 40))
    for frame in frames:
        common = max(frame)
        on_grid = common // GRID * GRID
        assert frame in {
            (min(100, shown), min(300, shown), min(200, common)) for shown in (common, on_grid)
        }
    assert frames[-1] == (100, 300, 200)


def test_an_empty_reply_does_not_block_the_others() -> None:
    pacer = Pacer()
    assert pacer.advance(1.0, lengths=[0, 5], done=[True, False]) == (0, 0)
    pacer.advance(9.0, lengths=[0, 50], done=[True, True])
    assert pacer.finished


lengths = st.integers(min_value=1, max_value=400)


@given(
    a=lengths,
    b=lengths,
    characters=st.integers(4, 6),
    slow=st.floats(10, 40),
    factor=st.floats(1, 20),
    waits=st.tuples(st.floats(0, 3), st.floats(0, 3)),
)
@example(a=300, b=600, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=4, b=400, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=400, b=4, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=36, b=53, characters=4, slow=10, factor=8, waits=(0.0, 1.0))
def test_exchanging_the_speeds_leaves_every_frame_the_same(
    a: int, b: int, characters: int, slow: float, factor: float, waits: tuple[float, float]
) -> None:
    def frames(speed_a: float, wait_a: float, speed_b: float, wait_b: float) -> object:
        return play(Column(a, speed_a, characters, wait_a), Column(b, speed_b, characters, wait_b))

    fast = slow * factor
    assert frames(slow, waits[0], fast, waits[1]) == frames(fast, waits[1], slow, waits[0])


@given(
    a=st.integers(60, 300),
    b=st.integers(60, 300),
    characters=st.integers(1, 3),
    slow=st.floats(2, 10),
)
def test_models_slower_than_a_reader_exchange_as_well_when_answers_are_longer_than_a_line(
    a: int, b: int, characters: int, slow: float
) -> None:
    def frames(speed_a: float, speed_b: float) -> list[tuple[int, ...]]:
        return play(Column(a, speed_a, characters), Column(b, speed_b, characters))

    assert frames(slow, 100) == frames(100, slow)


@given(live=st.integers(0, 1000), lag=st.floats(0, 10))
def test_frames_come_two_to_eight_times_a_second(live: int, lag: float) -> None:
    assert FASTEST_INTERVAL_S <= frame_interval(live, lag) <= SLOWEST_INTERVAL_S


def test_frames_come_more_rarely_under_load() -> None:
    assert frame_interval(1, 0) == FASTEST_INTERVAL_S
    assert frame_interval(40, 0) > frame_interval(10, 0)
    assert frame_interval(1, 0.1) > frame_interval(1, 0)
    assert frame_interval(10_000, 10) == SLOWEST_INTERVAL_S
