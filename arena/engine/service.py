"""The engine apart from HTTP: its state, admission of requests, and the plan of each reply.

Imports no torch: the process listens, and says that it is loading, before torch is imported.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from arena.catalog import ModelRow
from arena.checkpoints.hub_cache import short_commit
from arena.domain.conversation import Message
from arena.engine.batching.generator import BatchStatus, Generator, SamplingParams, safe_sampling
from arena.engine.hub.faults import DownloadFailed
from arena.engine.loading.failures import loading_failure
from arena.engine.prompts import PromptBuilder, PromptTooLong, TokenPrompt
from arena.engine.replies import ReplyPlan
from arena.engine.requests import GenerationBody, RefusedRequest
from arena.prompting import PromptFormatError

logger = logging.getLogger(__name__)

MAX_OPEN = 256
"""Requests that run or wait; more are refused, so that none waits without end."""

MAX_CHARACTERS_PER_TOKEN = 32
"""Text with longer tokens on average does not exist; longer prompts are refused uncounted."""

RETRY_AFTER_S = 2


class EngineState(StrEnum):
    """Life of an engine; only READY answers."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    DRAINING = "draining"


class Served(Protocol):
    """A loaded model, as `assembly.ServedModel` makes it."""

    prompts: PromptBuilder
    context: int
    vocabulary: int
    number_format: str
    generator: Generator

    @property
    def end(self) -> frozenset[int]:
        """Ids that end a reply."""
        ...

    @property
    def generators(self) -> tuple[Generator, ...]:
        """All generators in use."""
        ...

    async def generator_for(self, sampling: SamplingParams) -> Generator:
        """Return the generator that can sample so; raises `GenerationFailed`."""
        ...

    def close(self) -> None:
        """Stop all worker threads."""
        ...


Assemble = Callable[[Callable[[str], None]], Served]
"""Loads the model, blocking; reports its progress to the function that it is given."""


class Engine:
    """One model in one process.

    `commit` is the hub's, of the files that are loaded; None for a folder of this machine.
    `permanent`: after a failure, a restart is useless until the operator fixes something; `final`:
    it is useless for as long as the arena runs.
    """

    def __init__(self, row: ModelRow, assemble: Assemble, *, max_open: int = MAX_OPEN) -> None:
        self._assemble = assemble
        self._max_open = max_open
        self._served: Served | None = None
        self._watching: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._state = EngineState.LOADING
        self._detail = "starting"
        self.row = row
        self.active = 0
        self.permanent = False
        self.final = False
        self.commit: str | None = None

    @property
    def state(self) -> EngineState:
        """Current state; FAILED once a generator cannot continue."""
        if self._state is EngineState.READY and self._failure():
            return EngineState.FAILED
        return self._state

    @property
    def detail(self) -> str:
        """Progress while loading, the reason when failed, how the model runs when ready."""
        return self._failure() or self._detail

    @property
    def batches(self) -> dict[str, BatchStatus]:
        """What each generator at work holds, by its name."""
        generators = self._served.generators if self._served is not None else ()
        return {generator.name: generator.status for generator in generators}

    async def load(self) -> None:
        """Load the model in a thread. Never raises: what goes wrong is the engine's state."""
        try:
            served = await asyncio.to_thread(self._assemble, self._report)
        except DownloadFailed as failed:
            logger.error("%s", failed)  # noqa: TRY400  (the sentence says it all)
            self._state, self._detail = EngineState.FAILED, str(failed)
            self.permanent = failed.permanent
            return
        except Exception as error:
            failure = loading_failure(error)
            logger.exception("the model cannot be loaded")
            self._state, self._detail = EngineState.FAILED, str(failure)
            self.final = failure.permanent
            return
        self._served = served
        self._watching = asyncio.create_task(served.generator.watch())
        self._state, self._detail = EngineState.READY, self._ready_text(served)

    def enter(self) -> Callable[[], None]:
        """Take a slot for a request and return the function that releases it (once).

        Raises `RefusedRequest`: 503 while the engine is not ready, 429 when all are taken.
        """
        self._ready()
        if self.active >= self._max_open:
            raise RefusedRequest(429, f"{self.active} requests are open already", code="queue_full")
        self.active += 1
        self._idle.clear()
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self.active -= 1
                if not self.active:
                    self._idle.set()

        return leave

    def chat_prompt(self, messages: Sequence[Message], partial_reply: str = "") -> TokenPrompt:
        """Render a conversation.

        Raises `RefusedRequest` when the format cannot, `PromptTooLong` when it is hopelessly long.
        """
        texts = (*(message.content for message in messages), partial_reply)
        self._refuse_hopeless(sum(map(len, texts)))
        try:
            return self._ready().prompts.chat(messages, partial_reply)
        except PromptFormatError as error:
            code = "invalid_messages"
            raise RefusedRequest(400, str(error), code=code, param="messages") from error

    def raw_prompt(self, text: str) -> TokenPrompt:
        """Tokenise a text as it is; raises `PromptTooLong` when it is hopelessly long."""
        self._refuse_hopeless(len(text))
        return self._ready().prompts.raw(text)

    @property
    def context(self) -> int:
        """Tokens that prompt and reply may have together."""
        return self._ready().context

    async def plan(self, prompt: TokenPrompt, body: GenerationBody) -> ReplyPlan:
        """Check a request against the model.

        Raises `RefusedRequest` (400) or `PromptTooLong` when it cannot run, `GenerationFailed`
        when nothing can sample so.
        """
        served = self._ready()
        _refuse_bad_prompt(prompt, served)
        sampling = body.sampling(self.row.sampling)
        try:
            tokens = safe_sampling(
                sampling,
                vocabulary=served.vocabulary,
                room=served.context - len(prompt.ids),
                ignore_end=body.ignore_eos,
            )
        except ValueError as error:
            raise RefusedRequest(400, str(error), code="invalid_sampling") from error
        return ReplyPlan(
            prompt=prompt,
            sampling=tokens,
            stops=(*served.prompts.stops, *sampling.stop),
            end=frozenset() if body.ignore_eos else served.end,
            decoder=served.prompts.decoder(prompt),
            generator=await served.generator_for(tokens),
        )

    async def drain(self, within_s: float) -> None:
        """Refuse new requests and wait for the open ones to end."""
        self._state, self._detail = EngineState.DRAINING, "stopping"
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._idle.wait()

    async def close(self) -> None:
        """Stop the model's threads."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._served is not None:
            await asyncio.to_thread(self._served.close)

    def _ready(self) -> Served:
        if self._served is None or self.state is not EngineState.READY:
            raise RefusedRequest(503, f"{self.state}: {self.detail}", code=f"engine_{self.state}")
        return self._served

    def _refuse_hopeless(self, characters: int) -> None:
        """Refuse what is far beyond the context: to count it takes seconds, and streams wait."""
        at_least = characters // MAX_CHARACTERS_PER_TOKEN
        if at_least > self.context:
            raise PromptTooLong(length=at_least, limit=self.context, counted=False)

    def _failure(self) -> str | None:
        generators = self._served.generators if self._served is not None else ()
        return next((g.failure for g in generators if g.failure), self._watch_failure())

    def _watch_failure(self) -> str | None:
        """Return what ended the watch, without which a dead batch would stay dead unnoticed."""
        watching = self._watching
        if watching is None or not watching.done() or watching.cancelled():
            return None
        error = watching.exception()
        return f"the watch over the batch failed: {error!r}" if error is not None else None

    def _ready_text(self, served: Served) -> str:
        text = f"{served.number_format}, {served.generator.name} batching"
        return f"{text}, commit {short_commit(self.commit)}" if self.commit else text

    def _report(self, progress: str) -> None:
        self._detail = progress


def _refuse_bad_prompt(prompt: TokenPrompt, served: Served) -> None:
    length = len(prompt.ids)
    if not length:
        raise RefusedRequest(400, "the prompt is empty", code="invalid_prompt")
    if length >= served.context:
        raise PromptTooLong(length=length, limit=served.context)
    if max(prompt.ids) >= served.vocabulary or min(prompt.ids) < 0:
        raise RefusedRequest(400, "the tokenizer does not fit the model", code="invalid_prompt")
