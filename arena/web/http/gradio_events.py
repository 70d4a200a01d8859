"""The two requests of an event, answered from Gradio's queue without Gradio's routes.

A battle begins with two events. What FastAPI does for each of their four requests (routing,
dependencies, models, a group of tasks for each stream) takes longer than the events themselves.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs

from fastapi.exception_handlers import http_exception_handler
from gradio import queueing
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Queue
from gradio.routes import App
from gradio.server_messages import (
    CloseStreamMessage,
    EventMessage,
    HeartbeatMessage,
    ProcessCompletedMessage,
    UnexpectedErrorMessage,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.http.gradio_routes import API

JOIN: Final = f"{API}/queue/join"
MESSAGES: Final = f"{API}/queue/data"

Guard = Callable[[Request], Awaitable[str]]
"""Names the caller; raises `HTTPException` for those who may not use the page."""

Messages = asyncio.Queue[EventMessage]

_STREAM: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8")],
}
_SILENCE_S: Final = 15.0
"""After so many seconds without a message a stream says that it is alive."""

_FAULTS: Final = {"queue_full": 503, "validator_error": 422, "error": 400}


def spare_sums_of_events() -> None:
    """Keep Gradio from asking a thread, after each event, for sums that no page of ours shows.

    Raises:
        TypeError: Gradio does that some other way.
    """
    if not hasattr(queueing, "run_sync"):
        raise TypeError("Gradio sums up its events some other way")
    queueing.run_sync = _no_sum


async def _no_sum(*_: object) -> None:
    """Stand for the sums."""


class EventRoutes:
    """ASGI middleware around a Gradio app, behind its gate; the rest of the app's paths pass.

    `guard` is asked as Gradio asks it. `silence_s` is how long a stream may say nothing.
    """

    def __init__(
        self, app: ASGIApp, *, page: App, guard: Guard, silence_s: float = _SILENCE_S
    ) -> None:
        self._app = app
        self._page = page
        self._guard = guard
        self._silence_s = silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the two requests of an event."""
        answer = self._answer_to(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            await answer(request, await self._guard(request), send)
        except HTTPException as refusal:
            response = await http_exception_handler(request, refusal)
            await response(scope, receive, send)

    def _answer_to(self, scope: Scope) -> Callable[[Request, str, Send], Awaitable[None]] | None:
        if scope["type"] != "http":
            return None
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        answers = {("POST", JOIN): self._join, ("GET", MESSAGES): self._tell}
        return answers.get((scope["method"], path))

    async def _join(self, request: Request, who: str, send: Send) -> None:
        """Put an event into the queue, and answer its number."""
        queue = self._queue()
        if queue.stopped:
            raise HTTPException(503, "Queue is stopped.")
        body = PredictBodyInternal(**await request.json(), request=request)
        taken, told, state = await queue.push(body=body, request=request, username=who)
        if not taken:
            raise HTTPException(_FAULTS[state], str(told))
        await JSONResponse({"event_id": told})(request.scope, request.receive, send)

    async def _tell(self, request: Request, _: str, send: Send) -> None:
        """Stream the messages of a session until its last event has ended."""
        session = parse_qs(request.scope["query_string"].decode())["session_hash"][0]
        queue = self._queue()
        messages = queue.pending_messages_per_session.get(session)
        if messages is None:
            raise HTTPException(404)
        await send(_STREAM)
        leaving = asyncio.create_task(_note_leaving(request.receive, messages))
        try:
            await self._stream(session, messages, leaving, send)
        except asyncio.CancelledError:
            await _forget(queue, session)
            raise
        finally:
            leaving.cancel()

    async def _stream(
        self, session: str, messages: Messages, leaving: asyncio.Task[None], send: Send
    ) -> None:
        queue, more = self._queue(), True
        while more:
            told = await _next(messages, self._silence_s)
            if leaving.done():
                await _forget(queue, session)
                return
            told += _last_words(queue, session, messages, told)
            more = not isinstance(told[-1], CloseStreamMessage | UnexpectedErrorMessage)
            body = b"".join(map(_line, told))
            await send({"type": "http.response.body", "body": body, "more_body": more})

    def _queue(self) -> Queue:
        queue: Queue = self._page.get_blocks()._queue  # noqa: SLF001
        if queue.server_app is None:
            queue.set_server_app(self._page)
        return queue


async def _next(messages: Messages, silence_s: float) -> list[EventMessage]:
    """Wait for a message; return it with those behind it, or a sign of life."""
    try:
        async with asyncio.timeout(silence_s):
            told = [await messages.get()]
    except TimeoutError:
        return [HeartbeatMessage()]
    while not messages.empty():
        told.append(messages.get_nowait())
    return told


def _last_words(
    queue: Queue, session: str, messages: Messages, told: list[EventMessage]
) -> list[EventMessage]:
    """Return what ends the stream, if anything does."""
    if queue.stopped:
        return [UnexpectedErrorMessage(message="Server stopped unexpectedly.")]
    if queue.pending_messages_per_session.get(session) is not messages:
        return [UnexpectedErrorMessage(message="", session_not_found=True)]
    running = queue.pending_event_ids_session.get(session, set())
    ended = {one.event_id for one in told if isinstance(one, ProcessCompletedMessage)}
    running.difference_update(ended)
    return [CloseStreamMessage()] if ended and not running else []


def _line(message: EventMessage) -> bytes:
    return f"data: {message.model_dump_json(fallback=str)}\n\n".encode()


async def _note_leaving(receive: Receive, messages: Messages) -> None:
    """Wait until the client leaves, and wake its stream."""
    while (await receive())["type"] != "http.disconnect":
        pass
    messages.put_nowait(HeartbeatMessage())


async def _forget(queue: Queue, session: str) -> None:
    """End the events of a page that has left: nobody reads their messages."""
    queue.pending_messages_per_session.pop(session, None)
    await queue.clean_events(session_hash=session)
