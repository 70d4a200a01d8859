"""After many battles nothing is left of them but rows in the database.

60 battles in `make test`, 1,000 under `make endurance`, through the page's own events over HTTP.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from arena.web.http.gradio_sessions import forget_left_pages
from tests.e2e.driver import Event, HttpAnnotator
from tests.e2e.in_process import DATABASE_FILE, InProcess, in_process
from tests.e2e.scripts import catalog, prompt_for, scripted_model
from tests.endurance import FACTOR
from tests.fakes.waiting import until

WAVES = 3 if FACTOR == 1 else 5
PEOPLE = 5
WAVE = 20 if FACTOR == 1 else 340
BATTLES_A_TAB = 4
IDLE = timedelta(hours=24)
LARGEST_GROWTH_BYTES = 24 * 2**20
MOST_THREADS = 100
MOST_DATABASE_FILES = 2 * 41 + 1
"""Database and log of 40 connections in the pool and the one that stays open; one index."""
KEPT = {"arena.inference.backend.LastFailure": 1}
"""A model's last failure stays until its next good reply, and one of the models breaks."""

_SAYINGS = ("A short answer.", "A long answer that takes its time. " * 8)
QUICK, SLOW = (prompt_for(_SAYINGS, saying) for saying in _SAYINGS)


class Left(Exception):
    """The annotator has closed the tab while the answers stream."""


class Tab(HttpAnnotator):
    """A tab in which all that a person may do with a battle is done."""

    leaves = False

    def vote(self) -> None:
        self.fire("send", prompt=QUICK)
        self.fire("vote-tie")

    def go_on_and_vote(self) -> None:
        self.fire("send", prompt=QUICK)
        self.fire("send", prompt=SLOW)
        self.fire("vote-a-better")

    def stop_and_try_again(self) -> None:
        self.fire_all([Event("send", {"prompt": SLOW})], meanwhile=[Event("stop")])
        self.fire("retry")
        self.fire("vote-both-bad")

    def start_anew(self) -> None:
        self.fire("send", prompt=QUICK)
        self.fire("new-battle")

    def reload(self) -> None:
        self.fire("send", prompt=QUICK)
        self.load()
        self.fire("vote-b-better")

    def leave(self) -> None:
        self.leaves = True
        with suppress(Left):
            self.fire("send", prompt=SLOW)

    def _messages(self) -> Iterator[dict[str, Any]]:
        for message in super()._messages():
            yield message
            if self.leaves and message["msg"] == "process_generating":
                raise Left


DEEDS: tuple[Callable[[Tab], None], ...] = (
    Tab.vote,
    Tab.go_on_and_vote,
    Tab.stop_and_try_again,
    Tab.start_anew,
    Tab.reload,
)


def unreliable() -> str:
    """Three models, one of which breaks at every fifth reply."""
    pace = {"tokens_per_second": 400.0}
    return catalog(
        steady=scripted_model("Steady", *_SAYINGS, script=pace),
        stable=scripted_model("Stable", *_SAYINGS, script=pace),
        brittle=scripted_model(
            "Brittle", *_SAYINGS, script=pace | {"fail_at_token": 2, "fail_every": 5}
        ),
    )


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[InProcess]:
    """It soon stops what nobody watches."""
    with in_process(tmp_path, unreliable(), ARENA_REATTACH_SECONDS="0.2") as running:
        yield running


def play(arena: InProcess, person: HttpAnnotator, battles: int) -> None:
    """A person's battles, a few in each tab; the last one in each is left in the middle."""
    deeds = cycle(DEEDS)
    for _ in range(0, battles, BATTLES_A_TAB):
        tab = Tab(arena.address, cookies=person.http.cookies)
        with closing(tab.http):
            tab.load()
            tab.fire("new-battle")
            for deed in islice(deeds, BATTLES_A_TAB - 1):
                deed(tab)
            tab.leave()


async def settled(arena: InProcess) -> dict[str, int]:
    """What there is when all battles have ended and all pages are forgotten."""
    later = datetime.now(UTC) + 2 * IDLE
    counts = [arena.census()]

    def rests() -> bool:
        arena.in_loop(lambda: forget_left_pages(arena.app, later, idle=IDLE))
        if _busy(arena.at_work()):
            return False  # a census takes a second of a core, from those who are at work
        counts.append(arena.census())
        return not _busy(counts[-1]) and counts[-1] == counts[-2]

    await until(rests)
    return counts[-1]


def _busy(counts: Mapping[str, int]) -> int:
    return sum(
        count
        for name, count in counts.items()
        if name in {"pages", "running events", "task LiveTurn.run"} or "Protocol" in name
    )


def number(folder: Path, sql: str) -> int:
    """The only figure that a query finds in the arena's database."""
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
        return int(connection.execute(sql).fetchone()[0])


@pytest.mark.anyio
@pytest.mark.timeout(3600)
async def test_nothing_is_left_of_battles_that_are_over(arena: InProcess, tmp_path: Path) -> None:
    people = [HttpAnnotator(arena.address) for _ in range(PEOPLE)]
    counts, resident = [], []
    others = psutil.Process().num_threads()  # of libraries that earlier tests have loaded
    for _ in range(WAVES):
        with ThreadPoolExecutor(PEOPLE) as threads:
            list(threads.map(lambda one: play(arena, one, WAVE // PEOPLE), people))
        for person in people:
            person.http.close()
        counts.append(await settled(arena))
        resident.append(psutil.Process().memory_info().rss)
        people = [person.another_tab() for person in people]
    for person in people:
        person.http.close()

    *_, before, after = counts
    assert {
        name: (before.get(name, 0), count)
        for name, count in after.items()
        if count > max(before.get(name, 0), KEPT.get(name, 0))
    } == {}
    assert resident[-1] - resident[-2] < LARGEST_GROWTH_BYTES
    assert arena.database_files() <= MOST_DATABASE_FILES
    assert psutil.Process().num_threads() - others < MOST_THREADS
    assert number(tmp_path, "SELECT count(*) FROM battles") >= WAVES * (WAVE // PEOPLE) * PEOPLE
    assert number(tmp_path, "SELECT count(*) FROM battles WHERE state = 'generating'") == 0
    open_battles = "SELECT count(*) FROM battles WHERE state IN ('complete', 'stopped')"
    assert number(tmp_path, open_battles) <= PEOPLE
    print("resident MiB after each wave:", [octets >> 20 for octets in resident])
