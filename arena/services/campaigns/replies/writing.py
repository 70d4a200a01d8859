"""One reply of one model, from the request to its end."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from arena.domain.clock import Clock
from arena.domain.conversation import FinishReason
from arena.domain.reply import ReplyEnd
from arena.inference.backend import ChatRequest, Delta, Finished, StreamEvent
from arena.inference.errors import BrokenReply, InferenceError

Ask = Callable[[ChatRequest], AsyncGenerator[StreamEvent, None]]
"""Asks the model."""

_ENDS = {FinishReason.STOP: ReplyEnd.STOP, FinishReason.LENGTH: ReplyEnd.LENGTH}


@dataclass(frozen=True, slots=True)
class Written:
    """What a request came to; times are in seconds from the request. `cause` is its failure."""

    text: str
    end: ReplyEnd
    reasoning: str = ""
    finished: Finished | None = None
    first_token_s: float | None = None
    total_s: float | None = None
    cause: InferenceError | None = None

    @property
    def error(self) -> str | None:
        """The failure in a sentence, for the researcher."""
        return None if self.cause is None else f"{type(self.cause).__name__}: {self.cause}"


class _Writing:
    """A reply as it grows."""

    def __init__(self, began_s: float) -> None:
        self.began_s = began_s
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.first_token_s: float | None = None
        self.finished: Finished | None = None

    def note(self, event: StreamEvent, now_s: float) -> None:
        if not isinstance(event, Delta):
            self.finished = event
            return
        if self.first_token_s is None:
            self.first_token_s = now_s - self.began_s
        self.texts.append(event.text)
        self.thoughts.append(event.reasoning)

    def written(self, end: ReplyEnd, now_s: float, cause: InferenceError | None) -> Written:
        return Written(
            text="".join(self.texts),
            end=end,
            reasoning="".join(self.thoughts),
            finished=self.finished,
            first_token_s=self.first_token_s,
            total_s=now_s - self.began_s,
            cause=cause,
        )


async def write_reply(ask: Ask, request: ChatRequest, clock: Clock) -> Written:
    """Ask a model and read its reply to the end; a failure is a reply too."""
    writing = _Writing(clock.monotonic())
    try:
        async with aclosing(ask(request)) as events:
            async for event in events:
                writing.note(event, clock.monotonic())
        if writing.finished is None:
            raise BrokenReply("the stream ended without a finish reason")
    except InferenceError as error:
        return writing.written(ReplyEnd.ERROR, clock.monotonic(), error)
    return writing.written(_ENDS[writing.finished.reason], clock.monotonic(), None)
