"""Waiting for something that happens elsewhere: another task, thread or process."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

_LONGEST_S = 60.0
_LOOK_EVERY_S = 0.01


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
