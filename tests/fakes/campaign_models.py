"""Models that a campaign asks: they answer at once as a test wants, and count their requests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from arena.domain.conversation import FinishReason, ModelKey, Role
from arena.inference.backend import ChatRequest, Delta, Finished, StreamEvent
from arena.services.campaigns.replies.serving import ModelLost, ServedModel, Tell

Answer = Callable[[ChatRequest], str | Exception]
"""What a model says to a request, or the failure that it comes to."""


def echo(request: ChatRequest) -> str:
    """Say which turn this is, and what was asked."""
    turn = sum(message.role is Role.USER for message in request.messages)
    return f"Answer {turn} to {request.messages[-1].content}"


def _unblocked() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class CampaignModel:
    """One model. `words` is its own limit; a shorter budget of the request cuts before.

    `cannot_start` says why it never gets ready. `open` counts requests in flight, `most_open`
    their largest number.
    """

    answer: Answer = echo
    in_flight: int = 4
    cannot_start: str | None = None
    requests: list[ChatRequest] = field(default_factory=list)
    starts: int = 0
    stops: int = 0
    open: int = 0
    most_open: int = 0
    blocked: asyncio.Event = field(default_factory=_unblocked)

    async def ready(self, tell: Tell) -> None:
        """Be ready, or not."""
        tell("loading")
        if self.cannot_start is not None:
            raise ModelLost(self.cannot_start)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Answer in two deltas."""
        self.requests.append(request)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(0)
            await self.blocked.wait()
            said = self.answer(request)
            if isinstance(said, Exception):
                raise said
            for event in _events(said, request.sampling.max_new_tokens):
                yield event
        finally:
            self.open -= 1

    def asked(self) -> list[str]:
        """Return the last message of each request."""
        return [request.messages[-1].content for request in self.requests]


class FakeServer:
    """`ModelServer` over models by key."""

    def __init__(self, **models: CampaignModel) -> None:
        self.models = {ModelKey(key): model for key, model in models.items()}

    @asynccontextmanager
    async def serving(self, key: ModelKey) -> AsyncIterator[ServedModel]:
        """Start a model, which must be the only one."""
        assert all(model.starts == model.stops for model in self.models.values())
        model = self.models[key]
        model.starts += 1
        try:
            yield model
        finally:
            model.stops += 1

    @property
    def all_requests(self) -> list[ChatRequest]:
        """What was sent to all models."""
        return [request for model in self.models.values() for request in model.requests]

    @property
    def requests(self) -> int:
        """How many requests were sent to all models."""
        return len(self.all_requests)


def _events(text: str, budget: int) -> Sequence[StreamEvent]:
    words = text.split(" ")
    said, reason = " ".join(words[:budget]), FinishReason.STOP
    if len(words) > budget:
        reason = FinishReason.LENGTH
    middle = len(said) // 2
    return (
        Delta(said[:middle]),
        Delta(said[middle:]),
        Finished(reason, prompt_tokens=3, reply_tokens=min(len(words), budget)),
    )
