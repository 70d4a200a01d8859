"""Many annotators for many minutes: no vote lost or doubled, quick, and nothing that grows.

python -m tests.endurance.soak [sqlite|postgresql] [MINUTES] [PEOPLE]

Each person sends a prompt, reads both replies to their end and some time more, votes, and goes on.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from sqlalchemy import text

from arena.storage.database import Database
from tests.benchmarks.annotators import Annotator
from tests.e2e.bestiary import QUICK, bestiary
from tests.e2e.serving import serving

READING_S = 8.0
"""On average, after both replies are complete; exponentially distributed."""
LOOK_EVERY_S = 2.0
VOTES = ("vote-a-better", "vote-b-better", "vote-tie", "vote-both-bad")


@dataclass(slots=True)
class Soaked:
    """What was seen: battles whose vote was acknowledged, seconds of each vote, refusals, memory.

    `memory` has seconds since the start, and bytes of the server with all of its processes.
    """

    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)

    @property
    def slope(self) -> float:
        """MiB a minute in the second half, by least squares."""
        when, size = np.array(self.memory).T
        late = when > when[-1] / 2
        return float(np.polyfit(when[late] / 60, size[late] / 2**20, 1)[0])


async def soaked(
    address: str, pid: int, *, minutes: float, people: int, reading_s: float = READING_S
) -> Soaked:
    """Let people vote until the time is over."""
    found, end = Soaked(), time.monotonic() + 60 * minutes
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(_votes(address, Random(number), end, found, reading_s))
        group.create_task(_watches(pid, end, found))
    return found


async def _votes(address: str, random: Random, end: float, found: Soaked, reading_s: float) -> None:
    annotator = Annotator(address)
    await asyncio.sleep(random.uniform(0, reading_s))
    await annotator.open()
    while time.monotonic() < end:
        await annotator.battle(QUICK)
        await asyncio.sleep(random.expovariate(1 / reading_s))
        battle = str(annotator.field("battle-shown")).split(" ")[0]
        began = time.perf_counter()
        await annotator.click(random.choice(VOTES))
        found.seconds.append(time.perf_counter() - began)
        if 'data-state="voted"' in str(annotator.field("view")):
            found.acknowledged.append(battle)
        else:
            found.refused.append(str(annotator.field("refusal")))
    await annotator.close()


async def _watches(pid: int, end: float, found: Soaked) -> None:
    server, began = psutil.Process(pid), time.monotonic()
    while time.monotonic() < end:
        size = sum(one.memory_info().rss for one in [server, *server.children(recursive=True)])
        found.memory.append((time.monotonic() - began, size))
        await asyncio.sleep(LOOK_EVERY_S)


def report(found: Soaked, stored: list[str]) -> str:
    """The figures, one a line."""
    acknowledged = set(found.acknowledged)
    median, late, latest = np.percentile(np.array(found.seconds) * 1e3, [50, 95, 99])
    sizes = [size for _, size in found.memory]
    return "\n".join(
        (
            f"votes acknowledged {len(found.acknowledged)}, stored {len(stored)}, "
            f"refused {len(found.refused)}: {sorted(set(found.refused))}",
            f"lost {len(acknowledged - set(stored))}, doubled {len(stored) - len(set(stored))}, "
            f"stored but not acknowledged {len(set(stored) - acknowledged)}",
            f"ms of a vote: median {median:.0f}, p95 {late:.0f}, p99 {latest:.0f}",
            f"memory: {sizes[0] / 2**20:.0f} MiB at first, {max(sizes) / 2**20:.0f} at most, "
            f"{found.slope:+.2f} MiB a minute in the second half",
        )
    )


def voted_battles(url: str) -> list[str]:
    """Return the battle of every vote that is stored."""
    database = Database(url)
    try:
        with database.reading() as connection:
            found = connection.execute(text("SELECT battle_id FROM votes")).scalars()
            return [str(battle) for battle in found]
    finally:
        database.close()


@contextmanager
def address_of(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of a new database; an empty one is the file that a server makes."""
    if kind == "sqlite":
        yield ""
        return
    from tests.fakes.postgres import migrated_template, running_server

    with running_server() as server:
        yield server.url(migrated_template(server, folder), folder)


def main(kind: str = "sqlite", minutes: str = "10", people: str = "200") -> None:
    """Run, and print what came of it."""
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        url = held.enter_context(address_of(kind, folder))
        arena = held.enter_context(serving(folder / "served", bestiary(), url=url))
        waited = soaked(arena.address, arena.pid, minutes=float(minutes), people=int(people))
        found = asyncio.run(waited)
        spent = psutil.Process(arena.pid).cpu_times()
        stored = voted_battles(arena.url)
    print(f"{people} people, {minutes} min, {kind}:")
    print(report(found, stored))
    print(f"CPU of the server: {spent.user + spent.system:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
