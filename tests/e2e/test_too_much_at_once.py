"""What a person sees who sends more than the arena takes."""

import pytest
from playwright.sync_api import Response, expect

from arena.web.http.body_limit import EVENT_BYTES
from tests.e2e.browsing import Complaints
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser
_TOO_LARGE = 413
_PASTE_AT_ONCE = """
    new MutationObserver((_, watch) => {
        const box = document.querySelector("#prompt textarea");
        if (!box) return;
        watch.disconnect();
        box.value = "x".repeat(%d);
        box.dispatchEvent(new Event("input", {bubbles: true}));
    }).observe(document, {childList: true, subtree: true});
"""
"""Before the page has shown whether a battle is open: what is written by then stays."""


def test_a_prompt_beyond_all_limits_is_kept_and_the_page_says_once_why_it_was_not_sent(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena)
    complaints[0].expect("status of 413")
    refused: list[Response] = []
    tab.page.on("response", lambda got: refused.append(got) if got.status == _TOO_LARGE else None)
    tab.page.add_init_script(_PASTE_AT_ONCE % EVENT_BYTES)
    tab.open()
    expect(tab.prompt).not_to_be_empty()
    tab.element("send").click()

    expect(tab.page.get_by_text("This is more than the arena takes at once.")).to_be_visible()
    assert tab.prompt.evaluate("box => box.value.length") == EVENT_BYTES
    tab.expect_no_votes()

    tab.complete("Less.")
    assert len(refused) == 1
