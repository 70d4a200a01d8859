"""The connections to one server on this machine."""

import asyncio
from typing import Final

from arena.inference.remote.loopback_connection import LoopbackConnection
from arena.inference.remote.transport import ConnectionLost, NothingCame

_IDLE_S: Final = 3.0
"""A connection that was not used for longer is not used again: servers close theirs after 5 s."""


class LoopbackPool:
    """Opens a connection for each exchange at a time, and keeps those that are free."""

    def __init__(self, host: str, port: int, connect_s: float) -> None:
        self._host = host
        self._port = port
        self._connect_s = connect_s
        self._free: list[tuple[float, LoopbackConnection]] = []
        self._all: set[LoopbackConnection] = set()
        self._is_closed = False

    async def connection(self) -> LoopbackConnection:
        """Return a connection that is free.

        Raises:
            ConnectionLost: The server does not listen.
            NothingCame: It did not accept the connection in time.
            RuntimeError: The pool has been closed.
        """
        self._require_open()
        return self._kept() or await self._opened()

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        self._is_closed = True
        closing = [connection.closed for connection in self._all]
        for connection in self._all:
            connection.drop()
        if closing:
            await asyncio.wait(closing)

    def _kept(self) -> LoopbackConnection | None:
        """Return the connection that was used last; older ones are of no use if that is too old."""
        now = asyncio.get_running_loop().time()
        while self._free:
            since, connection = self._free.pop()
            if connection.is_open and now - since < _IDLE_S:
                return connection
            connection.drop()
        return None

    async def _opened(self) -> LoopbackConnection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, connection = await loop.create_connection(
                    lambda: LoopbackConnection(self._keep), self._host, self._port
                )
        except TimeoutError:
            raise NothingCame("ConnectTimeout") from None
        except OSError:
            raise ConnectionLost("ConnectError: All connection attempts failed") from None
        self._all.add(connection)
        connection.closed.add_done_callback(lambda _: self._all.discard(connection))
        if self._is_closed:
            connection.drop()
        self._require_open()
        return connection

    def _require_open(self) -> None:
        if self._is_closed:
            raise RuntimeError("Cannot send a request, as the client has been closed.")

    def _keep(self, connection: LoopbackConnection) -> None:
        self._free.append((asyncio.get_running_loop().time(), connection))
