"""A browser battle with a real model of another maker, from the catalog that has it."""

import os
import sys
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

CHANGES = {
    "sampling: {top_p: 0.9}": "sampling: {temperature: 0}",
    "source: embedded:arena-demo-b": "source: embedded:arena-demo-b\n    enabled: false",
}
"""SmolLM2 answers greedily, and has one opponent: it is in every battle."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[ServedArena]:
    """The shipped catalog `smollm` with these changes, ready."""
    catalog = catalog_path(Path("smollm")).read_text(encoding="utf-8")
    for shipped, changed in CHANGES.items():
        assert catalog.count(shipped) == 1
        catalog = catalog.replace(shipped, changed)
    packages = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # wherever SmolLM2 lies
    served = ServedArena(tmp_path_factory.mktemp("smollm"), catalog, packages)
    served.launch()
    try:
        wait_until(lambda: f"engine {KEY} is ready" in served.output)
        served.await_answer("/readyz")
        yield served
    finally:
        served.stop()


def test_smollm_knows_the_capital_of_france(arena: ServedArena, open_tab: Tab) -> None:
    tab = open_tab(arena).open()
    tab.complete(QUESTIONS[0])
    answers = [
        tab.element(f"slot-{slot}").locator(".answer-body").last.inner_text() for slot in "ab"
    ]
    tab.leave_fields()
    tab.page.keyboard.press("2")
    tab.expect_revealed()
    shown = [tab.element(f"reveal-{slot}").inner_text() for slot in "ab"]
    (side,) = (number for number, card in enumerate(shown) if "SmolLM2 135M Instruct" in card)
    assert answers[side].strip() == "The capital of France is Paris."
