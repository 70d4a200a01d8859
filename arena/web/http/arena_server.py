"""uvicorn's server, which says when battles can start and ends without cutting replies off."""

import asyncio
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

_GENTLY = 1
_AT_ONCE = 2
"""Signals after which the arena ends in this way; one more leaves everything as it is."""

Announce = Callable[[], bool]
"""Tells the operator how far the start is; returns whether there is nothing more to tell."""


class ArenaServer(uvicorn.Server):
    """Serves; the first signal lets running replies end, the second one stops them.

    `announce` is asked ten times a second, until it has told everything. `end_replies` returns
    when no reply is being written any more, or when they have had their time; meanwhile the page is
    served as before. Whatever is still open then has the time of uvicorn's configuration, after a
    second signal none. A third signal leaves everything as it is.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        announce: Announce,
        end_replies: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._end_replies = end_replies
        self._told = False
        self._signals = 0
        self._ending: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Count the signal."""
        super().handle_exit(sig, frame)
        self._signals += 1
        self.should_exit = self._signals > _GENTLY
        self.force_exit = self._signals > _AT_ONCE
        if self.should_exit:
            self.config.timeout_graceful_shutdown = 0

    async def on_tick(self, counter: int) -> bool:
        """Do what is due, ten times a second; returns whether to shut down."""
        if self._signals and self._ending is None:
            self._ending = asyncio.create_task(self._end())
        elif not self._told and not self._signals:
            self._told = self._announce()
        return await super().on_tick(counter)

    async def _end(self) -> None:
        try:
            await self._end_replies()
        finally:
            self.should_exit = True
