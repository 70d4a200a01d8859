"""How far a generation is, in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from arena.cli.generation_bars import PlainLines, duration, line_of
from arena.domain.conversation import ModelKey
from arena.services.campaigns.replies.generation_progress import Progress
from tests.fakes.loop import FakeClock

BEGUN = Progress(
    model=ModelKey("one"),
    name="One",
    number=1,
    models=2,
    done=0,
    total=60,
    all_done=0,
    all_total=120,
)
RUNNING = replace(
    BEGUN, done=30, all_done=30, replies_per_s=4.237, tokens_per_s=812.3, left_s=154.0
)


def test_a_line_has_the_place_the_rate_and_the_time_left() -> None:
    assert line_of(BEGUN) == "one (1 of 2): 0 of 60"
    assert line_of(RUNNING) == (
        "one (1 of 2): 30 of 60, 4.24 replies/s, 812 tokens/s, 3 min left in all"
    )


def test_a_model_that_loads_says_what_it_does() -> None:
    loading = replace(RUNNING, note="downloading 3 of 14 GB")

    assert line_of(loading) == "one (1 of 2): 30 of 60, downloading 3 of 14 GB"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.0, "59 s"), (60.0, "1 min"), (3599.0, "60 min"), (11100.0, "3 h 05 min")],
)
def test_times_are_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_line_is_written_at_the_ends_of_a_model_and_every_half_minute() -> None:
    clock, lines = FakeClock(), list[str]()
    told = PlainLines(clock, lines.append)

    for second in range(61):
        told(replace(BEGUN, done=second))
        clock.let_pass(timedelta(seconds=1))
    told(replace(BEGUN, model=ModelKey("two"), number=2))

    assert [line.split(": ")[1] for line in lines] == ["0 of 60", "30 of 60", "60 of 60", "0 of 60"]
