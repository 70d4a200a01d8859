"""Gradio remembers every page that was ever opened; the arena forgets those that were left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from arena.web.common.texts import load_texts
from arena.web.http.gradio_sessions import MOST_PAGES, forget_left_pages
from tests.e2e.driver import HttpAnnotator
from tests.e2e.in_process import InProcess, in_process
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)
WORDS = load_texts().by_language["en"]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    pair = {key: scripted_model(key.title(), "A short answer.") for key in ("moth", "mayfly")}
    with in_process(tmp_path_factory.mktemp("left"), catalog(**pair)) as running:
        yield running


@pytest.fixture
def ada(arena: InProcess) -> Iterator[HttpAnnotator]:
    with HttpAnnotator(arena.address) as annotator:
        annotator.load()
        yield annotator
    forgotten(arena, 2 * DAY)


def forgotten(arena: InProcess, after: timedelta) -> int:
    """How many pages are forgotten so much later."""
    now = datetime.now(UTC) + after
    return int(arena.in_loop(lambda: forget_left_pages(arena.app, now, idle=DAY)))


def is_closed(arena: InProcess, session: str) -> bool:
    """Whether Gradio has noticed that a page is gone."""
    return any(
        page.state_holder.session_data[session].is_closed
        for page in arena.pages()
        if session in page.state_holder
    )


async def test_an_open_page_is_remembered_and_a_closed_one_forgotten_after_an_hour(
    arena: InProcess, ada: HttpAnnotator
) -> None:
    with ada.http.stream("GET", f"/gradio_api/heartbeat/{ada.session_hash}") as heartbeat:
        lines = heartbeat.iter_lines()  # held: dropping it would close the connection
        assert next(lines) == "data: ALIVE"
        assert forgotten(arena, DAY - MINUTE) == 0
    await until(lambda: is_closed(arena, ada.session_hash))

    assert forgotten(arena, 59 * MINUTE) == 0
    assert forgotten(arena, 61 * MINUTE) == 1
    assert forgotten(arena, 61 * MINUTE) == 0


async def test_an_open_page_that_nobody_uses_is_forgotten_after_a_day(
    arena: InProcess, ada: HttpAnnotator
) -> None:
    assert forgotten(arena, DAY - MINUTE) == 0
    assert forgotten(arena, DAY + MINUTE) == 1


async def test_a_forgotten_page_that_comes_back_goes_on_where_it_was(
    arena: InProcess, ada: HttpAnnotator
) -> None:
    assert ada.fire("send", prompt="Why?").text("view").startswith(WORDS["notice.complete"])
    shown = ada.hidden["battle-shown"].split()[0]
    assert forgotten(arena, DAY + MINUTE) == 1
    assert ada.fire("send", prompt="And then?").text("view").startswith(WORDS["notice.complete"])
    assert ada.hidden["battle-shown"].split()[0] == shown
    assert forgotten(arena, DAY + MINUTE) == 1
    assert ada.fire("vote-tie").revealed


async def test_of_very_many_pages_only_the_newest_are_remembered(arena: InProcess) -> None:
    assert {page.state_holder.capacity for page in arena.pages()} == {MOST_PAGES}
