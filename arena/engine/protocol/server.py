"""The engine's HTTP routes: OpenAI's chat and completions, token counts, models and health."""

import itertools
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from arena.engine.batching.generator import GenerationFailed
from arena.engine.loading.capacity import gpu_bytes_held
from arena.engine.prompts import PromptTooLong, TokenPrompt
from arena.engine.protocol.access import BearerTokenMiddleware
from arena.engine.protocol.error_responses import answer_errors, failure_code
from arena.engine.protocol.responses import SSE_DONE, Envelope, error_body, sse, usage
from arena.engine.protocol.streaming import EventStream, while_connected
from arena.engine.replies import ReplyEnd, ReplyPlan, ReplyText, event_interval, reply_events
from arena.engine.requests import (
    ChatBody,
    CompletionBody,
    GenerationBody,
    RefusedRequest,
    RequestBody,
    TokenizeBody,
    parse,
)
from arena.engine.service import Engine, EngineState
from arena.engine.wire_messages import quoted

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 4 * 2**20

Events = AsyncGenerator[ReplyText | ReplyEnd, None]
Body = TypeVar("Body", bound=RequestBody)


def create_app(engine: Engine, *, token: str | None) -> FastAPI:
    """Build the app. `token` None lets everyone in: for loopback only, checked by the caller."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    routes = _Routes(engine)
    answer_errors(app)
    app.add_api_route("/health", routes.health, methods=["GET"])
    app.add_api_route("/v1/models", routes.models, methods=["GET"])
    app.add_api_route("/v1/models/{key:path}", routes.model, methods=["GET"])
    app.add_api_route("/v1/tokenize", routes.tokenize, methods=["POST"])
    app.add_api_route("/v1/chat/completions", routes.chat, methods=["POST"])
    app.add_api_route("/v1/completions", routes.completions, methods=["POST"])
    if token is not None:
        app.add_middleware(BearerTokenMiddleware, token=token)
    return app


class _Routes:
    """The routes. FastAPI gives them requests; bodies are parsed here, so errors are OpenAI's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers = itertools.count(1)
        self._created = int(time.time())

    async def health(self) -> Response:
        """Say how the engine is, and what it holds: 200 when it is ready, 503 otherwise."""
        state = self._engine.state
        body = {
            "status": state,
            "detail": self._engine.detail,
            "permanent": self._engine.permanent,
            "final": self._engine.final,
            "commit": self._engine.commit,
            "active": self._engine.active,
            "batches": {name: asdict(batch) for name, batch in self._engine.batches.items()},
            "gpu_bytes": gpu_bytes_held(),
        }
        return JSONResponse(body, 200 if state is EngineState.READY else 503)

    async def models(self) -> dict[str, Any]:
        """List the one model."""
        return {"object": "list", "data": [self._card()]}

    async def model(self, key: str) -> dict[str, Any]:
        """Describe the one model."""
        self._refuse_others(key)
        return self._card()

    async def tokenize(self, request: Request) -> dict[str, Any]:
        """Count the tokens of a conversation as it would be rendered, or of a text.

        Of a text that is hopelessly long it says the least that it can have, and lists none.
        """
        body = await self._body(TokenizeBody, request)
        try:
            ids = list(self._prompt_of(body).ids)
            count = len(ids)
        except PromptTooLong as error:
            ids, count = [], error.length
        return {"count": count, "max_model_len": self._engine.context, "tokens": ids}

    async def chat(self, request: Request) -> Response:
        """Answer a conversation."""
        body = await self._body(ChatBody, request)
        messages, partial = body.conversation()
        plan = await self._engine.plan(self._engine.chat_prompt(messages, partial), body)
        return await self._answer(request, body, plan)

    async def completions(self, request: Request) -> Response:
        """Continue a text."""
        body = await self._body(CompletionBody, request)
        plan = await self._engine.plan(self._engine.raw_prompt(body.prompt), body)
        return await self._answer(request, body, plan)

    async def _body(self, kind: type[Body], request: Request) -> Body:
        body = parse(kind, await _read_body(request))
        if body.model is not None:
            self._refuse_others(body.model)
        return body

    def _refuse_others(self, key: str) -> None:
        """Refuse a request that is meant for another model: its reply would pass for that one's."""
        own = self._engine.row.key
        if key != own:
            sentence = f"the model {quoted(key)} is not served here: this engine serves {own}"
            raise RefusedRequest(404, sentence, code="model_not_found", param="model")

    def _card(self) -> dict[str, Any]:
        key = self._engine.row.key
        return {"id": key, "object": "model", "created": self._created, "owned_by": "arena"}

    def _prompt_of(self, body: TokenizeBody) -> TokenPrompt:
        if body.messages is None:
            return self._engine.raw_prompt(body.prompt or "")
        return self._engine.chat_prompt([message.to_domain() for message in body.messages])

    async def _answer(self, request: Request, body: GenerationBody, plan: ReplyPlan) -> Response:
        leave = self._engine.enter()
        envelope = Envelope(
            chat=isinstance(body, ChatBody),
            request_id=f"reply-{next(self._numbers)}",
            model=self._engine.row.key,
            created=int(time.time()),
            counts=body.streams_usage,
        )
        if body.stream:
            events = reply_events(plan, lambda: self._interval_s(body))
            return EventStream(_streamed(envelope, body, plan, events), on_end=leave)
        try:
            return await while_connected(request.receive, _whole(envelope, body, plan))
        finally:
            leave()

    def _interval_s(self, body: GenerationBody) -> float:
        return max(body.stream_interval, event_interval(self._engine.active))


async def _streamed(
    envelope: Envelope, body: GenerationBody, plan: ReplyPlan, events: Events
) -> AsyncGenerator[bytes, None]:
    """Yield the events of one reply.

    A failure before the first of them is raised, and becomes a status that clients know to retry.
    """
    started = False
    try:
        async with aclosing(events):
            async for event in events:
                if not started and isinstance(body, ChatBody):
                    yield sse(envelope.opening() | _rendered(body, plan))
                started = True
                if isinstance(event, ReplyText):
                    yield sse(envelope.chunk(event.text))
                    continue
                yield sse(envelope.chunk("", event.reason) | _rendered(body, plan))
                if body.streams_usage:
                    yield sse(envelope.usage_chunk(usage(len(plan.prompt.ids), event.tokens)))
        yield SSE_DONE
    except GenerationFailed as error:
        if not started:
            raise
        logger.warning("a reply failed on its way: %s", error)
        yield sse(error_body(str(error), status=500, code=failure_code(error)))


async def _whole(envelope: Envelope, body: GenerationBody, plan: ReplyPlan) -> Response:
    text = ""
    async with aclosing(reply_events(plan)) as events:
        async for event in events:
            if isinstance(event, ReplyText):
                text += event.text
                continue
            counts = usage(len(plan.prompt.ids), event.tokens)
            whole = envelope.whole(text, event.reason, counts)
    return JSONResponse(whole | _rendered(body, plan))


def _rendered(body: GenerationBody, plan: ReplyPlan) -> dict[str, str]:
    return {"rendered_prompt": plan.prompt.text} if body.return_rendered_prompt else {}


async def _read_body(request: Request) -> bytes:
    """Read a body; raise `RefusedRequest` as soon as it is larger than any context needs."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            sentence = f"the body has more than {MAX_BODY_BYTES} bytes: shorten the conversation"
            raise RefusedRequest(413, sentence, code="invalid_size")
    return bytes(body)
