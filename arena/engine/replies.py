"""One reply: tokens from the generator become merged pieces of text and one exact ending."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from arena.domain.conversation import FinishReason
from arena.engine.batching.coalescing_queue import Pause
from arena.engine.batching.generator import GenerationFailed, Generator, SamplingParams
from arena.engine.decoding import StopStrings, TokenDecoder
from arena.engine.prompts import TokenPrompt

EVENT_INTERVAL_S = 0.04
"""At most 25 events a second per reply: an event per token costs half of the throughput."""

_SLOWEST_INTERVAL_S = 0.25
_EVENTS_PER_S = 250
"""Of all replies together; a page shows no more than eight frames a second of each."""


def event_interval(open_replies: int) -> float:
    """Return the seconds between two events of a reply while so many are open."""
    return min(_SLOWEST_INTERVAL_S, max(EVENT_INTERVAL_S, open_replies / _EVENTS_PER_S))


@dataclass(frozen=True, slots=True)
class ReplyText:
    """Some more text, whole characters only."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The end of a reply: by an end token or stop string, or at its budget of tokens."""

    reason: FinishReason
    tokens: int


class _Assembly:
    """State of one reply while its tokens arrive."""

    def __init__(self, decoder: TokenDecoder, stops: StopStrings, end: frozenset[int]) -> None:
        self._decoder = decoder
        self._stops = stops
        self._end = end
        self.tokens = 0
        self.stopped = False

    def take(self, group: list[int]) -> str:
        """Take new tokens and return the text that can be shown; tokens after an end are lost."""
        text = ""
        for token in group:
            self.tokens += 1
            self.stopped = token in self._end
            if self.stopped:
                break
            text += self._stops.feed(self._decoder.step(token))
            self.stopped = self._stops.stopped
            if self.stopped:
                break
        return text

    def rest(self) -> str:
        """Return what was held back, unless a stop string has come."""
        return self._stops.finish()


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """All that one reply needs, checked."""

    prompt: TokenPrompt
    sampling: SamplingParams
    stops: tuple[str, ...]
    end: frozenset[int]
    decoder: TokenDecoder
    generator: Generator


async def reply_events(
    plan: ReplyPlan, interval: Pause = lambda: EVENT_INTERVAL_S
) -> AsyncGenerator[ReplyText | ReplyEnd, None]:
    """Yield the first text and the last at once, between them at most every `interval()` seconds.

    Then yields exactly one `ReplyEnd`. Raises `GenerationFailed`. Closing it cancels the
    generation.
    """
    assembly = _Assembly(plan.decoder, StopStrings(plan.stops), plan.end)
    begun = reached = False

    def pause() -> float:
        return interval() if begun else 0.0

    tokens = plan.generator.generate(plan.prompt.ids, plan.sampling, pause)
    async with aclosing(tokens) as groups:
        async for group in groups:
            text = assembly.take(group)
            reached = assembly.tokens >= plan.sampling.max_new_tokens
            if assembly.stopped or reached:
                text += assembly.rest()
            if text:
                begun = True
                yield ReplyText(text)
            if assembly.stopped or reached:  # others of its batch may go on for long
                break
    if not assembly.stopped and not reached:
        raise GenerationFailed("the generator ended early, without an end token")
    yield ReplyEnd(FinishReason.STOP if assembly.stopped else FinishReason.LENGTH, assembly.tokens)
