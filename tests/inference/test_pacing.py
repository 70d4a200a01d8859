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
    LONGEST_REST_S,
    READING_PACE,
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


def play(
    *columns: Column, hold: bool = False, reading_pace: float = READING_PACE
) -> list[tuple[int, ...]]:
    """What is visible at every frame until all is."""
    return [frame for _, frame in timed(*columns, hold=hold, reading_pace=reading_pace)]


def timed(
    *columns: Column, hold: bool = False, reading_pace: float = READING_PACE
) -> list[tuple[float, tuple[int, ...]]]:
    """The same with the time of every frame, the last of which comes when it is due."""
    pacer = Pacer(hold=hold, reading_pace=reading_pace)
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
    return tail_of([shown for _, shown in frames])


def tail_of(frames: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    ended = [shown for shown in frames if any(map(int.__eq__, shown, frames[-1]))]
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


def test_after_a_column_ends_the_other_goes_on_at_the_reading_pace_and_never_flushes() -> None:
    frames = play(Column(200, 10), Column(1000, 1000))
    rest = [step for step, frame in zip(steps(frames, 1), frames, strict=True) if frame[1] > 200]
    assert max(rest) <= READING_PACE * FRAME_S + GRID
    assert len(rest) * FRAME_S == pytest.approx(800 / READING_PACE, abs=2 * FRAME_S)


@pytest.mark.parametrize("reading_pace", [30.0, 300.0])
def test_the_reading_pace_is_the_least_pace_of_the_rest(reading_pace: float) -> None:
    at, frames = zip(
        *timed(Column(40, 2), Column(240, 1000), reading_pace=reading_pace), strict=True
    )
    together = next(number for number, frame in enumerate(frames) if frame[0] == 40)
    assert at[-1] - at[together] == pytest.approx(200 / reading_pace, abs=FRAME_S)


def test_the_rest_goes_about_as_fast_as_the_columns_went_together() -> None:
    frames = play(Column(2000, 100), Column(4000, 1000))
    together = next(number for number, frame in enumerate(frames) if frame[0] == 2000)
    assert len(frames) - together == pytest.approx(together, rel=0.3)


def test_the_rest_of_a_very_long_text_that_is_ready_takes_ten_seconds() -> None:
    at, _ = timed(Column(6, 100), Column(10_000, 1e6))[-1]
    assert at == pytest.approx(LONGEST_REST_S, abs=0.2)


def test_a_text_that_is_not_ready_is_shown_at_the_reading_pace_however_long_it_gets() -> None:
    pacer = Pacer()
    pacer.advance(1.0, lengths=[6, 9000], done=[True, False])
    assert pacer.advance(2.0, lengths=[6, 9000], done=[True, False])[1] <= 6 + READING_PACE


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
    assert after[1] - before[1] <= READING_PACE * FRAME_S + GRID


def test_the_last_frame_is_complete() -> None:
    assert play(Column(37, 10), Column(113, 100))[-1] == (37, 113)


def test_columns_that_end_together_are_whole_soon_after_the_last_word() -> None:
    at, shown = timed(Column(400, 30), Column(400, 100))[-1]
    assert shown == (400, 400)
    assert 100 / 30 <= at <= 100 / 30 * 1.25


def test_the_last_frame_comes_when_the_pace_has_reached_the_end() -> None:
    frames = timed(Column(400, 10), Column(803, 1000))
    together, (at, (_, whole)) = frames[-1 - len(tail(frames))][0], frames[-1]
    assert whole == 803
    assert at - together == pytest.approx((803 - 400) / READING_PACE, abs=FRAME_S)


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


def test_texts_that_are_ready_at_once_show_at_once_as_far_as_the_shorter_goes() -> None:
    pacer = Pacer()
    assert pacer.advance(1.0, lengths=[30, 90], done=[True, True]) == (30, 16)
    left = pacer.seconds_left(lengths=[30, 90], done=[True, True])
    assert left == pytest.approx((90 - 30) / READING_PACE, abs=0.01)


def test_nothing_shows_until_the_first_pace_can_be_measured() -> None:
    pacer = Pacer()
    assert pacer.advance(1.0, lengths=[500, 500], done=[False, False]) == (0, 0)
    assert pacer.advance(1.2, lengths=[500, 500], done=[False, False]) == (0, 0)
    assert pacer.advance(1.25, lengths=[500, 500], done=[False, False]) == (240, 240)
    slower = Pacer()
    assert slower.advance(1.0, lengths=[23, 500], done=[False, False]) == (0, 0)
    assert slower.advance(2.0, lengths=[23, 500], done=[False, False]) == (0, 0)


def test_columns_start_with_half_of_what_is_there_and_keep_a_pace_rounded_down() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    assert pacer.advance(1.0, lengths=[101, 101], done=[False, False]) == (48, 48)
    shown = [
        pacer.advance(1 + second, lengths=[9000, 9000], done=[False, False])[0]
        for second in (0.25, 0.5, 0.75)
    ]
    assert shown == [int(50.5 + 90.51 * second) // GRID * GRID for second in (0.25, 0.5, 0.75)]


def test_paces_that_differ_by_a_few_per_cent_look_alike() -> None:
    paces = []
    for length in (92, 96, 101, 108):
        pacer = Pacer()
        pacer.advance(0.0, lengths=[1, 1], done=[False, False])
        pacer.advance(1.0, lengths=[length, length], done=[False, False])
        pacer.advance(1.9, lengths=[400, 400], done=[False, False])
        left = pacer.seconds_left(lengths=[400, 400], done=[True, True])
        assert left is not None
        paces.append((400 - (length / 2 + 0.9 * 90.51)) / (left - 1e-3))
    assert paces == pytest.approx([90.51] * 4, rel=1e-3)


def test_a_pace_that_proves_too_fast_is_lowered_when_columns_have_caught_up() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    pacer.advance(0.5, lengths=[65, 65], done=[False, False])
    assert pacer.advance(1.0, lengths=[70, 70], done=[False, False]) == (64, 64)
    left = pacer.seconds_left(lengths=[134, 134], done=[True, True])
    assert left == pytest.approx(64 / (0.6 * 64), abs=0.1)


def test_a_text_that_slows_down_is_not_followed_closely() -> None:
    pacer = Pacer()
    close = []
    for frame in range(240):
        now = frame / 8
        length = int(1 + 60 * now / (1 + now / 60))
        shown, _ = pacer.advance(now, lengths=[length, length], done=[False, False])
        close.append(shown == length // GRID * GRID)
    assert sum(close) < 60, "each such frame shows the rhythm of the slower text"


def test_a_pace_that_proves_too_slow_is_raised_when_the_time_has_doubled() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    pacer.advance(0.5, lengths=[33, 33], done=[False, False])
    paces = []
    for now in (0.9, 1.0):
        pacer.advance(now, lengths=[513, 513], done=[False, False])
        left = pacer.seconds_left(lengths=[513, 513], done=[True, True])
        assert left is not None
        paces.append(left)
    assert paces[0] == pytest.approx((513 - 16.5 - 0.4 * 64) / 64, abs=0.01)
    assert paces[1] == pytest.approx((513 - 16.5 - 0.5 * 64) / 861.1, abs=0.01)


def test_columns_never_show_more_than_the_even_length_allows() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False], even=1)
    for now in range(1, 9):
        written = 100 * now
        shown = pacer.advance(
            float(now), lengths=[written, 2 * written], done=[False, False], even=written - 40
        )
        assert max(shown) <= written - 40


@given(st.floats(min_value=0, max_value=1e6))
def test_a_tick_is_a_whole_second_that_comes_within_one(seconds: float) -> None:
    tick = next_tick(seconds)
    assert tick == int(tick) >= 1
    assert seconds <= tick <= max(seconds + 1, 1)


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
        growing = {
            shown for shown, whole in zip(frame, (100, 300, 200), strict=True) if shown != whole
        }
        assert len(growing) <= 1
        assert all(shown % GRID == 0 for shown in growing)
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
    slow=st.floats(15, 40),
    factor=st.floats(1, 20),
    waits=st.tuples(st.floats(0, 3), st.floats(0, 3)),
)
@example(a=300, b=600, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=4, b=400, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=400, b=4, characters=4, slow=10, factor=10, waits=(0.0, 0.0))
@example(a=36, b=53, characters=4, slow=10, factor=8, waits=(0.0, 1.0))
def test_exchanging_the_speeds_leaves_every_frame_the_same_until_one_column_ends(
    a: int, b: int, characters: int, slow: float, factor: float, waits: tuple[float, float]
) -> None:
    def frames(speed_a: float, wait_a: float, speed_b: float, wait_b: float) -> object:
        shown = play(Column(a, speed_a, characters, wait_a), Column(b, speed_b, characters, wait_b))
        return [frame for frame in shown if not any(map(int.__eq__, frame, shown[-1]))]

    fast = slow * factor
    assert frames(slow, waits[0], fast, waits[1]) == frames(fast, waits[1], slow, waits[0])


@given(
    a=st.integers(30, 1500),
    b=st.integers(30, 1500),
    characters=st.integers(4, 6),
    slow=st.floats(45, 100),
    factor=st.floats(1, 20),
)
def test_models_faster_than_the_reading_pace_exchange_until_the_last_words(
    a: int, b: int, characters: int, slow: float, factor: float
) -> None:
    def frames(speed_a: float, speed_b: float) -> list[tuple[int, ...]]:
        return play(Column(a, speed_a, characters), Column(b, speed_b, characters))

    one, other = frames(slow, slow * factor), frames(slow * factor, slow)
    assert abs(len(one) - len(other)) <= 1
    assert all(map(tuple.__eq__, one[:-2], other[:-2]))


@given(live=st.integers(0, 1000), lag=st.floats(0, 10))
def test_frames_come_two_to_eight_times_a_second(live: int, lag: float) -> None:
    assert FASTEST_INTERVAL_S <= frame_interval(live, lag) <= SLOWEST_INTERVAL_S


def test_frames_come_more_rarely_under_load() -> None:
    assert frame_interval(1, 0) == FASTEST_INTERVAL_S
    assert frame_interval(40, 0) > frame_interval(10, 0)
    assert frame_interval(1, 0.1) > frame_interval(1, 0)
    assert frame_interval(10_000, 10) == SLOWEST_INTERVAL_S
