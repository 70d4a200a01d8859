"""The shortest way to a server that the arena has started: HTTP/1.1 on loopback, and no more.

What the general client does for each request costs more than the request, beside an engine that
wants the same cores. No proxy is asked, no redirect followed, nothing sent that says who asks but
the key.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from arena.inference.remote.event_lines import EventLines
from arena.inference.remote.fields import fields
from arena.inference.remote.loopback_answer import LoopbackAnswer
from arena.inference.remote.loopback_connection import LoopbackConnection
from arena.inference.remote.loopback_pool import LoopbackPool
from arena.inference.remote.request import Endpoint
from arena.inference.remote.stated_errors import require_stream
from arena.inference.remote.transport import NothingCame, ServerRefusal, StatedError
from arena.inference.remote.waits import Timeouts

_SUCCESS = range(200, 300)
_HTTP_PORT = 80


class LoopbackTransport:
    """Reaches an engine with a connection for each reply that it writes."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        address = urlsplit(endpoint.base_url)
        host, port = address.hostname or "127.0.0.1", address.port or _HTTP_PORT
        self._base = address.path
        self._headers = _headers(address.netloc, endpoint)
        self._longest_s = max(timeouts.first_token_s, timeouts.between_tokens_s) + 1.0
        self._pool = LoopbackPool(host, port, timeouts.connect_s)

    async def open_stream(self, body: Mapping[str, Any]) -> "LoopbackStream":
        """Ask for a reply; return once its stream begins."""
        request = self._request("POST", "/chat/completions", body)
        connection = await self._pool.connection()
        try:
            answer = await _answer(connection, request)
            await require_stream(answer)
        except BaseException:
            connection.release(is_over=False)
            raise
        return LoopbackStream(connection, answer)

    async def post(self, address: str, body: Mapping[str, Any]) -> object:
        """Post JSON and return the JSON that answers, or a text of another type."""
        return await self._asked("POST", address, body)

    async def get(self, address: str) -> object:
        """Return the JSON at an address, or a text of another type."""
        return await self._asked("GET", address)

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        await self._pool.close()

    async def _asked(
        self, method: str, address: str, body: Mapping[str, Any] | None = None
    ) -> object:
        request = self._request(method, address, body)
        connection = await self._pool.connection()
        try:
            async with asyncio.timeout(self._longest_s):
                answer = await _answer(connection, request)
                await answer.aread()
        except TimeoutError:
            raise NothingCame("ReadTimeout") from None
        finally:
            connection.release(is_over=False)
        kind = answer.headers.get("content-type", "*").partition(";")[0]
        return json.loads(answer.text) if kind.endswith("json") else answer.text

    def _request(self, method: str, address: str, body: Mapping[str, Any] | None) -> bytes:
        path = urlsplit(address).path if "://" in address else self._base + address
        head = f"{method} {path} HTTP/1.1\r\n{self._headers}"
        if body is None:
            return f"{head}\r\n".encode()
        octets = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        kind = f"content-type: application/json\r\ncontent-length: {len(octets)}\r\n\r\n"
        return f"{head}{kind}".encode() + octets


class LoopbackStream:
    """The chunks of one reply."""

    def __init__(self, connection: LoopbackConnection, answer: LoopbackAnswer) -> None:
        self._connection = connection
        self._answer = answer
        self._events = EventLines()
        self._is_over = False

    async def next(self) -> object:
        """Return the next chunk; None at the end."""
        while (event := self._events.take()) is None:
            piece = await self._answer.read()
            if not piece:
                return None
            self._events.feed(piece)
        if event.startswith("[DONE]"):
            self._is_over = True
            return None
        chunk = json.loads(event)
        if error := fields(chunk).get("error"):
            raise StatedError(error)
        return chunk

    async def close(self) -> None:
        """Free the connection, or close it so that the engine stops writing."""
        self._connection.release(is_over=self._is_over)


async def _answer(connection: LoopbackConnection, request: bytes) -> LoopbackAnswer:
    """Send a request and wait for the beginning of its answer. Raises `ServerRefusal`."""
    answer = connection.send(request)
    await answer.begun()
    if answer.status not in _SUCCESS:
        await answer.aread()
        raise _refusal(answer)
    return answer


def _headers(host: str, endpoint: Endpoint) -> str:
    lines = [f"host: {host}"]
    if endpoint.api_key is not None:
        name = endpoint.dialect.key_header
        lines.append(f"{name}: {endpoint.api_key}" if name else _bearer(endpoint.api_key))
    return "".join(f"{line}\r\n" for line in lines)


def _bearer(key: str) -> str:
    return f"authorization: Bearer {key}"


def _refusal(answer: LoopbackAnswer) -> ServerRefusal:
    """Return the refusal in an answer that has been read: an error in OpenAI's form, or a text."""
    text = answer.text.strip()
    try:
        said = json.loads(text)
    except ValueError:
        said = text
    body = said.get("error", said) if isinstance(said, Mapping) else said
    message = fields(body).get("message")
    message = message if isinstance(message, str) else ""
    return ServerRefusal(answer.status, message, body, answer.headers)
