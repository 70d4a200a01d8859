"""The port to anything that answers a conversation: protocol, request and stream events."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from arena.domain.conversation import FinishReason, Message, Sampling


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One reply to be made.

    `messages` hold the conversation without the model's own system prompt (the backend's row adds
    it). When `partial_reply` is not empty, the model continues that text of its own instead of
    starting over; the deltas then hold only what is new. `interval_s`: nobody reads along, so that
    text every so many seconds is enough; a server may send it more often.
    """

    messages: tuple[Message, ...]
    sampling: Sampling
    partial_reply: str = ""
    interval_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Delta:
    """New text, whole characters only. `reasoning` is stored, never shown before the vote."""

    text: str = ""
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event of every complete stream. Token counts are None when the server gave none."""

    reason: FinishReason
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    rendered_prompt: str | None = None


StreamEvent = Delta | Finished


class ModelState(StrEnum):
    """Where a model is in its life, for the admin and for the pair sampler (only READY answers)."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """Memory held by a model's engine process, in bytes; None where it is not known."""

    ram_bytes: int | None = None
    gpu_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class LastFailure:
    """Why the last reply of a model failed, when, and how many have since its last good one."""

    sentence: str
    at: datetime
    in_a_row: int


@dataclass(frozen=True, slots=True)
class ControlTokens:
    """Replies that hold control tokens of a chat template: how many, the last time, and which."""

    replies: int
    at: datetime
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """State of a model in detail, for the administrator only: its texts may name the model.

    `recovering`: the model was ready, has failed, and is about to come back by itself. `memory` and
    `restarts` are those of its engine process; a model without one has neither. `failure` is that
    of its last reply, `control_tokens` those in its replies since the start.
    """

    state: ModelState
    progress: str = ""
    last_error: str | None = None
    recovering: bool = False
    memory: EngineMemory = EngineMemory()
    restarts: int = 0
    failure: LastFailure | None = None
    control_tokens: ControlTokens | None = None


class ChatBackend(Protocol):
    """A model that answers. One instance per catalog row; safe for concurrent streams.

    Contract (tests/inference/test_backend_contract.py runs it over every implementation):
    the stream yields zero or more `Delta`, then exactly one `Finished`, or raises an
    `InferenceError`; `aclose` of the generator, or cancelling the task that reads it, stops
    the generation at the server and frees its slot. Readers wrap it in `contextlib.aclosing`.
    """

    @property
    def state(self) -> ModelState:
        """Current state; cheap, never blocks."""
        ...

    @property
    def status(self) -> ModelStatus:
        """Current state in detail; cheap, never blocks. Its state is that of `state`."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Start generating and yield events as they come."""
        ...

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Return whether the rendered messages leave room in the context for a useful reply."""
        ...

    async def start(self) -> None:
        """Begin loading; returns at once. `state` tells the progress."""
        ...

    async def close(self) -> None:
        """Free everything. Idempotent."""
        ...
