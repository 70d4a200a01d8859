"""How requests reach a server: what all ways there have in common, and how they fail."""

from collections.abc import Mapping
from typing import Any, Protocol

from arena.inference.remote.fields import fields


class ServerRefusal(Exception):
    """The server answered with another status than success.

    `message` is the sentence of an error in OpenAI's form, empty where there is none. `body` is
    that error, or else all that the server said. `headers` are found by names in small letters.
    """

    def __init__(self, status: int, message: str, body: object, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = body
        self.headers = headers

    @property
    def code(self) -> str | None:
        """The code that the server gives to the error."""
        code = fields(self.body).get("code")
        return None if code is None else str(code)

    @property
    def kind(self) -> object:
        """The type that the server gives to the error."""
        return fields(self.body).get("type")

    @property
    def blamed_field(self) -> Any:
        """The field of the request that the server blames, if it names one."""
        return fields(self.body).get("param")


class StatedError(Exception):
    """A stream said that its reply has failed; `body` is the error as the server wrote it."""

    def __init__(self, body: object) -> None:
        super().__init__("An error occurred during streaming")
        self.body = body


class ConnectionLost(Exception):
    """No connection came about, or it ended too early; says what was wrong."""


class NothingCame(Exception):
    """A connection or an answer did not come in time; says which."""


class ChunkStream(Protocol):
    """The chunks of one reply, each a JSON value."""

    async def next(self) -> object:
        """Return the next chunk; None at the end. Raises as `Transport` does."""
        ...

    async def close(self) -> None:
        """Let the server know that nobody reads on, unless the reply is whole. Idempotent."""
        ...


class Transport(Protocol):
    """A way to one server. Addresses are relative to the endpoint's, or absolute.

    Whatever fails is a `ServerRefusal`, a `StatedError`, a `ConnectionLost`, a `NothingCame` or,
    for an answer that cannot be read, any other exception.
    """

    async def open_stream(self, body: Mapping[str, Any]) -> ChunkStream:
        """Ask for a reply; return once its stream begins.

        Raises:
            BrokenReply: A document came instead of a stream.
        """
        ...

    async def post(self, address: str, body: Mapping[str, Any]) -> object:
        """Post JSON and return the JSON that answers, or a text of another type."""
        ...

    async def get(self, address: str) -> object:
        """Return the JSON at an address, or a text of another type."""
        ...

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        ...
