"""Dynamic batches: for models that continuous batching cannot run.

Requests that wait together and sample alike run as one batch; the next batch starts when it ends.
"""

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from transformers import StoppingCriteria

from arena.engine.batching.broken_logits import BROKEN, FiniteScores
from arena.engine.batching.coalescing_queue import CoalescingQueue, Pause, no_pause
from arena.engine.batching.generator import BatchStatus, GenerationFailed, SamplingParams
from arena.engine.batching.strategies import MAX_ROWS, choose_strategy
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A request in the worker's hands, and the way back to the loop that waits for it."""

    prompt: tuple[int, ...]
    sampling: SamplingParams
    loop: asyncio.AbstractEventLoop
    outputs: CoalescingQueue[int | Exception | None] = field(default_factory=CoalescingQueue)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def batch_key(self) -> SamplingParams:
        """Return what must be equal in one batch: all sampling params but the token budget."""
        return replace(self.sampling, max_new_tokens=1)

    def send(self, item: int | Exception | None) -> None:
        """Hand a token, a failure or the end (None) to the loop; drop it if the loop is closed."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.outputs.put, item, not isinstance(item, int))


class _TokenStreamer(StoppingCriteria):
    """Called after each step: passes on the tokens and ends rows one by one."""

    def __init__(
        self, jobs: Sequence[_Job], end: frozenset[int], prompt_length: int, finite: FiniteScores
    ) -> None:
        self._jobs = jobs
        self._finite = finite
        self._end = end
        self._prompt_length = prompt_length
        self._open = [True] * len(jobs)

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """Return, for each row, whether it is done."""
        del scores, kwargs
        length = input_ids.shape[1] - self._prompt_length
        for row, (job, token) in enumerate(zip(self._jobs, input_ids[:, -1].tolist(), strict=True)):
            if self._open[row] and row in self._finite.broken:
                job.send(GenerationFailed(BROKEN))
                self._open[row] = False
            elif self._open[row] and not job.cancelled.is_set():
                job.send(token)
                self._open[row] = token not in self._end and length < job.sampling.max_new_tokens
            else:
                self._open[row] = False
        return torch.tensor([not is_open for is_open in self._open], device=input_ids.device)


class DynamicBatching:
    """The `Generator` over dynamic batches, with one worker. Construct it in a thread: it tests."""

    name = "dynamic"

    def __init__(
        self, loaded: LoadedModel, *, end: frozenset[int], max_rows: int = MAX_ROWS
    ) -> None:
        self._loaded = loaded
        self._end = end
        self._strategy = choose_strategy(loaded, max_rows)
        logger.info(
            "batches of up to %d requests by %s", self._strategy.max_rows, self._strategy.name
        )
        self._arriving: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._backlog: list[_Job] = []
        self._running = 0
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="dynamic batching", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Set when the worker thread has ended."""
        return None if self._thread.is_alive() else "the worker thread has ended"

    @property
    def status(self) -> BatchStatus:
        """Rows of the running batch, cancelled ones included, and requests that wait."""
        return BatchStatus(self._running, len(self._backlog) + self._arriving.qsize())

    async def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        """Yield new tokens in groups as they come; see `Generator`."""
        if self._closed or self.failure:
            raise GenerationFailed("the engine is stopping")
        job = _Job(tuple(prompt), sampling, asyncio.get_running_loop())
        self._arriving.put(job)
        try:
            more = True
            while more:
                items = await job.outputs.take(pause())
                if tokens := [item for item in items if isinstance(item, int)]:
                    yield tokens
                for failure in (item for item in items if isinstance(item, Exception)):
                    raise GenerationFailed(str(failure)) from failure
                more = None not in items
        finally:
            job.cancelled.set()

    async def watch(self) -> None:
        """Return at once: a failed batch fails its own requests only, nothing has to be revived."""

    def close(self) -> None:
        """End the worker after its batch; requests that wait fail."""
        self._closed = True
        self._arriving.put(None)

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            outcome: Exception | None = None
            self._running = len(batch)
            try:
                self._run(batch)
            except Exception as error:
                logger.exception("a batch of %d requests failed", len(batch))
                outcome = error
            self._running = 0
            for job in batch:
                job.send(outcome)

    def _next_batch(self) -> list[_Job] | None:
        """Wait for work; return the oldest request and others like it, None to end."""
        arrived = [] if self._backlog else [self._arriving.get()]
        while not self._arriving.empty():
            arrived.append(self._arriving.get())
        waiting = self._backlog + [job for job in arrived if job is not None]
        if None in arrived:
            for job in waiting:
                job.send(GenerationFailed("the engine is stopping"))
            return None
        waiting = [job for job in waiting if not job.cancelled.is_set()]
        if not waiting:
            return []
        alike = [job for job in waiting if job.batch_key() == waiting[0].batch_key()]
        alike = alike[: 1 if waiting[0].sampling.seed is not None else self._strategy.max_rows]
        self._backlog = [job for job in waiting if job not in alike]
        return alike

    def _run(self, batch: list[_Job]) -> None:
        if not batch:
            return
        sampling = batch[0].sampling
        end = frozenset[int]() if sampling.ignore_end else self._end
        if sampling.seed is not None:  # alone in its batch; this thread alone draws at random
            torch.manual_seed(sampling.seed)
        finite, longest = FiniteScores(), max(len(job.prompt) for job in batch)
        self._strategy.generate(
            self._loaded,
            [job.prompt for job in batch],
            replace(sampling, max_new_tokens=max(job.sampling.max_new_tokens for job in batch)),
            end=end,
            stopping_criteria=[_TokenStreamer(batch, end, longest, finite)],
            logits_processors=[finite],
        )
