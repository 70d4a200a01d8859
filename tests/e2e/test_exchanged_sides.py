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
from tests.e2e.frames import added, kind
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
    """What battles give by who stood left; no side is likelier than .65, so both come soon."""
    found: dict[str, Any] = {}
    for _ in range(40):
        given = play()
        found.setdefault(left_model(arena), given)
        if len(found) == 2:
            return found
    raise AssertionError("the sides never changed")


def test_frames_have_the_same_kinds_and_keys_and_columns_grow_alike_whichever_side_is_fast(
    uneven: ServedArena,
) -> None:
    with HttpAnnotator(uneven.address) as ada:
        ada.load()

        def play() -> set[str]:
            ada.fire("new-battle")
            outcome = ada.fire("send", prompt=STEADY)
            assert outcome.succeeded
            per_frame = [added(message) for message in outcome.messages]
            assert sum(any(pair) for pair in per_frame) > 5, "answers must have been streamed"
            assert [pair for pair in per_frame if pair[0] != pair[1]] == []
            return {kind(message) for message in outcome.messages}

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
