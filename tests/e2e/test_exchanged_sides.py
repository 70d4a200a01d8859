"""The same two answers with the fast model on the left, then on the right: the same page.

The services' test exchanges the sides on a virtual clock and compares every frame; here it is the
structure of what a real browser and a real stream get.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Tab
from tests.e2e.driver import HttpAnnotator
from tests.e2e.race import STEADY, STEADY_ANSWER
from tests.e2e.serving import ServedArena

_CHANGING_IDS = re.compile(r'html-[a-z0-9]+|(?<=id=")[0-9a-f-]{20,}|component-\d+')


def left_model(arena: ServedArena) -> str:
    """Who stands left in the newest battle."""
    rows = arena.rows(
        "SELECT model_key FROM slots JOIN battles ON id = battle_id WHERE position = 0"
        " ORDER BY created_at DESC LIMIT 1"
    )
    return str(rows[0][0])


def by_left_model(arena: ServedArena, play: Callable[[], Any]) -> dict[str, Any]:
    """What battles give by who stood left; sides are balanced, so both orders come soon."""
    found: dict[str, Any] = {}
    for _ in range(8):
        given = play()
        found.setdefault(left_model(arena), given)
        if len(found) == 2:
            return found
    raise AssertionError("the sides are not balanced")


def shape(value: Any) -> Any:
    """A frame without its texts and figures: kinds, keys, and which component each part is for.

    How much of a text a frame adds depends on the machine's timing, so lists of changes of one
    text count as one.
    """
    if isinstance(value, dict):
        return {key: shape(part) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value).__name__


def test_frames_have_the_same_kinds_and_keys_and_columns_grow_alike_whichever_side_is_fast(
    uneven: ServedArena,
) -> None:
    with HttpAnnotator(uneven.address) as ada:
        ada.load()

        def play() -> set[str]:
            ada.fire("new-battle")
            outcome = ada.fire("send", prompt=STEADY)
            assert outcome.succeeded
            added = [_added(message) for message in outcome.messages]
            assert sum(any(pair) for pair in added) > 5, "answers must have been streamed"
            assert [pair for pair in added if pair[0] != pair[1]] == []
            return {_kind(message) for message in outcome.messages}

        hare_left, tortoise_left = _both(by_left_model(uneven, play))
    assert hare_left == tortoise_left


@pytest.mark.browser
def test_the_markup_is_the_same_whichever_side_is_fast(uneven: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(uneven).open()

    def play() -> str:
        tab.complete(STEADY)
        markup = str(tab.element("arena").evaluate("element => element.outerHTML"))
        tab.element("new-battle").click()
        tab.element("welcome").wait_for()
        return _CHANGING_IDS.sub("", markup)

    hare_left, tortoise_left = _both(by_left_model(uneven, play))
    assert STEADY_ANSWER in hare_left
    assert hare_left == tortoise_left


def _both(found: dict[str, Any]) -> tuple[Any, Any]:
    return found["hare"], found["tortoise"]


def _kind(message: dict[str, Any]) -> str:
    """The message's name and keys, and the operations on every component."""
    output = message.get("output") or {}
    operations = sorted({str(shape(part)) for part in output.get("data") or []})
    names = sorted({str(word) for word in _operations(output.get("data") or [])})
    keys = sorted(set(message) | {f"output.{key}" for key in output})
    if message["msg"] == "process_generating" and names == ["append"]:
        operations = []
    return f"{message['msg']} {keys} {names} {operations}"


def _operations(data: list[Any]) -> list[str]:
    """Names of the changes that a frame makes to what the page has."""
    return [
        change[0]
        for part in data
        if isinstance(part, list)
        for change in part
        if isinstance(change, list) and change and isinstance(change[0], str)
    ]


def _added(message: dict[str, Any]) -> tuple[int, ...]:
    """Characters that a frame adds to each column, left to right."""
    if message["msg"] != "process_generating":
        return (0, 0)
    data = message["output"].get("data") or []
    texts = [
        sum(len(change[2]) for change in part if change[0] == "append")
        for part in data
        if isinstance(part, list) and _operations([part]) == ["append"]
    ]
    return tuple(texts) or (0, 0)
