"""One HTTP/1.1 connection to a server on this machine."""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from arena.inference.remote.loopback_answer import LoopbackAnswer
from arena.inference.remote.transport import ConnectionLost

_MOST_HELD: Final = 256 * 1024
"""Bytes that wait for their reader; meanwhile the server is read no further."""

_DRAIN_S: Final = 0.1
"""So long the last bytes of an answer may take, of which nothing more is wanted."""

_NO_ANSWER: Final = "RemoteProtocolError: Server disconnected without sending a response."
_NO_END: Final = (
    "RemoteProtocolError: peer closed connection without sending complete message body "
    "(incomplete chunked read)"
)
_RESET: Final = "ReadError: "


class LoopbackConnection(asyncio.Protocol):
    """Carries one exchange after another: `send`, read the answer, `release`.

    `keep` takes it once it is free for the next exchange.
    """

    def __init__(self, keep: Callable[["LoopbackConnection"], None]) -> None:
        self._keep = keep
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer = LoopbackAnswer(self._read_on)
        self._is_paused = False
        self._is_released = True
        self.closed: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_open(self) -> bool:
        """Whether it can carry an exchange."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes) -> LoopbackAnswer:
        """Send a request and return its answer, of which nothing has come yet."""
        self._answer, self._is_released = LoopbackAnswer(self._read_on), False
        if self._transport is None or self._transport.is_closing():
            self._answer.fail(ConnectionLost(_NO_ANSWER))
        else:
            self._transport.write(request)
        return self._answer

    def release(self, *, is_over: bool) -> None:
        """End the exchange. `is_over`: nothing but the end of the answer can still come.

        An answer that is not over is cut off, so that the server stops to write it.
        """
        if self._is_released:
            return
        self._is_released = True
        if self._answer.is_whole:
            self._free()
        elif is_over:
            self._loop.call_later(_DRAIN_S, self._drop_unless_whole, self._answer)
        else:
            self.drop()

    def drop(self) -> None:
        """Close it at once. Idempotent."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, as the event loop tells."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what has come, and stop reading where the reader does not keep up."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._answer.fail(ConnectionLost(f"RemoteProtocolError: {error}"))
            self.drop()
        self._answer.wake()
        if self._answer.held > _MOST_HELD and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer that is on its way; one without a length ends just so."""
        answer = self._answer
        if not answer.is_whole:
            if exc is None and answer.status and not answer.has_length:
                answer.is_whole = True
            answer.fail(ConnectionLost(_how(exc, answer)))
        if not self.closed.done():
            self.closed.set_result(None)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, as the parser tells."""
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Take the status, as the parser tells."""
        self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, as the parser tells."""
        self._answer.add(body)

    def on_message_complete(self) -> None:
        """Note the end of the answer, as the parser tells; one that nobody asked for ends all."""
        is_second, self._answer.is_whole = self._answer.is_whole, True
        if is_second or not self._parser.should_keep_alive():
            self.drop()
        elif self._is_released:
            self._free()

    def _free(self) -> None:
        if self.is_open:
            self._keep(self)

    def _drop_unless_whole(self, answer: LoopbackAnswer) -> None:
        if not answer.is_whole:
            self.drop()

    def _read_on(self) -> None:
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()


def _how(exc: Exception | None, answer: LoopbackAnswer) -> str:
    """Return how a connection was lost, in the words of the client for other servers."""
    if exc is not None:
        return _RESET
    return _NO_END if answer.status else _NO_ANSWER
