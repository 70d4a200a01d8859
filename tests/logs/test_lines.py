"""Records of the log as lines."""

import json
import logging
import sys
from typing import Any

import pytest

from arena.logs import about_battle
from arena.logs.events import EVENTS, PROMPTS
from arena.logs.lines import JsonLines, WordLines

PROMPT = "Which of the two wines is the older one?"


def record(message: str, *values: object, name: str = "arena.x", **facts: object) -> Any:
    made = logging.LogRecord(name, logging.WARNING, "file.py", 1, message, values, None)
    made.created = 1_800_000_000.25
    if facts:
        made.facts = facts
    return made


def failed(error: Exception) -> Any:
    try:
        raise error
    except type(error):
        made = record("it failed")
        made.exc_info = sys.exc_info()
        return made


def parsed(made: Any) -> dict[str, Any]:
    line = JsonLines().format(made)
    assert "\n" not in line
    assert line.isascii()
    return dict(json.loads(line))


def test_a_record_is_one_object() -> None:
    assert parsed(record("%s is 模型\nready", "a")) == {
        "time": "2027-01-15T08:00:00.250Z",
        "level": "WARNING",
        "logger": "arena.x",
        "message": "a is 模型\nready",
    }


def test_the_battle_that_is_worked_on_is_named() -> None:
    with about_battle("b-1"):
        assert parsed(record("stored"))["battle"] == "b-1"
    assert "battle" not in parsed(record("stored"))


def test_an_event_adds_its_facts() -> None:
    line = parsed(record("a turn has ended", name=EVENTS, turn=2, state="complete"))
    assert (line["turn"], line["state"]) == (2, "complete")
    words = WordLines().format(record("a turn has ended", name=EVENTS, turn=2, state="void"))
    assert words.endswith("a turn has ended turn=2 state='void'")


def test_a_traceback_is_a_field() -> None:
    line = parsed(failed(OSError("disk full")))
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("OSError: disk full")


@pytest.mark.parametrize("lines", [JsonLines(), WordLines()])
def test_no_line_repeats_the_prompt_that_is_worked_on(lines: logging.Formatter) -> None:
    with about_battle("b-1", [PROMPT]):
        for made in (record("refused: %s", PROMPT), failed(ValueError(PROMPT))):
            assert PROMPT not in lines.format(made)
            assert "[prompt]" in lines.format(made)


@pytest.mark.parametrize("lines", [JsonLines(), WordLines()])
def test_a_prompt_that_was_asked_for_is_there(lines: logging.Formatter) -> None:
    with about_battle("b-1", [PROMPT]):
        assert PROMPT in lines.format(record("a prompt", name=PROMPTS, prompt=PROMPT))
