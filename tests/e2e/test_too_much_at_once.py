"""What a person sees who sends more than the arena takes."""

import pytest
from playwright.sync_api import expect

from arena.web.http.body_limit import EVENT_BYTES
from tests.e2e.browsing import Complaints
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser


def test_a_prompt_beyond_all_limits_is_kept_and_the_page_says_why_it_was_not_sent(
    arena: ServedArena, open_tab: Tab, complaints: list[Complaints]
) -> None:
    tab = open_tab(arena).open()
    complaints[0].expect("status of 413")
    tab.prompt.evaluate(
        """(box, length) => {
            box.value = 'x'.repeat(length);
            box.dispatchEvent(new Event('input', {bubbles: true}));
        }""",
        EVENT_BYTES,
    )
    tab.element("send").click()

    expect(tab.page.get_by_text("This is more than the arena takes at once.")).to_be_visible()
    assert tab.prompt.evaluate("box => box.value.length") == EVENT_BYTES
    tab.expect_no_votes()
