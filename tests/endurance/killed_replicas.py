"""Two servers of one PostgreSQL database behind nginx, of which one is killed every minute.

python -m tests.endurance.killed_replicas [MINUTES] [PEOPLE]

People whose server is gone load the page again, at whichever is there, and begin anew.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from tests.benchmarks.annotators import Annotator
from tests.e2e.bestiary import QUICK, bestiary
from tests.e2e.nginx import nginx
from tests.e2e.serving import ServedArena, serving
from tests.endurance.soak import READING_S, VOTES, address_of, voted_battles

_DISTURBED = (httpx.HTTPError, RuntimeError, ValueError)
"""What a page meets whose server is gone: no connection, an error of the proxy, a broken stream."""
_PAUSE_S = 1.0


@dataclass(slots=True)
class Survived:
    """Battles whose vote was acknowledged, and how often a page and a server were disturbed."""

    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    disturbed: int = 0
    kills: int = 0


async def survived(
    address: str,
    servers: Sequence[ServedArena],
    *,
    minutes: float,
    people: int,
    every_s: float = 60.0,
    reading_s: float = READING_S,
) -> Survived:
    """Let people vote until the time is over, and kill one server after the other."""
    found, end = Survived(), time.monotonic() + 60 * minutes
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(_votes(address, Random(number), end, found, reading_s))
        group.create_task(_kills(servers, end, found, every_s))
    return found


async def _kills(
    servers: Sequence[ServedArena], end: float, found: Survived, every_s: float
) -> None:
    while time.monotonic() + every_s < end:
        await asyncio.sleep(every_s)
        dying = servers[found.kills % len(servers)]
        found.kills += 1
        await asyncio.to_thread(dying.kill)
        await asyncio.to_thread(dying.start)


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


def main(minutes: str = "10", people: str = "200") -> None:
    """Run, and print what came of it."""
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory()))
        url = held.enter_context(address_of("postgresql", folder))
        servers = [held.enter_context(serving(folder / name, bestiary(), url=url)) for name in "ab"]
        ports = [one.port for one in servers]
        address = held.enter_context(nginx(folder / "nginx", *ports))
        found = asyncio.run(survived(address, servers, minutes=float(minutes), people=int(people)))
        stored = voted_battles(url)
    told = sorted(found.seconds)
    print(
        f"{people} people, {minutes} min, two servers, {found.kills} killed: "
        f"votes acknowledged {len(found.acknowledged)}, stored {len(stored)}, "
        f"lost {len(set(found.acknowledged) - set(stored))}, "
        f"doubled {len(stored) - len(set(stored))}; pages disturbed {found.disturbed}; "
        f"ms of a vote: median {told[len(told) // 2] * 1e3:.0f}, "
        f"p99 {told[len(told) * 99 // 100] * 1e3:.0f}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
