"""Answers of thousands of rows: the page does work in step with their length, and shows it all."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Tab
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena

pytestmark = pytest.mark.browser

ROWS = 3000
TABLE = "| item | price |\n|---|---|\n" + "".join(
    f"| <b>{row}</b> | ${row} and \\(x\\) |\n" for row in range(ROWS)
)
_COUNT = """() => {
    window.work = { built: 0, changes: 0 };
    new MutationObserver((changes) => {
        window.work.changes += 1;
        for (const { addedNodes } of changes) {
            for (const node of addedNodes) {
                window.work.built += 1 + (node.querySelectorAll?.("*").length ?? 0);
            }
        }
    }).observe(document.getElementById("slots"), { childList: true, subtree: true });
}"""


@pytest.fixture(scope="module")
def lengthy(serve: Callable[..., ServedArena]) -> ServedArena:
    """Both answer with the table, over some twenty frames."""
    models = {
        key: scripted_model(
            key,
            TABLE,
            script={"tokens_per_second": 15_000.0},
            sampling={"max_new_tokens": 1_000_000},
            max_context=4_000_000,
        )
        for key in ("ledger", "register")
    }
    return serve("lengthy", catalog(**models), ARENA_PROMPT_LIMIT="1000")


def test_a_table_of_3000_rows_is_not_built_anew_with_every_frame_and_is_copied_exactly(
    lengthy: ServedArena, open_tab: Tab
) -> None:
    tab = open_tab(lengthy, permissions=["clipboard-read", "clipboard-write"]).open()
    tab.page.evaluate(_COUNT)

    tab.complete("List them.")

    work: dict[str, Any] = tab.page.evaluate("window.work")
    assert work["changes"] > 5, "the answer must have come in frames"
    assert work["built"] < 6 * ROWS, "less than the table once in both columns, in all frames"
    for slot in "ab":
        answer = tab.element(f"slot-{slot}").locator(".answer")
        blocks = answer.locator(".answer-block")
        assert "\n".join(blocks.all_text_contents()) == TABLE
        copy = answer.locator("> .copy")
        copy.click()
        expect(copy).to_have_attribute("title", "Copied")
        assert tab.page.evaluate("navigator.clipboard.readText()") == TABLE


def test_without_a_clipboard_of_the_browser_the_text_is_copied_as_well(
    lengthy: ServedArena, open_tab: Tab
) -> None:
    """As over plain HTTP, where browsers have none."""
    tab = open_tab(lengthy)
    tab.page.add_init_script("delete Navigator.prototype.clipboard")
    tab.open()
    tab.complete("List them again.")
    tab.page.evaluate(
        """() => window.addEventListener("copy", (copying) => {
            window.copied = copying.clipboardData.getData("text/plain");
        })"""
    )

    copy = tab.element("slot-b").locator(".answer > .copy")
    copy.click()

    expect(copy).to_have_attribute("title", "Copied")
    assert tab.page.evaluate("window.copied") == TABLE
