"""An annotator of a campaign in a real browser who uses the keyboard alone."""

import time
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page, expect

_KEPT = """() => JSON.stringify([
    {...localStorage}, {...sessionStorage}, document.cookie, location.href,
    [...document.querySelectorAll("input, textarea")].map((field) => field.value),
])"""


@dataclass(frozen=True, slots=True)
class Pace:
    """What items take by keyboard, reading apart: from its page to the next one."""

    items: int
    keys_per_item: float
    median_s: float
    worst_s: float


class KeyboardAnnotator:
    """Opens a personal link and judges. `pages` holds what each page was before its vote."""

    def __init__(self, browser: Browser, link: str) -> None:
        self._context = browser.new_context(locale="en-GB")
        self._page: Page = self._context.new_page()
        self._keys = 0
        self._seconds: list[float] = []
        self.pages: list[str] = []
        self.kept: list[str] = []
        self.last = ""
        self._page.goto(link)
        self._begin()

    @property
    def pace(self) -> Pace:
        """How quick it was."""
        number = len(self._seconds)
        return Pace(number, self._keys / number, median(self._seconds), max(self._seconds))

    def close(self) -> None:
        """Leave."""
        self._context.close()

    def judge(self, most: int | None = None) -> None:
        """Judge so many items, or all that there are."""
        while (most is None or len(self.pages) < most) and self._is_item():
            self._judge_one()
        self.last = self._page.content()

    def _begin(self) -> None:
        page = self._page
        page.locator("input[name=answer-first_language]").last.check()
        page.locator("input[name=consent]").check()
        page.locator("#questions button[type=submit]").click()

    def _is_item(self) -> bool:
        """Look until there is an item, or nothing more to come."""
        page = self._page
        expect(page.locator("form#ballot, #nothing")).to_be_visible()
        while page.locator("#nothing[data-why=all_reserved]").count():
            page.reload()
            expect(page.locator("form#ballot, #nothing")).to_be_visible()
        return bool(page.locator("form#ballot").count())

    def _judge_one(self) -> None:
        page = self._page
        expect(page.locator(".copy").first).to_be_visible()  # the script that hears keys is there
        self.pages.append(page.content())
        self.kept.append(page.evaluate(_KEPT))
        begun = time.monotonic()
        slots = page.locator(".ranks").count()
        for key in [str(1 + slot) for slot in range(slots)] or ["1"]:
            self._press(key)
        self._press("Enter")
        expect(page.locator("#next")).to_be_focused()
        self._press("Enter")
        expect(page.locator("form#ballot, #nothing")).to_be_visible()
        self._seconds.append(time.monotonic() - begun)

    def _press(self, key: str) -> None:
        self._page.keyboard.press(key)
        self._keys += 1
