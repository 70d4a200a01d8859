"""One turn while it is being generated: all slots start together and show at one pace."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from arena.domain.clock import Clock
from arena.domain.conversation import FinishReason, Message, ModelKey
from arena.domain.reply import ReplyEnd
from arena.inference.backend import ChatRequest, Delta, Finished, StreamEvent
from arena.inference.errors import BrokenReply, InferenceError
from arena.inference.pacing import READING_PACE, LeastWait, Pacer
from arena.inference.pieces import Pieces, even_length
from arena.inference.whole_words import whole_words
from arena.services.battle.contestants import Contestant

logger = logging.getLogger(__name__)

Stream = Callable[[ModelKey, ChatRequest], AsyncGenerator[StreamEvent, None]]
"""How a contestant is asked: the pool's `stream`."""


@dataclass(frozen=True, slots=True)
class SlotJob:
    """A reply to make for a slot. `prefix` is the cut text that it continues, if any."""

    position: int
    contestant: Contestant
    messages: tuple[Message, ...]
    prefix: str = ""
    continues_id: int | None = None


@dataclass(frozen=True, slots=True)
class SlotResult:
    """What a job came to. `text` includes the prefix; times are in seconds from the start."""

    job: SlotJob
    text: str
    end: ReplyEnd
    reasoning: str = ""
    error: str | None = None
    finished: Finished | None = None
    first_token_s: float | None = None
    total_s: float | None = None


class _Writing:
    """Mutable progress of one job."""

    def __init__(self, job: SlotJob) -> None:
        self.job = job
        self.text = ""
        self.pieces = Pieces()
        self.reasoning = ""
        self.finished: Finished | None = None
        self.first_token_s: float | None = None
        self.total_s: float | None = None

    @property
    def body(self) -> str:
        """The text without white space around it, which is neither counted nor waited for."""
        return self.text.strip()

    def shown(self, limit: int, *, ended: bool) -> int:
        """Return how many characters of the text show when `limit` of its body may."""
        body = self.body
        if ended and limit >= len(body):
            return len(self.text)
        cut = whole_words(body, limit, ended=False)
        return cut and self.text.index(body) + cut


class LiveTurn:
    """Generates a turn's replies and publishes what is visible of them.

    `interval` gives the seconds until the next frame. Jobs may be fewer than the battle's slots:
    a continued turn writes the cut slots alone.
    """

    def __init__(
        self,
        jobs: Sequence[SlotJob],
        *,
        stream: Stream,
        clock: Clock,
        interval: Callable[[], float],
        hold: bool = False,
        least_wait: LeastWait | None = None,
        reading_pace: float = READING_PACE,
    ) -> None:
        self._slots = [_Writing(job) for job in jobs]
        self._stream = stream
        self._clock = clock
        self._interval = interval
        self._pacer = Pacer(
            hold=hold, least_wait=least_wait, began=clock.monotonic(), reading_pace=reading_pace
        )
        self._shown = [0] * len(jobs)
        self._stopping = False
        self._ended = False
        self._version = 0
        self._change = asyncio.Event()
        self._news = asyncio.Event()
        self._written = asyncio.Event()
        self._advanced_at = clock.monotonic()

    @property
    def visible(self) -> dict[int, str]:
        """Text that may be shown now, by slot position."""
        return {
            slot.job.position: slot.job.prefix + slot.text[:shown]
            for slot, shown in zip(self._slots, self._shown, strict=True)
        }

    @property
    def version(self) -> int:
        """Grows with every frame."""
        return self._version

    @property
    def ended(self) -> bool:
        """Whether no further frame will come."""
        return self._ended

    def stop(self) -> None:
        """End all slots; what is visible stays."""
        self._stopping = True
        self._news.set()

    async def changed(self, version: int) -> None:
        """Wait until there is a frame newer than `version`, or the turn has ended."""
        while self._version <= version and not self._ended:
            await self._change.wait()

    async def run(self) -> tuple[SlotResult, ...]:
        """Generate until every reply is shown in full, a slot fails, or `stop` is called.

        Every request is closed when this returns or is cancelled.
        """
        tasks = [asyncio.create_task(self._write(slot)) for slot in self._slots]
        for task in tasks:
            task.add_done_callback(lambda _: self._note_end(tasks))
        try:
            while not (self._stopping or self._pacer.finished or _any_failed(tasks)):
                await self._next_frame()
                self._advance(tasks)
            return tuple(
                self._result(slot, task) for slot, task in zip(self._slots, tasks, strict=True)
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def end(self) -> None:
        """Tell every watcher that the turn is over."""
        self._ended = True
        self._publish()

    async def _next_frame(self) -> None:
        """Wait for the time of the next frame.

        A first word does not wait, nor do the first and the last frame once they are due. A frame
        at the end of one slot would tell which one was fast; the end of them all tells nothing.
        """
        self._news.clear()
        due = self._next_due()
        if not self._written.is_set():
            await self._first_of(due, self._news, self._written)
        if self._written.is_set() and not self._news.is_set():
            await self._first_of(self._last_due(due), self._news)

    def _next_due(self) -> float:
        """Return when the next regular frame is due, or before it the first one with text."""
        now = self._clock.monotonic()
        due, first = now + self._interval(), self._pacer.measures_at
        return due if first is None or first <= self._advanced_at else min(due, first)

    def _note_end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        if all(task.done() for task in tasks):
            self._written.set()

    def _last_due(self, due: float) -> float:
        """When the last frame is due, if that is before the next regular one."""
        left = self._pacer.seconds_left(lengths=self._lengths, done=[True] * len(self._slots))
        return due if left is None else min(due, self._advanced_at + left)

    async def _first_of(self, due: float, *events: asyncio.Event) -> None:
        """Wait for a moment or one of the events, whichever comes first."""
        waits = (self._clock.sleep(due - self._clock.monotonic()), *(one.wait() for one in events))
        tasks = [asyncio.create_task(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def _advance(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Show what is due.

        A failure shows nothing more: the last word of the side that ended would name the other.
        """
        self._advanced_at = self._clock.monotonic()
        if _any_failed(tasks):
            return
        done = [task.done() for task in tasks]
        for slot in self._slots:
            slot.pieces.grow(slot.body)
        limits = self._pacer.advance(
            self._advanced_at,
            lengths=self._lengths,
            done=done,
            even=even_length([slot.pieces for slot in self._slots], done),
        )
        shown = [
            slot.shown(limit, ended=ended)
            for slot, limit, ended in zip(self._slots, limits, done, strict=True)
        ]
        if shown != self._shown:
            self._shown = shown
            self._publish()

    @property
    def _lengths(self) -> list[int]:
        return [len(slot.body) for slot in self._slots]

    def _publish(self) -> None:
        self._version += 1
        self._change.set()
        self._change = asyncio.Event()

    async def _write(self, slot: _Writing) -> None:
        began = self._clock.monotonic()
        job = slot.job
        request = ChatRequest(job.messages, job.contestant.sampling, partial_reply=job.prefix)
        async with aclosing(self._stream(job.contestant.key, request)) as events:
            async for event in events:
                if isinstance(event, Delta):
                    if slot.first_token_s is None:
                        slot.first_token_s = self._clock.monotonic() - began
                    if event.text.strip() and not slot.body:
                        self._news.set()
                    slot.text += event.text
                    slot.reasoning += event.reasoning
                else:
                    slot.finished = event
        slot.total_s = self._clock.monotonic() - began
        if slot.finished is None:
            raise BrokenReply("the stream ended without a finish reason")
        if not (job.prefix + slot.text).strip():
            raise BrokenReply("the reply is empty")

    def _result(self, slot: _Writing, task: asyncio.Task[None]) -> SlotResult:
        shown = self.visible[slot.job.position]
        error = _error_of(task)
        if error is None and self._pacer.finished and slot.finished is not None:
            end = _END[slot.finished.reason]
        else:
            end = ReplyEnd.ERROR if error else ReplyEnd.CANCELLED
        return SlotResult(
            job=slot.job,
            text=shown,
            end=end,
            reasoning=slot.reasoning,
            error=error,
            finished=slot.finished,
            first_token_s=slot.first_token_s,
            total_s=slot.total_s,
        )


_END = {FinishReason.STOP: ReplyEnd.STOP, FinishReason.LENGTH: ReplyEnd.LENGTH}


def _any_failed(tasks: Sequence[asyncio.Task[None]]) -> bool:
    return any(map(_failed, tasks))


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


def _error_of(task: asyncio.Task[None]) -> str | None:
    if not _failed(task):
        return None
    error = task.exception()
    if not isinstance(error, InferenceError):
        logger.error("a slot failed in an unforeseen way", exc_info=error)
    return f"{type(error).__name__}: {error}"
