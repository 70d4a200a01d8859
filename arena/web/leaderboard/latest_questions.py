"""Which question of a page is its latest: nobody reads the answers to those before."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

Superseded = asyncio.Future[None]
"""Done when the same page has asked something else."""


class LatestQuestions:
    """One question at a time for each page, in one event loop."""

    def __init__(self) -> None:
        self._latest: dict[str, Superseded] = {}

    @contextmanager
    def asked(self, page: str | None) -> Iterator[Superseded]:
        """Supersedes what the page asked before; without a page nothing is superseded."""
        mine: Superseded = asyncio.get_running_loop().create_future()
        if page is not None:
            self._end(self._latest.get(page))
            self._latest[page] = mine
        try:
            yield mine
        finally:
            if page is not None and self._latest.get(page) is mine:
                del self._latest[page]

    @staticmethod
    def _end(before: Superseded | None) -> None:
        if before is not None and not before.done():
            before.set_result(None)
