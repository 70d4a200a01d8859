"""The last line of a start."""

import pytest

from arena.cli.start import Start
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState

LOADING, READY, FAILED = ModelState.LOADING, ModelState.READY, ModelState.FAILED


class Models:
    """Models whose states a test changes."""

    def __init__(self, *states: ModelState) -> None:
        self.now = states

    def states(self) -> dict[ModelKey, ModelState]:
        return {ModelKey(str(number)): state for number, state in enumerate(self.now)}


def start_of(models: Models) -> Start:
    return Start(models.states, "http://127.0.0.1:7860/")


def test_nothing_is_said_before_a_battle_can_begin(capsys: pytest.CaptureFixture[str]) -> None:
    start = start_of(Models(LOADING, READY, FAILED))
    assert not start.announce()
    assert capsys.readouterr().out == ""


def test_the_last_line_says_how_many_models_are_ready_and_where_the_arena_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert start_of(Models(READY, READY)).announce()
    assert capsys.readouterr().out == (
        "Ready: 2 models, http://127.0.0.1:7860/, admin http://127.0.0.1:7860/admin/\n"
    )


def test_models_that_come_later_are_told_of_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    models = Models(READY, READY, LOADING, LOADING)
    start = start_of(models)
    assert not start.announce()
    assert not start.announce()
    models.now = (READY, READY, READY, LOADING)
    assert not start.announce()
    models.now = (READY, READY, READY, FAILED)
    assert start.announce()
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Ready: 2 of 4 models, 2 still loading, http")
    assert last.startswith("Ready: 3 of 4 models, http")
