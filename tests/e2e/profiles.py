"""Browser profiles that one test after another uses: emptied, but with the scripts compiled.

A page in a new profile costs three seconds of a core, because Gradio's scripts are fetched and
compiled again; in a profile that has seen them half of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.browsing import Complaints

_KEPT = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"
"""All that a page can put away; what the browser itself caches is not among it."""


class Profile:
    """A browser context, and a page of ours that keeps it at hand between the tests."""

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self._context = browser.new_context(**options)
        self._ours = self._context.new_page()
        self._devtools = self._context.new_cdp_session(self._ours)

    @contextmanager
    def used(self, address: str) -> Iterator[tuple[Page, Complaints]]:
        """Open a page for one person at `address`; what that person leaves behind is removed."""
        complaints = Complaints(self._context)
        yield self._context.new_page(), complaints
        for page in self._context.pages:
            if page is not self._ours:
                page.close()
        complaints.close()
        self._context.clear_cookies()
        kept = {"origin": address, "storageTypes": _KEPT}
        self._devtools.send("Storage.clearDataForOrigin", kept)


class Profiles:
    """The profiles of one browser, those of equal options in turn."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: defaultdict[str, list[Profile]] = defaultdict(list)

    @contextmanager
    def person(self, address: str, **options: Any) -> Iterator[tuple[Page, Complaints]]:
        """Open a page in a profile with these options that nobody else uses now."""
        free = self._free[repr(sorted(options.items()))]
        profile = free.pop() if free else Profile(self._browser, options)
        with profile.used(address) as opened:
            yield opened
        free.append(profile)
