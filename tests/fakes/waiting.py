"""Waiting for something that happens elsewhere: another task, thread or process."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

_LONGEST_S = 60.0
_LOOK_EVERY_S = 0.01
_ASK_EVERY_S = 0.05
_LONGEST_START_S = 240.0


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return as soon as the condition holds; fail if it does not within a minute."""
    async with asyncio.timeout(_LONGEST_S):
        while True:
            holds = condition()
            if inspect.isawaitable(holds):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(_LOOK_EVERY_S)


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail if a process could have started long since.

    It is asked twenty times a second: without a pause, question and answer would take a core each
    from the work that is waited for.
    """
    deadline = time.monotonic() + _LONGEST_START_S
    while not condition():
        assert time.monotonic() < deadline, f"waited for {_LONGEST_START_S:.0f} s"
        time.sleep(_ASK_EVERY_S)
