"""The OpenAI client as a `Transport`: the way to servers that others run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import openai
from openai import AsyncStream

from arena.inference.remote.client import identification, open_client
from arena.inference.remote.request import Endpoint
from arena.inference.remote.stated_errors import require_stream
from arena.inference.remote.transport import (
    ConnectionLost,
    NothingCame,
    ServerRefusal,
    StatedError,
)
from arena.inference.remote.waits import Timeouts


class OpenAITransport:
    """Reaches a server as the OpenAI client does: proxies, TLS, other servers' habits."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self._client = open_client(endpoint, timeouts)
        self._headers = identification(endpoint)

    async def open_stream(self, body: Mapping[str, Any]) -> "OpenAIStream":
        """Post the request; chunks come as plain JSON, for the client's own types cost more."""
        with _translated_errors():
            chunks = await self._client.post(
                "/chat/completions",
                cast_to=object,
                body=body,
                options={"headers": self._headers},
                stream=True,
                stream_cls=AsyncStream[object],
            )
            try:
                await require_stream(chunks.response)
            except BaseException:
                await chunks.close()
                raise
        return OpenAIStream(chunks)

    async def post(self, address: str, body: Mapping[str, Any]) -> object:
        """Post JSON and return the JSON that answers, or a text of another type."""
        with _translated_errors():
            return await self._client.post(address, cast_to=object, body=body)

    async def get(self, address: str) -> object:
        """Return the JSON at an address, or a text of another type."""
        options: Any = {"headers": self._headers}
        with _translated_errors():
            return await self._client.get(address, cast_to=object, options=options)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


class OpenAIStream:
    """The chunks of one reply."""

    def __init__(self, chunks: AsyncStream[object]) -> None:
        self._chunks = chunks

    async def next(self) -> object:
        """Return the next chunk; None at the end."""
        with _translated_errors():
            return await anext(self._chunks, None)

    async def close(self) -> None:
        """Close the connection, unless the reply is whole."""
        await self._chunks.close()


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turn the client's errors into those of a `Transport`."""
    try:
        yield
    except openai.APIStatusError as error:
        headers, message = error.response.headers, error.message
        message = message.removeprefix(f"Error code: {error.status_code}").lstrip(" -")
        raise ServerRefusal(error.status_code, message, error.body, headers) from None
    except openai.APITimeoutError as error:
        raise NothingCame(type(error.__cause__ or error).__name__) from None
    except openai.APIConnectionError as error:
        root = error.__cause__ or error
        raise ConnectionLost(f"{type(root).__name__}: {root}") from None
    except openai.APIError as error:
        raise StatedError(error.body or error.message) from None
