"""A browser whose pages may not complain, and the battle page as a person sees it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FloatRect,
    Locator,
    Page,
    Route,
    WebError,
    expect,
    sync_playwright,
)

from arena.web.battle.layout import VOTE_BUTTONS

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_OF_LEAVING = ("^AbortError: signal is aborted", "^Unexpected error Connection errored out")
"""Gradio's own script says one of these when a page is left while an answer streams."""

VOTES = tuple(VOTE_BUTTONS.values())
expect.set_options(timeout=15_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that `ARENA_TEST_BROWSER` names."""
    path = os.environ.get("ARENA_TEST_BROWSER", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


_GENERATES = """(votes) => document.querySelector("#stop")?.checkVisibility()
    && !document.querySelector(votes.join())"""
_RESTS = """async (element) => {
    const frame = () => new Promise((go) => { requestAnimationFrame(go); setTimeout(go, 100); });
    const place = () => JSON.stringify(element.getBoundingClientRect());
    for (let frames = 0, last = ""; frames < 100; frames++) {
        await frame();
        if (place() === last) return;
        last = place();
    }
    throw new Error("this element never rests");
}"""


def box_of(element: Locator) -> FloatRect:
    """Where an element that can be seen stands once it rests for two frames, in CSS pixels.

    Gradio fits a box to its text, and the page its dock to the box, some time after the key.
    """
    element.evaluate(_RESTS)
    box = element.bounding_box()
    assert box is not None
    return box


class Complaints:
    """Errors of scripts and of the console, CSP violations among them."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._found: list[str] = []
        self._expected = list(_OF_LEAVING)
        context.on("weberror", self._hear_error)
        context.on("console", self._hear)

    def close(self) -> None:
        """Hear no more of the context."""
        self._context.remove_listener("weberror", self._hear_error)
        self._context.remove_listener("console", self._hear)

    def expect(self, pattern: str) -> None:
        """A complaint that belongs to the test."""
        self._expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        """What nobody expected."""
        return [
            text for text in self._found if not any(re.search(one, text) for one in self._expected)
        ]

    def _hear_error(self, error: WebError) -> None:
        self._found.append(str(error.error))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._found.append(f"{message.text} ({message.location.get('url')})")


class BattleTab:
    """The battle page by the element ids of the contract."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def open(self) -> "BattleTab":
        """Go to the page and wait until it is there."""
        self.page.goto(f"{self._address}/")
        expect(self.page.locator("#header nav")).to_be_visible()
        return self

    def reload(self) -> None:
        """As a person who presses F5."""
        self.page.reload()
        expect(self.page.locator("#header nav")).to_be_visible()

    def another(self) -> "BattleTab":
        """A second tab of the same person."""
        return BattleTab(self.page.context.new_page(), self._address)

    def element(self, elem_id: str) -> Locator:
        """By id."""
        return self.page.locator(f"#{elem_id}")

    @property
    def prompt(self) -> Locator:
        """Where one writes."""
        return self.page.locator("#prompt textarea")

    def send(self, prompt: str) -> None:
        """Write and click."""
        self.prompt.fill(prompt)
        self.element("send").click()

    def expect_generating(self) -> None:
        """Both models are answering: stop is offered, votes are not, at one and the same moment."""
        self.page.wait_for_function(_GENERATES, arg=[f"#{vote}:enabled" for vote in VOTES])

    def expect_complete(self) -> None:
        """All votes can be given."""
        for vote in VOTES:
            expect(self.element(vote)).to_be_enabled()

    def expect_no_votes(self) -> None:
        """No vote can be given: the buttons are off or absent."""
        for vote in VOTES:
            expect(self.page.locator(f"#{vote}:enabled")).to_have_count(0)

    def expect_revealed(self) -> None:
        """Cards instead of anonymous titles."""
        for slot in "ab":
            expect(self.element(f"reveal-{slot}").locator("article")).to_be_visible()
            expect(self.element(f"title-{slot}")).to_be_hidden()

    def complete(self, prompt: str) -> None:
        """Send a prompt and wait for both answers, however quickly they come.

        The prompt leaves its box together with the state in which nothing can be voted on.
        """
        self.send(prompt)
        expect(self.prompt).to_have_value("")
        self.expect_complete()

    def leave_fields(self) -> None:
        """No field has the focus any more."""
        self.page.evaluate("document.activeElement.blur()")

    def storage(self) -> str:
        """All that the page has put away in the browser."""
        found: Any = self.page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        )
        return str(found)


@contextmanager
def held(tab: BattleTab, *, fails: bool = False) -> Iterator[None]:
    """Keep the next event on its way until the end of the block, or lose it; others may pass it."""
    routes: list[Route] = []

    def keep_the_first(route: Route) -> None:
        if routes:
            route.continue_()
        else:
            routes.append(route)

    tab.page.route("**/queue/join**", keep_the_first)
    with tab.page.expect_request("**/queue/join**"):
        yield
    while not routes:
        tab.page.wait_for_timeout(10)
    if fails:
        routes[0].fulfill(status=503, body="no")
    else:
        routes[0].continue_()
