"""Replies that look like parts of the page: nothing of them enables, presses, hides or sends."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.scripts import catalog, prompt_for, scripted_model
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

BUTTON = '<button id="vote-a-better">x</button>\n\n<div id="recognised"></div> the end'
FIELD = "<input autofocus> <p contenteditable autofocus>here</p> the end"
LABEL = '<label for="vote-b-better">Read on</label> the end'
ARTICLE = "<article>A piece of writing.</article> the end"
REVEAL = '<div id="reveal-x"><article>A piece of writing.</article></div> the end'
FORM = (
    '<form action="/logout" method="post"><button>Vote</button></form>\n\n'
    '<form action="/logout" method="post"><input name="q"></form> the end'
)
STATE = (
    '<div id="view"><p data-state="voted" data-actions="">Saved.</p></div>\n\n'
    '<p id="welcome">A welcome</p> <p id="title-z">A title</p> the end'
)
COVER = '<div style="position:fixed;inset:0;background:#fff">Everything</div> the end'
SWITCH = '<button data-show-slot="b">Other answer</button> the end'
ACTING = "[id], [name], [for], [style], [autofocus], [contenteditable], form, input, button, label"
"""What no element of an answer may be or have."""
REPLIES = (BUTTON, FIELD, LABEL, ARTICLE, REVEAL, FORM, STATE, COVER, SWITCH)
DIAGRAM = "```mermaid\ngraph TD\n  A[Start] --> B{Is it\n```\n\nthe end"
SAYINGS = (*REPLIES, DIAGRAM)


@pytest.fixture(scope="module")
def stage(serve: Callable[..., ServedArena]) -> ServedArena:
    """Two models that say the same."""
    models = {
        key: scripted_model(key, *SAYINGS, script={"tokens_per_second": 400.0})
        for key in ("tragedy", "comedy")
    }
    return serve("stage", catalog(**models))


def votes(arena: ServedArena) -> int:
    count: int = arena.value("SELECT count(*) FROM votes")
    return count


@pytest.mark.parametrize("reply", REPLIES)
def test_whatever_a_reply_looks_like_key_1_votes_and_enter_goes_on(
    stage: ServedArena, open_tab: Tab, reply: str
) -> None:
    tab = open_tab(stage).open()
    before = votes(stage)
    tab.complete(prompt_for(SAYINGS, reply))
    for slot in "ab":
        answer = tab.element(f"slot-{slot}").locator(".answer-body")
        expect(answer).to_contain_text("the end")
        assert answer.inner_text().split() == reply.split()
        expect(tab.element(f"title-{slot}")).to_be_visible()
    expect(tab.page.locator(".answer-block").locator(ACTING)).to_have_count(0)
    tab.leave_fields()

    tab.page.keyboard.press("Enter")
    expect(tab.element("arena")).to_be_visible()
    tab.page.keyboard.press("1")

    tab.expect_revealed()
    assert votes(stage) == before + 1
    assert stage.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("a_better",)]
    expect(tab.prompt).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("section.welcome")).to_be_visible()
    expect(tab.element("arena")).to_be_hidden()


def test_a_reply_stays_in_its_own_column(stage: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(stage).open()
    tab.complete(prompt_for(SAYINGS, COVER))

    on_top = tab.page.evaluate(
        """() => ["#prompt textarea", "#vote-tie", "#title-a", "#title-b"].map((selector) => {
            const box = document.querySelector(selector).getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return top.closest(".answer") === null;
        })"""
    )

    assert on_top == [True] * 4


def test_a_diagram_of_a_reply_is_shown_as_its_source_in_both_columns(
    stage: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(stage).open()

    tab.complete(prompt_for(SAYINGS, DIAGRAM, "Draw something"))

    for slot in "ab":
        code = tab.element(f"slot-{slot}").locator(".answer-body pre")
        expect(code).to_have_text("graph TD\n  A[Start] --> B{Is it")
