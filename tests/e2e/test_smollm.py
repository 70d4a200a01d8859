"""A browser battle with a real model of another maker, from the catalog that has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from arena.catalog.shipped_catalogs import catalog_path
from tests.e2e.conftest import Tab
from tests.e2e.serving import ServedArena
from tests.fakes.smollm import KEY, QUESTIONS, smollm_under_endurance
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.browser, smollm_under_endurance(), pytest.mark.timeout(600)]

SAMPLING = "sampling: {top_p: 0.9}"
PARIS = "The capital of France is Paris."
BATTLES = 12
"""Each has two of three models: that SmolLM2 is in none of so many has a chance of 1 in 500,000."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[ServedArena]:
    """The shipped catalog `smollm`, with all of its models ready; SmolLM2 answers greedily."""
    catalog = catalog_path(Path("smollm")).read_text(encoding="utf-8")
    assert SAMPLING in catalog
    greedy = catalog.replace(SAMPLING, "sampling: {temperature: 0}")
    served = ServedArena(tmp_path_factory.mktemp("smollm"), greedy)
    served.launch()
    try:
        served.await_answer("/readyz")
        wait_until(lambda: f"engine {KEY} is ready" in served.output)
        yield served
    finally:
        served.stop()


def test_smollm_knows_the_capital_of_france(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    for _ in range(BATTLES):
        tab.complete(QUESTIONS[0])
        answers = [
            tab.element(f"slot-{slot}").locator(".answer-body").last.inner_text() for slot in "ab"
        ]
        tab.leave_fields()
        tab.page.keyboard.press("2")
        tab.expect_revealed()
        shown = [tab.element(f"reveal-{slot}").inner_text() for slot in "ab"]
        if any("SmolLM2 135M Instruct" in card for card in shown):
            side = next(n for n, card in enumerate(shown) if "SmolLM2" in card)
            assert answers[side].strip() == PARIS
            return
        tab.page.keyboard.press("Enter")
    pytest.fail("SmolLM2 was in no battle")
