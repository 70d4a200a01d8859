"""Answers in a browser: in reach, on a phone too, and harmless."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.bestiary import HOSTILE, OUTSIDE, QUICK, SLOW
from tests.e2e.browsing import VOTES, Complaints, box_of
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


def test_on_a_phone_a_switch_shows_one_answer_at_a_time(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena, viewport={"width": 390, "height": 844}).open()
    tab.complete(QUICK)
    expect(tab.element("slot-a")).to_be_visible()
    expect(tab.element("slot-b")).to_be_hidden()

    tab.page.get_by_role("button", name="B", exact=True).click()

    expect(tab.element("slot-b")).to_be_visible()
    expect(tab.element("slot-a")).to_be_hidden()
    for vote in VOTES:
        box = box_of(tab.element(vote))
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    wide = tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_what_a_model_writes_runs_no_script_and_calls_nobody(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena).open()
    complaints[0].expect("Content Security Policy")
    arrived: list[str] = []
    tab.page.on("response", lambda response: arrived.append(response.url))
    tab.page.on("requestfailed", lambda request: arrived.append(f"{request.url} {request.failure}"))

    tab.complete(HOSTILE)

    for slot in "ab":
        expect(tab.element(f"slot-{slot}").locator(".answer-body")).to_contain_text("the end")
    tab.element("vote-tie").click()
    tab.expect_revealed()
    assert tab.page.title() == "Arena"
    assert tab.page.locator("#arena a[href^='javascript'], #arena [onclick]").count() == 0
    assert tab.page.locator("#arena iframe, #arena script, #arena [onerror]").count() == 0
    gone_out = [url for url in arrived if url.startswith(OUTSIDE)]
    assert [url for url in gone_out if not url.endswith("csp")] == []


def test_the_vote_buttons_stay_in_reach_below_long_answers(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena, viewport={"width": 1024, "height": 560}).open()
    tab.complete(SLOW)
    tab.page.evaluate("window.scrollTo(0, 0)")

    box = box_of(tab.element("dock"))

    assert box["y"] + box["height"] <= 561
    assert tab.page.evaluate("document.documentElement.scrollHeight") > 561
    tab.element("vote-tie").click()
    tab.expect_revealed()
    expect(tab.element("reveal-a")).to_be_in_viewport()
    expect(tab.element("reveal-b")).to_be_in_viewport()


def test_the_answers_are_drawn_in_whatever_order_the_scripts_arrive(
    arena: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(arena)
    held: list[Route] = []
    tab.page.route("**/arena-static/columns.js", lambda route: held.append(route))
    tab.open()
    tab.send(QUICK)
    tab.expect_complete()
    held[0].continue_()
    expect(tab.prompt).to_have_value("")
    expect(tab.element("slot-a").locator(".answer-body")).not_to_be_empty()
    expect(tab.element("first-prompt").locator(".prompt-text")).to_have_text(QUICK)
    tab.element("new-battle").click()
