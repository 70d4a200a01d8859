"""Clients that ask for a long answer and leave in every way in which a connection can end."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.fakes.engine_processes import TOKEN

_ABRUPTLY = struct.pack("ii", 1, 0)
_LONGEST_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class Call:
    """One open connection on which a request can be sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    body: bytes
    chance: Random

    async def send(self, share: float = 1.0) -> None:
        """Send the request's head and this share of its body."""
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: engine\r\n"
            f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + self.body[: int(len(self.body) * share)])
        await self.writer.drain()

    async def read_text(self, deltas: int) -> None:
        """Read until this many pieces of text have come."""
        for _ in range(deltas):
            await self.reader.readuntil(b'"delta": {"content": "')

    def reset(self) -> None:
        """Let the connection end by RST instead of FIN."""
        connection: socket.socket = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPTLY)


async def leave_in_mid_head(call: Call) -> None:
    call.writer.write(b"POST /v1/chat/comple")
    await call.writer.drain()


async def leave_in_mid_body(call: Call) -> None:
    await call.send(share=call.chance.random())


async def leave_before_the_answer(call: Call) -> None:
    await call.send()


async def leave_after_some_text(call: Call) -> None:
    await call.send()
    await call.read_text(call.chance.randint(2, 6))  # the first is the empty opening


async def reset_before_the_answer(call: Call) -> None:
    await call.send()
    call.reset()


async def reset_after_some_text(call: Call) -> None:
    await leave_after_some_text(call)
    call.reset()


async def close_one_half(call: Call) -> None:
    await call.send()
    await call.read_text(2)
    call.writer.write_eof()
    await call.reader.read()


WAYS: tuple[Callable[[Call], Awaitable[None]], ...] = (
    leave_in_mid_head,
    leave_in_mid_body,
    leave_before_the_answer,
    leave_after_some_text,
    reset_before_the_answer,
    reset_after_some_text,
    close_one_half,
)


async def leave_often(port: int, *, clients: int, at_once: int, penalty: float, seed: int) -> None:
    """Let so many clients come and leave, each way as often as the others, in random order."""
    chance = Random(seed)
    ways = [WAYS[number % len(WAYS)] for number in range(clients)]
    chance.shuffle(ways)
    places = asyncio.Semaphore(at_once)
    async with asyncio.TaskGroup() as group:
        for number, way in enumerate(ways):
            body = _body(number, penalty)
            group.create_task(_leave(port, way, body, Random(f"{seed}-{number}"), places))


async def _leave(
    port: int,
    way: Callable[[Call], Awaitable[None]],
    body: bytes,
    chance: Random,
    places: asyncio.Semaphore,
) -> None:
    async with places, asyncio.timeout(_LONGEST_WAIT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await way(Call(reader, writer, body, chance))
        finally:
            writer.transport.abort()


def _body(number: int, penalty: float) -> bytes:
    question = {"role": "user", "content": f"What is {number} + 7?"}
    return json.dumps(
        {
            "messages": [question],
            "max_tokens": 800,
            "temperature": 1,
            "ignore_eos": True,
            "stream": True,
            "repetition_penalty": penalty,
        }
    ).encode()
