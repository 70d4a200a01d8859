"""Background tasks of the event loop."""

import asyncio
from contextlib import suppress
from typing import Any


async def cancel_and_wait(task: "asyncio.Task[Any] | None") -> None:
    """Cancel a task and wait until it has ended; raise what else it ended with. None is ignored."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
