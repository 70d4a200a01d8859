"""Limits of idle connections: how long they may stay, and how many there may be.

uvicorn waits for the headers of a request without end, and accepts as many connections as the
process may have open files: 1,150 silent connections took everything down.
"""

import asyncio
from dataclasses import dataclass, field

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 10.0
"""How long the headers of a request may take, from the connection or the first byte on."""

HEADER_BYTES = 64 * 2**10
"""How long they may be."""


@dataclass(slots=True)
class IdleConnections:
    """Connections without a request, longest idle first; above `most` the first one is closed.

    A browser sends its request within a moment, and opens another connection if one was closed.
    """

    most: int
    _idle: "dict[GuardedProtocol, None]" = field(default_factory=dict)

    def add(self, connection: "GuardedProtocol") -> None:
        """Note that a connection waits for a request from now on."""
        self._idle.pop(connection, None)
        self._idle[connection] = None
        if len(self._idle) > self.most:
            longest = next(iter(self._idle))
            self.remove(longest)
            longest.hang_up()

    def remove(self, connection: "GuardedProtocol") -> None:
        """Note that a connection has a request, or is gone."""
        self._idle.pop(connection, None)


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with an end to waiting for headers."""

    idle = IdleConnections(most=1000)
    headers_s = HEADERS_S

    _timer: asyncio.TimerHandle | None = None
    _in_headers = True
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection: a silent client is closed, too."""
        super().connection_made(transport)
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_clock()
        self.idle.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers are whole."""
        waiting = self._in_headers
        if waiting and self._timer is None:
            self._await_headers()
        super().data_received(data)
        self._header_bytes = self._header_bytes + len(data) if waiting and self._in_headers else 0
        if self._header_bytes > HEADER_BYTES:
            self.hang_up()

    def on_message_begin(self) -> None:
        """Receive the first bytes of a request."""
        self._in_headers = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Fields after a body (trailers) are nobody's, and would be kept without end."""
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """From here on, the application says how long it takes."""
        self._in_headers = False
        self._stop_clock()
        self.idle.remove(self)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """uvicorn's own clock runs until the next request begins, and ours from there."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._in_headers = True
            self.idle.add(self)

    def hang_up(self) -> None:
        """Close without waiting for the other side."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()

    def _await_headers(self) -> None:
        self.idle.add(self)
        self._timer = self.loop.call_later(self.headers_s, self.hang_up)

    def _stop_clock(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def guarded_protocol(*, most_idle: int, headers_s: float = HEADERS_S) -> type[GuardedProtocol]:
    """Return a protocol for `uvicorn.Config(http=...)`; its connections share one limit."""

    class Protocol(GuardedProtocol):
        idle = IdleConnections(most=most_idle)

    Protocol.headers_s = headers_s
    return Protocol
