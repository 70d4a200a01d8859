"""Generation strategies for batches outside continuous batching, and the choice made at load."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.padded_generation import generate_batch
from arena.engine.batching.self_test import TEST_TOKENS, is_greedy_text, test_prompts
from arena.engine.batching.stepwise_generation import step_batch
from arena.engine.loading.failures import is_memory_fault
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)

MAX_ROWS: Final = 16

BatchFunction = Callable[..., list[list[int]]]
"""Called as `padded_generation.generate_batch` is."""


@dataclass(frozen=True, slots=True)
class GenerationStrategy:
    """How a model's batches are generated, and how many rows they may have."""

    name: str
    generate: BatchFunction
    max_rows: int


_FUNCTIONS: Final[tuple[tuple[str, BatchFunction], ...]] = (
    ("generate()", generate_batch),
    ("single steps with the model's own cache", partial(step_batch, cached=True)),
    ("single steps without a cache", partial(step_batch, cached=False)),
)
"""From fast to slow; the last one is the plain forward pass that the others are compared with."""


def choose_strategy(loaded: LoadedModel, max_rows: int = MAX_ROWS) -> GenerationStrategy:
    """Return the first strategy that gives the model's own text: in batches, else row by row.

    Raises what the model's own code raises when it cannot be driven even step by step, and at once
    what says that there is no memory: a slower strategy needs as much.
    """
    for name, function in _FUNCTIONS[:-1]:
        try:
            rows = _rows_that_agree(loaded, function, max_rows)
        except Exception as error:  # code of strangers; the next strategy asks less
            if is_memory_fault(error):
                raise
            logger.info("%s fails for this model: %r", name, error)
        else:
            if rows:
                return GenerationStrategy(name, function, rows)
            logger.warning("%s changes this model's text", name)
    name, function = _FUNCTIONS[-1]
    return GenerationStrategy(name, function, _rows_that_agree(loaded, function, max_rows) or 1)


def _rows_that_agree(loaded: LoadedModel, function: BatchFunction, max_rows: int) -> int:
    """Return how many rows a batch may have; 0 where even one row gets another text."""
    if _agrees(loaded, function, together=True):
        return max_rows
    logger.warning("padding changes this model's text: its requests run one by one")
    return 1 if _agrees(loaded, function, together=False) else 0


def _agrees(loaded: LoadedModel, function: BatchFunction, *, together: bool) -> bool:
    prompts = test_prompts(loaded)
    greedy = SamplingParams(1.0, 1.0, 1, 1.0, TEST_TOKENS, ignore_end=True)
    batches: Sequence[Sequence[list[int]]] = [prompts] if together else [[p] for p in prompts]
    replies = [r for b in batches for r in function(loaded, b, greedy, end=frozenset())]
    pairs = zip(prompts, replies, strict=True)
    return all(is_greedy_text(loaded, prompt, reply) for prompt, reply in pairs)
