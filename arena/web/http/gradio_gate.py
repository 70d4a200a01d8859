"""An allow-list for Gradio: the routes and the kinds of event values that our pages use.

Gradio has some seventy routes, among them routes that read, upload and proxy files, and any value
of an event may name a file of the server. Our pages need none of that, so Gradio never sees what
is not on this list, wherever an app is mounted.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode

from gradio.route_utils import CustomCORSMiddleware
from gradio.routes import App
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.web.common.texts import Texts
from arena.web.http.body_limit import replayed
from arena.web.http.fetch_metadata import is_embedded
from arena.web.http.gradio_events import JOIN, MESSAGES, EventRoutes, Guard, spare_sums_of_events
from arena.web.http.gradio_routes import API, trim_routes
from arena.web.http.gradio_values import BadValue, Reader, event_readers
from arena.web.http.refused import refused

logger = logging.getLogger(__name__)

_READ = frozenset({"GET", "HEAD"})
_NAME = r"[A-Za-z0-9_-]{1,64}"
_FILES = r"(?:[A-Za-z0-9_@-][A-Za-z0-9_@.-]*/)*[A-Za-z0-9_@-][A-Za-z0-9_@.-]*"

_PLAIN = [
    re.compile(pattern)
    for pattern in (
        r"/?",
        r"/config",
        r"/theme\.css",
        r"/favicon\.ico",
        rf"/(?:assets|static)/{_FILES}",
        rf"{API}/app_id",  # asked until a lost server is back
    )
]
"""Read without a query: none of our pages in Gradio takes one."""

_HEARTBEAT = re.compile(rf"{API}/heartbeat/{_NAME}")
_SESSION = re.compile(_NAME)
_TOLD = ("fn_index", "trigger_id", "session_hash")
"""What Gradio is told of an event, besides its values."""


class _BadEvent(Exception):
    """An event that no page of ours sends."""


def guard_gradio(app: App, texts: Texts, guard: Guard) -> None:
    """Close everything of a mounted Gradio app that our pages do not need.

    `guard` is the one that the app was mounted with.

    Gradio's own checks are switched on behind the gate: it skips them for apps that were mounted
    rather than launched. Every path is blocked, as no page serves a file. CORS is removed.
    """
    trim_routes(app)
    spare_sums_of_events()
    blocks = app.get_blocks()
    blocks.has_launched = True
    blocks.blocked_paths = [Path.cwd().anchor]
    app.user_middleware = [
        middleware
        for middleware in app.user_middleware
        if cast("object", middleware.cls) is not CustomCORSMiddleware
    ]
    app.add_middleware(EventRoutes, page=app, guard=guard)
    app.add_middleware(
        GradioGate,
        events=event_readers(blocks),
        awaited=lambda session: session in blocks._queue.pending_messages_per_session,  # noqa: SLF001
        texts=texts,
    )


class GradioGate:
    """ASGI middleware around one Gradio app.

    `events` says how the values of each event are read, `awaited` whether a session has events
    whose messages could be streamed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        events: Mapping[int, Sequence[Reader]],
        awaited: Callable[[str], bool],
        texts: Texts,
    ) -> None:
        self._app = app
        self._events = events
        self._awaited = awaited
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is needed, made anew from what was understood; answer 404 or 400 else."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        path, method = scope["path"].removeprefix(scope.get("root_path", "")), scope["method"]
        if method == "POST" and path == JOIN:
            await self._event(scope, receive, send)
        elif _is_stream(path) and is_embedded(Headers(scope=scope)):
            await refused(self._texts, scope, "nothing_here", 404)(scope, receive, send)
        elif method in _READ and _HEARTBEAT.fullmatch(path):
            await self._stream(dict(scope, query_string=b""), receive, send)
        elif method in _READ and path == MESSAGES:
            await self._messages(scope, receive, send)
        elif method in _READ and any(pattern.fullmatch(path) for pattern in _PLAIN):
            await self._app(dict(scope, query_string=b""), receive, send)
        else:
            await refused(self._texts, scope, "nothing_here", 404)(scope, receive, send)

    async def _messages(self, scope: Scope, receive: Receive, send: Send) -> None:
        sessions = parse_qs(scope["query_string"].decode("ascii", "replace")).get("session_hash")
        if not sessions or len(sessions) > 1 or not _SESSION.fullmatch(sessions[0]):
            await refused(self._texts, scope, "bad_event", 400)(scope, receive, send)
        elif not self._awaited(sessions[0]):
            await refused(self._texts, scope, "nothing_here", 404)(scope, receive, send)
        else:
            query = urlencode({"session_hash": sessions[0]}).encode()
            await self._stream(dict(scope, query_string=query), receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what has no end of its own, to its end.

        It ends when the session is forgotten, and when the server ends: that cancels it.
        """
        more = True

        async def noticing(message: Message) -> None:
            nonlocal more
            more = message.get("more_body", False) or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except asyncio.CancelledError:
            logger.info("a page was still open")
        except RuntimeError as error:
            if not isinstance(error.__cause__, HTTPException):
                raise
        if more:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = _understood(await Request(scope, receive).body(), self._events)
        except _BadEvent:
            await refused(self._texts, scope, "bad_event", 400)(scope, receive, send)
            return
        await self._app(_with_body(scope, body), replayed(body, receive), send)


def _is_stream(path: str) -> bool:
    return path == MESSAGES or _HEARTBEAT.fullmatch(path) is not None


def _understood(body: bytes, events: Mapping[int, Sequence[Reader]]) -> bytes:
    """Rebuild an event from what was understood of it, so that nothing behind understands more."""
    said = _members(body)
    values = said.pop("data", None)
    if not all(_is_plain(value) for value in said.values()):
        raise _BadEvent
    function, trigger, session = (said.get(name) for name in _TOLD)
    if type(function) is not int or not isinstance(trigger, int | None):
        raise _BadEvent
    if not (isinstance(session, str) and _SESSION.fullmatch(session)):
        raise _BadEvent
    readers = events.get(function)
    if readers is None or not isinstance(values, list) or len(values) != len(readers):
        raise _BadEvent
    if not all(_is_value(value) for value in values):
        raise _BadEvent
    try:
        read = [reader(value) for reader, value in zip(readers, values, strict=True)]
    except BadValue as error:
        raise _BadEvent from error
    return json.dumps({"data": read, **{name: said.get(name) for name in _TOLD}}).encode()


def _members(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _BadEvent from error
    if not isinstance(said, dict):
        raise _BadEvent
    return said


def _is_value(value: object) -> bool:
    """Return whether a value is plain or a list of plain ones: no reader is trusted with a file."""
    if isinstance(value, list):
        return all(_is_plain(part) for part in value)
    return _is_plain(value)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _with_body(scope: Scope, body: bytes) -> Scope:
    """Return the request with this body as JSON. Nothing else of it is about a body."""
    changed = dict(scope, headers=list(scope["headers"]), query_string=b"")
    headers = MutableHeaders(scope=changed)
    del headers["transfer-encoding"]
    headers["content-type"] = "application/json"
    headers["content-length"] = str(len(body))
    return changed
