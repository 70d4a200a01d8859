"""Turns of two scripted models, watched frame by frame."""

import asyncio

from arena.domain.conversation import Message, ModelKey, Role, Sampling
from arena.domain.reply import ReplyEnd
from arena.services.battle.contestants import Contestant
from arena.services.battle.live_turn import LiveTurn, SlotJob, SlotResult
from tests.fakes.loop import FakeClock
from tests.fakes.models import ScriptedModels

FRAME_S = 0.125
ASKED = (Message(Role.USER, "Why?"),)


def job(position: int, key: str, prefix: str = "") -> SlotJob:
    contestant = Contestant(ModelKey(key), position + 1, 1.0, Sampling(seed=5), ())
    return SlotJob(position, contestant, ASKED, prefix=prefix)


def turn(models: ScriptedModels, *jobs: SlotJob, hold: bool = False) -> LiveTurn:
    return LiveTurn(
        jobs or (job(0, "slow"), job(1, "fast")),
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: FRAME_S,
        hold=hold,
    )


async def watch(live: LiveTurn) -> list[tuple[float, dict[int, str]]]:
    """Every published frame with its time."""
    seen = []
    while not live.ended:
        version = live.version
        seen.append((asyncio.get_running_loop().time(), live.visible))
        await live.changed(version)
    return seen


async def play(live: LiveTurn) -> tuple[tuple[SlotResult, ...], list[tuple[float, dict[int, str]]]]:
    watching = asyncio.create_task(watch(live))
    results = await live.run()
    live.end()
    return results, await watching


def ends(results: tuple[SlotResult, ...]) -> list[ReplyEnd]:
    return [result.end for result in results]
