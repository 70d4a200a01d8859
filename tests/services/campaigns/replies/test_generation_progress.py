"""Rates and the time left, by the time spent writing alone."""

from datetime import timedelta

from arena.domain.conversation import ModelKey
from arena.services.campaigns.replies.generation_progress import Progress, Tally
from tests.fakes.loop import FakeClock


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_the_time_in_which_a_model_loads_does_not_count() -> None:
    clock, told = FakeClock(), list[Progress]()
    tally = Tally(clock, told.append, models=2, all_total=20)
    one = tally.model(ModelKey("one"), "One", 10)
    clock.let_pass(seconds(100))
    one.tell("loading")
    one.begin()
    for _ in range(10):
        clock.let_pass(seconds(2))
        one.wrote(30)
        one.settle()
    one.end()
    clock.let_pass(seconds(50))
    two = tally.model(ModelKey("two"), "Two", 10)
    two.tell("loading")

    done, loading = told[-2:]
    assert (done.done, done.all_done, done.note) == (10, 10, "")
    assert (done.replies_per_s, done.tokens_per_s, done.left_s) == (0.5, 15.0, 20.0)
    assert (loading.model, loading.number, loading.note) == ("two", 2, "loading")
    assert (loading.replies_per_s, loading.left_s) == (None, 20.0)


def test_nothing_is_said_of_a_rate_before_the_first_reply() -> None:
    told = list[Progress]()
    tally = Tally(FakeClock(), told.append, models=1, all_total=4)

    tally.model(ModelKey("one"), "One", 4).settle(2, reused=True)

    assert (told[0].done, told[0].replies_per_s, told[0].left_s) == (2, None, None)


def test_a_server_without_counts_of_tokens_has_no_rate_of_tokens() -> None:
    clock, told = FakeClock(), list[Progress]()
    one = Tally(clock, told.append, models=1, all_total=2).model(ModelKey("one"), "One", 2)
    one.begin()
    clock.let_pass(seconds(1))
    one.wrote(None)
    one.settle()

    assert (told[-1].replies_per_s, told[-1].tokens_per_s) == (1.0, None)
