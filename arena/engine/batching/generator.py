"""The interface of token generators, and the sampling params that are safe for them."""

import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from arena.domain.conversation import Sampling
from arena.engine.batching.coalescing_queue import Pause, no_pause

GREEDY_BELOW = 1e-3
"""Temperatures under this mean greedy: dividing by them overflows and kills the batch."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Sampling that no model can choke on: made by `safe_sampling` only.

    `temperature` is positive, `top_k` within 1 (greedy) and the vocabulary (off). `ignore_end`
    goes on to the budget whatever comes, for measurements. With a `seed` the same logits give the
    same tokens; in a batch, logits may differ in their last bits from neighbour to neighbour.
    """

    temperature: float
    top_p: float
    top_k: int
    repetition_penalty: float
    max_new_tokens: int
    ignore_end: bool = False
    seed: int | None = None


class GenerationFailed(Exception):
    """A request produced no (further) tokens. The text is for the log and the client."""


class BatchLost(GenerationFailed):
    """The batch died or was stopped with this request in it: sent again, it may succeed."""


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """How many requests a generator holds, and how often its batch died and was rebuilt.

    `cached` counts requests with a place in the KV cache; while none runs or waits
    it must be 0. `decoding` says how steps run where it is not kernel by kernel.
    """

    running: int
    waiting: int
    cached: int = 0
    rebuilds: int = 0
    last_death: str | None = None
    decoding: str | None = None


class Generator(Protocol):
    """Generates for many prompts at once; one per process."""

    @property
    def name(self) -> str:
        """`continuous` or `dynamic`, for health and logs."""
        ...

    @property
    def failure(self) -> str | None:
        """Why nothing can be generated any more; None while all is well."""
        ...

    @property
    def status(self) -> BatchStatus:
        """What it holds; safe to ask at any time, from the event loop."""
        ...

    def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        """Yield the new tokens, in groups as they come, the end-of-sequence token included.

        Tokens are gathered for `pause()` seconds after each group; the last are given at once.
        Ends after that token or after `max_new_tokens`; raises `GenerationFailed`. Closing the
        generator frees the slot at the next step.
        """
        ...

    async def watch(self) -> None:
        """Look after the generator until cancelled: notice its death, revive it."""
        ...

    def close(self) -> None:
        """Stop the worker thread; blocks until it has ended. Idempotent."""
        ...


def safe_sampling(
    sampling: Sampling, *, vocabulary: int, room: int, ignore_end: bool = False
) -> SamplingParams:
    """Map a request's sampling to values that cannot break a running batch.

    `room` is the number of tokens left in the context. Raises ValueError for values that mean
    nothing (not finite, out of range).
    """
    _check("temperature", sampling.temperature, low=0.0, high=5.0)
    _check("top_p", sampling.top_p, low=1e-6, high=1.0)
    _check("repetition_penalty", sampling.repetition_penalty, low=0.1, high=5.0)
    if sampling.max_new_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {sampling.max_new_tokens}")
    greedy = sampling.temperature < GREEDY_BELOW
    return SamplingParams(
        temperature=1.0 if greedy else sampling.temperature,
        top_p=1.0 if greedy else sampling.top_p,
        top_k=1 if greedy else max(1, min(sampling.top_k or vocabulary, vocabulary)),
        repetition_penalty=sampling.repetition_penalty,
        max_new_tokens=min(sampling.max_new_tokens, room),
        ignore_end=ignore_end,
        seed=sampling.seed,
    )


def _check(name: str, value: float, *, low: float, high: float) -> None:
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} must be within {low:g} and {high:g}, not {value!r}")
