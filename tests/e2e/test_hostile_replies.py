"""Replies that look like parts of the page: nothing of them enables, presses, hides or sends."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.scripts import catalog, prompt_for, scripted_model
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

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
BORROWED = "[id], [name], [for], [autofocus], [contenteditable]"
REPLIES = (BUTTON, FIELD, LABEL, ARTICLE, REVEAL, FORM, STATE, COVER, SWITCH)


@pytest.fixture(scope="module")
def stage(serve: Callable[..., ServedArena]) -> ServedArena:
    """Two models that say the same."""
    models = {
        key: scripted_model(key, *REPLIES, script={"tokens_per_second": 400.0})
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
    tab.complete(prompt_for(REPLIES, reply))
    for slot in "ab":
        expect(tab.element(f"slot-{slot}").locator(".answer-body")).to_contain_text("the end")
        expect(tab.element(f"title-{slot}")).to_be_visible()
    expect(tab.page.locator(".message-content").locator(BORROWED)).to_have_count(0)
    tab.leave_fields()

    tab.page.keyboard.press("Enter")
    expect(tab.element("arena")).to_be_visible()
    tab.page.keyboard.press("1")

    tab.expect_revealed()
    assert votes(stage) == before + 1
    assert stage.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("a_better",)]
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("section.welcome")).to_be_visible()
    expect(tab.element("arena")).to_be_hidden()


def test_a_field_of_a_reply_that_takes_the_focus_does_not_take_the_keys(
    stage: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(stage).open()
    tab.complete(prompt_for(REPLIES, FIELD))
    tab.page.locator("#slot-a .bot-row input").focus()

    tab.page.keyboard.press("3")

    tab.expect_revealed()
    assert stage.rows("SELECT verdict FROM votes ORDER BY id DESC LIMIT 1") == [("tie",)]


def test_a_label_of_a_reply_presses_no_vote(stage: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(stage).open()
    before = votes(stage)
    tab.complete(prompt_for(REPLIES, LABEL))

    tab.page.locator("#slot-a .bot-row label").click()
    tab.page.locator("#slot-b .bot-row label").click()

    tab.expect_complete()
    assert votes(stage) == before
    expect(tab.page.locator(".card")).to_have_count(0)


def test_a_form_of_a_reply_sends_nothing(stage: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(stage)
    posted: list[str] = []
    tab.page.on("request", lambda one: posted.append(f"{one.method} {one.url}"))
    tab.page.goto(f"{stage.address}/login")
    tab.page.fill("#password", ADMIN_PASSWORD)
    tab.page.click("button[type=submit]")
    tab.page.wait_for_url("**/admin/")
    tab.open()
    tab.complete(prompt_for(REPLIES, FORM))
    reply = tab.page.locator("#slot-a .bot-row")
    posted.clear()

    reply.locator("form button").click()
    reply.locator("form input").press("Enter")

    expect(tab.page.locator("#header form.account")).to_be_visible()
    tab.expect_complete()
    assert [one for one in posted if one.startswith("POST") and "logout" in one] == []
    tab.reload()
    expect(tab.page.locator("#header form.account")).to_be_visible()


def test_a_reply_stays_in_its_own_column(stage: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(stage).open()
    tab.complete(prompt_for(REPLIES, COVER))

    on_top = tab.page.evaluate(
        """() => ["#prompt textarea", "#vote-tie", "#title-a", "#title-b"].map((selector) => {
            const box = document.querySelector(selector).getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return top.closest(".chat") === null;
        })"""
    )

    assert on_top == [True] * 4


def test_on_a_phone_a_reply_does_not_switch_the_answers(stage: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(stage, viewport={"width": 390, "height": 844}).open()
    tab.complete(prompt_for(REPLIES, SWITCH))

    tab.page.locator("#slot-a .bot-row button", has_text="Other answer").click()

    expect(tab.element("slot-a")).to_be_visible()
    expect(tab.element("slot-b")).to_be_hidden()


DIAGRAM = "```mermaid\ngraph TD\n  A[Start] --> B{Is it?}\n  B -->|Yes| C[Finish]\n```\n\nthe end"


def test_a_diagram_of_a_reply_is_drawn_in_both_columns(
    serve: Callable[..., ServedArena], open_tab: Tab
) -> None:
    models = {key: scripted_model(key, DIAGRAM) for key in ("tragedy", "comedy")}
    tab = open_tab(serve("diagrams", catalog(**models))).open()

    tab.complete("Draw something.")

    for slot in "ab":
        drawn = tab.element(f"slot-{slot}").locator(".bot-row svg[id^='mermaid']")
        expect(drawn).to_contain_text("Finish")
