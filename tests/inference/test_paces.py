"""A pace is measured before anything shows, and changed rarely; held texts wait for a tick."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.inference.pacing import READING_PACE, LeastWait, Pacer, next_tick
from tests.inference.columns import FRAME_S, GRID


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


def test_twenty_four_characters_are_enough_to_measure_the_first_pace() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    pacer.advance(1.0, lengths=[24, 24], done=[False, False])
    shown = pacer.advance(1.5, lengths=[500, 500], done=[False, False])
    assert shown == (16, 16), "12, and half a second at 22.6; measured only then: 240"


def test_a_single_character_that_is_done_waits_for_the_other_text() -> None:
    assert Pacer().advance(1.0, lengths=[1, 0], done=[True, False]) == (0, 0)


def test_the_wait_for_the_first_character_does_not_slow_the_pace() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[0, 1], done=[False, False])
    pacer.advance(2.0, lengths=[1, 101], done=[False, False])
    pacer.advance(3.0, lengths=[101, 201], done=[False, False])
    shown = pacer.advance(3.25, lengths=[126, 226], done=[False, False])
    assert shown == (64, 64), "50.5 and a quarter of a second at 90.51"


def test_texts_that_came_at_once_and_stand_go_on_at_a_character_in_the_time_so_far() -> None:
    pacer = Pacer()
    pacer.advance(1.0, lengths=[500, 500], done=[False, False])
    pacer.advance(1.25, lengths=[500, 500], done=[False, False])
    left = pacer.seconds_left(lengths=[500, 500], done=[True, True])
    assert left == pytest.approx(250 / 4, abs=0.01)


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


def test_columns_follow_the_even_length_and_not_the_shortest_text() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False], even=1)
    shown = pacer.advance(1.0, lengths=[101, 202], done=[False, False], even=51)
    assert shown == (16, 16)


def test_columns_that_are_a_little_behind_do_not_hurry() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    pacer.advance(0.5, lengths=[33, 33], done=[False, False])
    assert pacer.advance(1.0, lengths=[64, 64], done=[False, False]) == (48, 48)
    left = pacer.seconds_left(lengths=[200, 200], done=[True, True])
    assert left == pytest.approx((200 - 48.5) / 53.82, abs=0.01)


def test_a_late_frame_shows_of_the_longer_text_what_was_due_since_the_shorter_ended() -> None:
    pacer = Pacer()
    pacer.advance(0.0, lengths=[1, 1], done=[False, False])
    pacer.advance(1.0, lengths=[101, 101], done=[False, False])
    late_s = (50.5 + 0.9 * 90.51 - 101) / 90.51
    shown = pacer.advance(1.9, lengths=[101, 1000], done=[True, True])
    assert shown == (101, int(101 + late_s * READING_PACE) // GRID * GRID)


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
