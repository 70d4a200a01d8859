"""Frames of a board on their way to a reader."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from arena.web.leaderboard.frames import END_OF_FRAME, Frame


class FrameStream(StreamingResponse):
    """Frames as they come; as soon as the reader has left, nobody waits for the next."""

    media_type = "text/html"

    def __init__(
        self,
        first: Frame,
        coming: AsyncGenerator[Frame],
        *,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self._coming = coming
        self._written = _written(first, coming)
        super().__init__(self._written, status, headers)

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 - the signature of ASGI
        receive: Receive,
        send: Send,
    ) -> None:
        """Send until the end or until the reader leaves, whichever comes first."""
        sending = asyncio.ensure_future(self.stream_response(send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait((sending, leaving))
            async with aclosing(self._coming):
                await self._written.aclose()
        if not sending.cancelled():
            sending.result()


async def _written(first: Frame, coming: AsyncGenerator[Frame]) -> AsyncGenerator[str]:
    yield first.html + first.head + END_OF_FRAME
    async for frame in coming:
        yield frame.html + frame.head + END_OF_FRAME
