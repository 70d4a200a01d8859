"""Limits of request bodies: their size, and the time they may take.

Starlette has a limit of its own, but none for a body that trickles in, and no sentence.
"""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.refused import refused
from arena.web.http.root_path import path_inside

FORM_BYTES = 16 * 2**10
"""Enough for every form, and for every event but one that carries a prompt."""

BALLOT_BYTES = 64 * 2**10
"""A ballot of the evaluation page: a comment of 4,000 characters, all of them emoji."""

PEOPLE_BYTES = 256 * 2**10
"""Names and groups of 500 people, typed or in a file."""

CAMPAIGN_BYTES = 8 * 2**20
"""A campaign file and the files that it names; larger ones are for the command line."""

_OVERHEAD_BYTES = 2**20

LARGE_FORMS = {
    "/admin/people/invite": PEOPLE_BYTES,
    "/admin/campaigns/check": CAMPAIGN_BYTES + _OVERHEAD_BYTES,
    "/admin/campaigns/create": CAMPAIGN_BYTES + _OVERHEAD_BYTES,
}
"""Limits of forms with files, in bytes, by path; admins alone may send them."""

EVENT_BYTES = 2**20
"""The least for an event, however short prompts must be: what is too long is told so by its page,
which names the limit."""

BYTES_OF_A_CHARACTER = 12
"""In JSON, at most: two escaped halves of a surrogate pair, each `\\uXXXX`."""

_WHOLE_BODY_S = 30.0
_LINGER_S = 2.0
_SIZES = ("content-length", "transfer-encoding")


def limit_of(path: str, *, prompt_characters: int) -> int:
    """How many bytes a request to `path` may carry."""
    if path.startswith("/evaluate/"):
        return BALLOT_BYTES
    if path in LARGE_FORMS:
        return LARGE_FORMS[path]
    if not path.endswith("/queue/join"):
        return FORM_BYTES
    return max(EVENT_BYTES, BYTES_OF_A_CHARACTER * prompt_characters + FORM_BYTES)


class _TooLarge(Exception):
    """The body is longer than the limit."""


class _Gone(Exception):
    """The client left before its body was whole."""


class BodyLimit:
    """ASGI middleware: the application sees whole bodies within the limit, or nothing.

    A declared length above the limit is refused before a byte is read; an undeclared one as soon
    as it is exceeded. `limit` tells the limit of a path, in bytes; `whole_body_s` is how long a
    body may take to come.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: Callable[[str], int],
        texts: Texts,
        whole_body_s: float = _WHOLE_BODY_S,
    ) -> None:
        self._app = app
        self._limit = limit
        self._texts = texts
        self._whole_body_s = whole_body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 413 or 408 and close."""
        if scope["type"] != "http" or not any(name in Headers(scope=scope) for name in _SIZES):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._whole_body_s):
                body = await _whole_body(scope, receive, self._limit(path_inside(scope)))
        except _TooLarge:
            await self._refuse(scope, receive, send, "body_too_large", 413)
        except TimeoutError:
            await self._refuse(scope, receive, send, "body_too_slow", 408)
        except _Gone:
            return
        else:
            await self._app(scope, replayed(body, receive), send)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, sentence: str, status: int
    ) -> None:
        """Answer, and then drop what still comes for a moment.

        A connection that is closed on a client which is still sending is reset, and the answer
        that it has not read yet is lost.
        """
        response = refused(self._texts, scope, sentence, status)
        response.headers["connection"] = "close"
        await send(
            {"type": "http.response.start", "status": status, "headers": response.raw_headers}
        )
        await send({"type": "http.response.body", "body": bytes(response.body), "more_body": True})
        await _drop_the_rest(receive)
        await send({"type": "http.response.body", "body": b""})


async def _whole_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared) > limit:
        raise _TooLarge
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > limit:
            raise _TooLarge
        more = message.get("more_body", False)
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body at once, and afterwards the server's messages, such as that the client left."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return whole.pop() if whole else await receive()

    return replay


async def _drop_the_rest(receive: Receive) -> None:
    try:
        async with asyncio.timeout(_LINGER_S):
            while True:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
