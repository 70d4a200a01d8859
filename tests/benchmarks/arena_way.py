"""The whole arena as a contender: a served page, its engines, and battles by the page's events."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.annotators import Annotator
from tests.benchmarks.bursts import Burst, Measured, cpu_seconds
from tests.benchmarks.checkpoints import PROMPT
from tests.benchmarks.contenders import Contender
from tests.benchmarks.served import arena_serving

_TOKENS = "SELECT reply_tokens FROM replies WHERE id > ?"
_LAST = "SELECT coalesce(max(id), 0) FROM replies"


@contextmanager
def arena(folder: Path, catalog: Path, *, tokens: int) -> Iterator[Contender]:
    """A served arena with a catalog's models, warm. Two replies of a burst are one battle."""
    with arena_serving(folder, catalog.read_text(encoding="utf-8")) as running:
        running.until("/readyz")
        address = running.address
        served = _Served(address, folder / "arena.sqlite3", _serving_processes(address))
        served(Burst(replies=2, tokens=tokens))
        yield served


@dataclass(frozen=True, slots=True)
class _Served:
    """A served arena: where it is, its database, and its processes."""

    address: str
    database: Path
    processes: list[psutil.Process]

    def __call__(self, burst: Burst) -> Measured:
        """Play the battles of a burst at the same moment, one in each of as many tabs."""
        battles = max(burst.replies // 2, 1)
        last = self._ask(_LAST)[0]
        wall, cpu, first = asyncio.run(self._played(battles))
        tokens = self._ask(_TOKENS, last)
        if tokens != [burst.tokens] * 2 * battles:
            raise RuntimeError(f"{battles} battles had replies of {tokens} tokens")
        return Measured(sum(tokens), wall, cpu, first)

    async def _played(self, battles: int) -> tuple[float, float, tuple[float, ...]]:
        tabs = [Annotator(self.address) for _ in range(battles)]
        try:
            for tab in tabs:
                await tab.open()
            wall, cpu = time.perf_counter(), cpu_seconds(*self.processes)
            played = await asyncio.gather(*(tab.battle(PROMPT) for tab in tabs))
            wall, cpu = time.perf_counter() - wall, cpu_seconds(*self.processes) - cpu
            return wall, cpu, tuple(one.first_frame for one in played)
        finally:
            for tab in tabs:
                await tab.close()

    def _ask(self, question: str, *values: int) -> list[int]:
        with closing(sqlite3.connect(self.database)) as connection:
            return [number for (number,) in connection.execute(question, values)]


def _serving_processes(address: str) -> list[psutil.Process]:
    """The process that serves a page on this port, and its engines."""
    port = address.rpartition(":")[2]
    page = next(one for one in psutil.Process().children() if port in one.cmdline())
    return [page, *page.children(recursive=True)]
