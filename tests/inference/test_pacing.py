"""Pacing from lengths alone: the same schedule whichever slot was fast."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arena.inference.pacing import (
    BUSIEST_INTERVAL_S,
    FASTEST_INTERVAL_S,
    LONGEST_REST_S,
    READING_PACE,
    SLOWEST_INTERVAL_S,
    Pacer,
    frame_interval,
)
from tests.inference.columns import FRAME_S, GRID, Column, play, steps, tail, timed


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
def test_frames_come_one_to_eight_times_a_second(live: int, lag: float) -> None:
    assert FASTEST_INTERVAL_S <= frame_interval(live, lag) <= BUSIEST_INTERVAL_S


@given(live=st.integers(0, 1000))
def test_many_battles_alone_leave_two_frames_a_second(live: int) -> None:
    assert frame_interval(live, 0) <= SLOWEST_INTERVAL_S


def test_frames_come_more_rarely_under_load() -> None:
    assert frame_interval(1, 0) == FASTEST_INTERVAL_S
    assert frame_interval(40, 0) > frame_interval(10, 0)
    assert frame_interval(1, 0.1) > frame_interval(1, 0)
    assert frame_interval(10_000, 10) == BUSIEST_INTERVAL_S
