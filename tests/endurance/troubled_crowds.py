"""A crowd that votes while something breaks, again and again: no acknowledged vote may be lost.

python -m tests.endurance.troubled_crowds replicas|postgresql|sqlite [MINUTES] [PEOPLE] [EVERY_S]

Of two servers of one PostgreSQL database behind nginx one is killed; or the database of one server
is locked for five seconds, crashes (PostgreSQL), or the whole server stands still for five. People
whose page is disturbed load it again, at whichever server is there, and begin anew.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from arena.storage.database import Database
from tests.benchmarks.annotators import Annotator
from tests.e2e.bestiary import QUICK, bestiary
from tests.e2e.nginx import nginx
from tests.e2e.serving import ServedArena, serving
from tests.endurance.soak import READING_S, VOTES, voted_battles
from tests.fakes.postgres import migrated_template, running_server

_DISTURBED = (httpx.HTTPError, RuntimeError, ValueError)
"""What a page meets whose server is gone: no connection, an error of the proxy, a broken stream."""
_PAUSE_S = 1.0
_TROUBLE_S = 5.0


Trouble = Callable[[], None]


@dataclass(slots=True)
class Survived:
    """Battles whose vote was acknowledged, and how often a page and a server were disturbed."""

    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    disturbed: int = 0
    troubles: int = 0


async def survived(
    address: str,
    troubles: Sequence[Trouble],
    *,
    minutes: float,
    people: int,
    every_s: float = 60.0,
    reading_s: float = READING_S,
) -> Survived:
    """Let people vote until the time is over, and make one trouble after the other."""
    found, end = Survived(), time.monotonic() + 60 * minutes
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(_votes(address, Random(number), end, found, reading_s))
        group.create_task(_troubles(troubles, end, found, every_s))
    return found


async def _troubles(
    troubles: Sequence[Trouble], end: float, found: Survived, every_s: float
) -> None:
    while time.monotonic() + every_s < end:
        await asyncio.sleep(every_s)
        trouble = troubles[found.troubles % len(troubles)]
        found.troubles += 1
        await asyncio.to_thread(trouble)


async def _votes(
    address: str, random: Random, end: float, found: Survived, reading_s: float
) -> None:
    cookies = httpx.Cookies()
    await asyncio.sleep(random.uniform(0, reading_s))
    while time.monotonic() < end:
        annotator = Annotator(address, cookies=cookies)
        try:
            await annotator.open()
            await annotator.click("new-battle")
            while time.monotonic() < end:
                await _one_vote(annotator, random, found, reading_s)
        except _DISTURBED:
            found.disturbed += 1
            await asyncio.sleep(_PAUSE_S)
        finally:
            cookies = annotator.cookies
            await annotator.close()


async def _one_vote(
    annotator: Annotator, random: Random, found: Survived, reading_s: float
) -> None:
    await annotator.battle(QUICK)
    await asyncio.sleep(random.expovariate(1 / reading_s))
    battle = str(annotator.field("battle-shown")).split(" ")[0]
    began = time.perf_counter()
    await annotator.click(random.choice(VOTES))
    if 'data-state="voted"' not in str(annotator.field("view")):
        raise RuntimeError("the vote was refused")
    found.seconds.append(time.perf_counter() - began)
    found.acknowledged.append(battle)


def killed(arena: ServedArena) -> Trouble:
    """Kill a server without warning, and start it again."""

    def trouble() -> None:
        arena.kill()
        arena.start()

    return trouble


def stalled(arena: ServedArena) -> Trouble:
    """Let the whole server stand still, as a machine that suspends."""

    def trouble() -> None:
        os.kill(arena.pid, signal.SIGSTOP)
        time.sleep(_TROUBLE_S)
        os.kill(arena.pid, signal.SIGCONT)

    return trouble


def locked(arena: ServedArena) -> Trouble:
    """Hold the write lock of the database."""

    def trouble() -> None:
        with closing(Database(arena.url)) as database, database.writing():
            time.sleep(_TROUBLE_S)

    return trouble


def _replicas(held: ExitStack, folder: Path, url: str) -> tuple[str, list[Trouble]]:
    servers = [held.enter_context(serving(folder / name, bestiary(), url=url)) for name in "ab"]
    address = held.enter_context(nginx(folder / "nginx", *(one.port for one in servers)))
    return address, [killed(one) for one in servers]


def _alone(
    held: ExitStack, folder: Path, url: str, crash: Trouble | None
) -> tuple[str, list[Trouble]]:
    arena = held.enter_context(serving(folder / "a", bestiary(), url=url))
    crashes = [] if crash is None else [crash]
    return arena.address, [locked(arena), stalled(arena), *crashes]


def main(
    kind: str = "replicas", minutes: str = "10", people: str = "200", every_s: str = "60"
) -> None:
    """Run, and print what came of it."""
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        url, crash = f"sqlite:///{folder / 'a' / 'arena.sqlite3'}", None
        if kind != "sqlite":
            server = held.enter_context(running_server())
            url, crash = server.url(migrated_template(server, folder), folder), server.crash
        if kind == "replicas":
            address, troubles = _replicas(held, folder, url)
        else:
            address, troubles = _alone(held, folder, url, crash)
        voting = survived(
            *(address, troubles),
            minutes=float(minutes),
            people=int(people),
            every_s=float(every_s),
        )
        found = asyncio.run(voting)
        stored = voted_battles(url)
    told = sorted(found.seconds)
    print(
        f"{kind}: {people} people, {minutes} min, {found.troubles} troubles: "
        f"votes acknowledged {len(found.acknowledged)}, stored {len(stored)}, "
        f"lost {len(set(found.acknowledged) - set(stored))}, "
        f"doubled {len(stored) - len(set(stored))}; pages disturbed {found.disturbed}; "
        f"ms of a vote: median {told[len(told) // 2] * 1e3:.0f}, "
        f"p99 {told[len(told) * 99 // 100] * 1e3:.0f}, most {told[-1] * 1e3:.0f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
