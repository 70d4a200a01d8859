"""A proxy that keeps every byte that the server sent, for the leak tests."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ACCEPT_ENCODING = re.compile(rb"(?im)^accept-encoding: [^\r\n]*")
_CHUNK_SIZE = re.compile(rb"\r\n[0-9a-f]+\r\n")
_PIECE = 1 << 16


class RecordingProxy:
    """Passes TCP on to a port of this machine. Requests are changed in one thing: they no longer
    offer compression, so that what is kept can be searched."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._received: list[bytearray] = []
        self.port = 0

    @property
    def address(self) -> str:
        """Where a browser goes in place of the server."""
        return f"http://127.0.0.1:{self.port}"

    def received(self) -> bytes:
        """Every byte that the server has sent so far, one connection after the other.

        The framing of chunked bodies is taken out: it could split a word.
        """
        raw = b"\n\n".join(bytes(connection) for connection in list(self._received))
        return _CHUNK_SIZE.sub(b"", raw)

    @contextmanager
    def running(self) -> Iterator["RecordingProxy"]:
        """Listen in a thread of its own."""
        loop = asyncio.new_event_loop()
        started = threading.Event()
        ended = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=[self._run(started, ended)])
        thread.start()
        try:
            assert started.wait(10)
            yield self
        finally:
            loop.call_soon_threadsafe(ended.set)
            thread.join()
            loop.close()

    async def _run(self, started: threading.Event, ended: asyncio.Event) -> None:
        connections: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._serve(reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await ended.wait()
        server.close()
        open_ones = list(connections)
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept = bytearray()
        self._received.append(kept)
        try:
            upstream, outlet = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        try:
            ways = [
                asyncio.create_task(_pass_on(reader, outlet, None)),
                asyncio.create_task(_pass_on(upstream, writer, kept)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            for one in (writer, outlet):
                one.close()
                with suppress(OSError):
                    await one.wait_closed()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray | None
) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(_PIECE):
            if kept is None:
                piece = _ACCEPT_ENCODING.sub(b"Accept-Encoding: identity", piece)
            else:
                kept += piece
            writer.write(piece)
            await writer.drain()
