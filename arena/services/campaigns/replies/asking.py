"""One model answers all conversations of a campaign that it has not answered yet."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from arena.domain.backoff import Backoff
from arena.domain.campaign_replies import Place
from arena.domain.clock import Clock
from arena.domain.conversation import Message, Role
from arena.inference.backend import ChatRequest
from arena.inference.errors import InferenceError, ModelOverloaded
from arena.inference.health.circuit_breaker import blames_model
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.replies.generation_progress import ModelTally
from arena.services.campaigns.replies.ledger import Answered, ReplyLedger, Settled
from arena.services.campaigns.replies.plans import AskedPrompt, opening_messages
from arena.services.campaigns.replies.questions import Questions
from arena.services.campaigns.replies.serving import ModelLost, ServedModel
from arena.services.campaigns.replies.storing import Storing
from arena.services.campaigns.replies.writing import Written, write_reply

T = TypeVar("T")

_INTERVAL_S: Final = 5.0
"""Seconds between two pieces of a reply: often enough to tell a slow engine from a hung one."""


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often a request is sent after failures that may pass, and when a model is given up.

    A server that is overloaded is asked more often. No wait is longer than that of `backoff`.
    `failures_in_a_row` are those of replies, after all attempts at each, that are likely to befall
    the next reply too.
    """

    attempts: int = 3
    attempts_when_overloaded: int = 8
    backoff: Backoff = field(default=Backoff(1.0, 60.0))
    failures_in_a_row: int = 5

    def wait_s(self, attempt: int, cause: InferenceError) -> float | None:
        """Return the seconds to wait after failed attempt 1, 2, …; None to leave it at that."""
        is_busy = isinstance(cause, ModelOverloaded)
        if not cause.retryable or attempt >= (
            self.attempts_when_overloaded if is_busy else self.attempts
        ):
            return None
        wait_s = max(self.backoff.delay_s(attempt), cause.retry_after_s or 0.0)
        return min(wait_s, self.backoff.longest_s)


class ModelGivenUp(Exception):
    """A model fails over and over; says why."""


class Asking:
    """Holds many conversations with one model at a time, each turn upon the reply before.

    The model's own batch does the rest: as soon as a conversation ends, the next one begins.
    """

    def __init__(
        self,
        model: ServedModel,
        questions: Questions,
        ledger: ReplyLedger,
        *,
        tally: ModelTally,
        clock: Clock,
        persistence: Persistence,
    ) -> None:
        self._model = model
        self._questions = questions
        self._ledger = ledger
        self._storing = Storing(ledger.keep_all)
        self._tally = tally
        self._clock = clock
        self._persistence = persistence
        self._failures = 0
        self._same: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        """Ask everything.

        Raises:
            ModelLost: The model cannot be asked, as things are.
            ModelGivenUp: It fails over and over.
            StorageError: A reply could not be stored.
        """
        await self._model.ready(self._tally.tell)
        waiting = deque(self._questions.prompts)
        self._tally.begin()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._model.in_flight, len(waiting))):
                    group.create_task(self._converse_while(waiting))
        except ExceptionGroup as errors:
            raise _first(errors) from errors
        finally:
            self._tally.end()

    async def _converse_while(self, waiting: deque[AskedPrompt]) -> None:
        while waiting:
            await self._converse(waiting.popleft())

    async def _converse(self, prompt: AskedPrompt) -> None:
        messages, is_first = opening_messages(prompt), True
        for turn, asked in enumerate(prompt.turns, start=1):
            messages.append(Message(Role.USER, asked))
            place = Place(self._questions.position, prompt.number, turn)
            settled = self._questions.settled(place, conversation_hash(messages))
            if settled is None:
                settled = await self._answer(place, tuple(messages), looked_up=is_first)
                is_first = False
            else:
                self._tally.settle()
            if not settled.status.has_text:
                self._tally.settle(len(prompt.turns) - turn)
                return
            messages.append(Message(Role.ASSISTANT, settled.reply.text))

    async def _answer(
        self, place: Place, messages: tuple[Message, ...], *, looked_up: bool
    ) -> Settled:
        """Reuse a reply to this conversation, or ask for one.

        `looked_up`: there was none when the questions were made.
        """
        told = conversation_hash(messages)
        looked_up = looked_up and told not in self._same
        async with self._same[told]:  # two prompts may say the same
            if not looked_up:
                reused = await _in_thread(lambda: self._ledger.reused(place, messages))
                if reused is not None:
                    self._tally.settle(reused=True)
                    return reused
            written = await self._written(
                ChatRequest(messages, self._questions.sampling, interval_s=_INTERVAL_S)
            )
            kept = await self._storing.keep(Answered(place, messages, written))
        self._tally.wrote(written.finished.reply_tokens if written.finished else None)
        self._tally.settle()
        self._note_health(written)
        return kept

    async def _written(self, request: ChatRequest) -> Written:
        """Ask, and again after a failure that may pass, once the model is ready."""
        attempt = 0
        while True:
            attempt += 1
            self._tally.requests += 1
            written = await write_reply(self._model.stream, request, self._clock)
            cause = written.cause
            wait_s = None if cause is None else self._persistence.wait_s(attempt, cause)
            if wait_s is None:
                return written
            await self._clock.sleep(wait_s)
            await self._model.ready(self._tally.tell)

    def _note_health(self, written: Written) -> None:
        if written.cause is None:
            self._failures = 0
        elif blames_model(written.cause):
            self._failures += 1
            if self._failures >= self._persistence.failures_in_a_row:
                raise ModelGivenUp(
                    f"{self._failures} replies in a row failed, the last one: {written.cause}"
                )


_FOREMOST: Final = (ModelLost, ModelGivenUp)


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    """Return the error that ended a group of tasks; all others follow from it."""
    known = errors.subgroup(_FOREMOST)
    first: Exception = (known or errors).exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


async def _in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread, to its end also when this task is cancelled."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
