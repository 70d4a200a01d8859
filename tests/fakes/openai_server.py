"""A real local server that speaks OpenAI's chat protocol, well or in chosen bad ways.

Raw asyncio on purpose: a web framework would mend what these answers have to break.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from arena.inference.scripted_backend import scripted_tokens

REPLY = "你好，世界！ This fake server recites a fixed text, one word at a time, 一字一句。"


class Stall:
    """Step: send nothing more, keep the connection open until the client leaves."""


class Cut:
    """Step: drop the connection without any ending."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Step: send nothing for a moment."""

    seconds: float


Step = bytes | Stall | Cut | Pause


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send to one request: a status, a content type and the steps of the body.

    `before` are steps without bytes that come ahead of everything, the status line included.
    """

    steps: Sequence[Step]
    status: int = 200
    content_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    before: Sequence[Step] = ()


Respond = Callable[[dict[str, Any]], Answer]


def sse(payload: object) -> bytes:
    """Return one server-sent event of raw UTF-8."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def chunk(
    content: str | None = None, finish: str | None = None, *, model: str = "", **delta: str
) -> bytes:
    """Return one chat chunk; further keyword arguments are further fields of its delta."""
    spoken = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": {**spoken, **delta}, "finish_reason": finish}
    named = {"id": "1", "object": "chat.completion.chunk", "model": model}
    return sse({**named, "choices": [choice]})


def usage_chunk(prompt: int, reply: int) -> bytes:
    """Return the chunk of token counts, without choices."""
    usage = {"prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply}
    return sse({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage})


DONE = b"data: [DONE]\n\n"


def error(
    status: int, message: str, *, code: str | None = None, param: str | None = None, **headers: str
) -> Answer:
    """Return an error in OpenAI's form; underscores in header names become dashes."""
    said = {"message": message, "type": "error", "code": code, "param": param}
    body = json.dumps({"error": said}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer([body], status, "application/json", named)


def recital(body: dict[str, Any]) -> Answer:
    """Recite REPLY within the budget; continue a last assistant message; refuse long prompts."""
    messages = body["messages"]
    if sum(len(message["content"]) for message in messages) > 2_000:
        return error(400, "maximum context length exceeded", code="context_length_exceeded")
    last = messages[-1]
    partial = last["content"] if last["role"] == "assistant" else ""
    tokens = scripted_tokens(REPLY.removeprefix(partial))
    spoken = tokens[: body["max_tokens"]]
    finish = "length" if len(tokens) > len(spoken) else "stop"
    steps = [chunk("", role="assistant"), *map(chunk, spoken), chunk(finish=finish)]
    return Answer([*steps, usage_chunk(7, len(spoken)), DONE])


def list_of(*names: str) -> Answer:
    """Return a list of models."""
    listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
    return Answer([json.dumps(listed).encode()], content_type="application/json")


class FakeOpenAIServer:
    """Answers each request by `respond`; counts what is open, keeps what it was sent.

    `listing` is the answer to `GET .../models`; such questions are counted in `probes` only.
    With `keeps_alive` a connection may bring further requests. `sent` counts the steps taken.
    """

    def __init__(self, respond: Respond = recital) -> None:
        self.respond = respond
        self.keeps_alive = False
        self.connections = 0
        self.sent = 0
        self.listing = list_of("some-model")
        self.probes = 0
        self.requests: list[dict[str, Any]] = []
        self.targets: list[str] = []
        self.fields: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.active = 0
        self.port = 0

    @property
    def base_url(self) -> str:
        """Address for an OpenAI client."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection and close it."""
        self.connections += 1
        try:
            while await self._exchange(reader, writer) and self.keeps_alive:
                pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether another may follow."""
        try:
            answer = self._answer(*await self._read(reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        self.active += 1
        try:
            return await self._send(answer, reader, writer)
        except ConnectionError:  # a client that leaves is part of the tests
            return False
        finally:
            self.active -= 1

    async def _read(self, reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
        """Return the method and the body."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        method, target, _ = head[0].split(" ")
        self.targets.append(target)
        self.fields.append(fields)
        self.authorizations.append(fields.get("authorization", ""))
        octets = await reader.readexactly(int(fields.get("content-length", "0")))
        return method, dict(json.loads(octets or b"{}"))

    def _answer(self, method: str, body: dict[str, Any]) -> Answer:
        if method == "GET":
            self.probes += 1
            return self.listing
        self.requests.append(body)
        return self.respond(body)

    async def _send(
        self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Send an answer; return whether it came to its end."""
        if await self._take(answer.before, reader, writer):
            return False
        fields = {
            "content-type": answer.content_type,
            "connection": "keep-alive" if self.keeps_alive else "close",
            "transfer-encoding": "chunked",
            **answer.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        writer.write(f"HTTP/1.1 {answer.status} X\r\n{head}\r\n".encode())
        if await self._take(answer.steps, reader, writer):
            return False
        writer.write(b"0\r\n\r\n")
        return True

    async def _take(
        self, steps: Sequence[Step], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Take the steps; return whether one of them ended the connection."""
        for step in steps:
            if isinstance(step, Cut):
                writer.transport.abort()
                return True
            if isinstance(step, Stall):
                await reader.read()
                return True
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                writer.write(b"%x\r\n%b\r\n" % (len(step), step))
                await writer.drain()
                self.sent += 1
        return False


@asynccontextmanager
async def fake_openai_server(
    respond: Respond = recital, *, port: int = 0
) -> AsyncGenerator[FakeOpenAIServer, None]:
    """Run a server on a port of loopback, by default a free one."""
    fake = FakeOpenAIServer(respond)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", port)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()


def in_turn(*answers: Answer) -> Respond:
    """Return a responder that gives these answers one after another, then the last again."""
    left = list(answers)

    def respond(_: dict[str, Any]) -> Answer:
        return left.pop(0) if len(left) > 1 else left[0]

    return respond


def split_bytes(*events: bytes, size: int = 1) -> list[bytes]:
    """Return the same bytes in small pieces, characters cut in the middle."""
    whole = b"".join(events)
    return [whole[start : start + size] for start in range(0, len(whole), size)]
