"""The answer to one HTTP request, read while it comes in."""

import asyncio
from collections.abc import Callable

from arena.inference.remote.transport import ConnectionLost


class LoopbackAnswer:
    """Status, headers and body of an answer: its connection fills it, one reader empties it.

    `wanted` is called when the reader has taken what was held.
    """

    def __init__(self, wanted: Callable[[], None]) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_whole = False
        self.held = 0
        self._wanted = wanted
        self._pieces: list[bytes] = []
        self._lost: ConnectionLost | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def has_length(self) -> bool:
        """Whether its headers tell where it ends; without, it ends with the connection."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def add(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._pieces.append(piece)
        self.held += len(piece)

    def fail(self, lost: ConnectionLost) -> None:
        """Note that nothing more will come. What has come can still be read."""
        self._lost = self._lost or lost
        self.wake()

    def wake(self) -> None:
        """Let the reader see what is new."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def begun(self) -> None:
        """Wait for the status and the headers. Raises `ConnectionLost`."""
        while not self.status:
            await self._news()

    async def read(self) -> bytes:
        """Return what of the body has come since; empty at its end. Raises `ConnectionLost`."""
        while not self._pieces:
            if self.is_whole:
                return b""
            await self._news()
        taken, self._pieces, self.held = b"".join(self._pieces), [], 0
        self._wanted()
        return taken

    async def aread(self) -> bytes:
        """Read the whole body, which can then be read again. Raises `ConnectionLost`."""
        pieces = [await self.read()]
        while pieces[-1]:
            pieces.append(await self.read())
        self._pieces = [b"".join(pieces)]
        return self._pieces[0]

    @property
    def text(self) -> str:
        """The body as text, once it has been read."""
        return b"".join(self._pieces).decode(errors="replace")

    async def _news(self) -> None:
        if self._lost is not None:
            raise self._lost
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
