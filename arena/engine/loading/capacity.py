"""How large a model and its KV cache are; pure arithmetic on a configuration."""

import sys
from dataclasses import dataclass
from typing import Any

from arena.checkpoints.kv_cache import (
    DEFAULT_CONTEXT,
    GPU_ROWS,
    cache_numbers,
    stated_context,
    useful_cache_tokens,
)
from arena.domain.byte_sizes import GIB, MIB

MASK_BUDGET_BYTES = 256 * MIB
CPU_CACHE_BYTES = GIB
_LARGEST_BELIEVABLE = 10_000_000
_ROWS = 64
"""With one mask for all, and on a CPU, more replies at once make none of them faster."""

_PAGES_A_ROW = 2
"""So few pages must there be for each row: more rows push each other out of the cache again."""


@dataclass(frozen=True, slots=True)
class CacheLayout:
    """Size of a paged cache: `blocks` of `page_tokens` each, `batch_tokens` at most in a step.

    `rows` is how many requests run at once. `is_masked`: with one dense mask for all of them.
    `request_blocks` are the most that one request may have; None: all.
    """

    page_tokens: int
    blocks: int
    batch_tokens: int
    rows: int = _ROWS
    is_masked: bool = True
    request_blocks: int | None = None

    @property
    def table_blocks(self) -> int:
        """Length of a request's row in the table of blocks."""
        return min(self.request_blocks or self.blocks, self.blocks)

    @property
    def tokens(self) -> int:
        """Tokens that the whole cache holds."""
        return self.blocks * self.page_tokens


def kv_bytes_per_token(config: Any, item_bytes: int) -> int:
    """Return the cache bytes of one token: 2 x layers x key-value heads x head size x bytes.

    0 for models without attention, whose state does not grow.
    """
    return cache_numbers(lambda name: getattr(config, name, None)) * item_bytes


def read_bytes_per_token(config: Any, item_bytes: int) -> int:
    """Return what reading one cached token takes beside the cache, in bytes.

    Without flash attention the manager copies the values, and repeats keys and values for every
    query head (transformers' PagedAttentionMemoryHandler.bytes_per_cache_token).
    """
    heads = int(getattr(config, "num_attention_heads", None) or 0)
    kv_heads = int(getattr(config, "num_key_value_heads", None) or heads)
    width = int(getattr(config, "hidden_size", None) or 0)
    size = int(getattr(config, "head_dim", None) or (width // heads if heads else 0))
    return (2 * heads + kv_heads) * size * item_bytes


def context_length(config: Any, tokenizer_limit: int, row_limit: int | None) -> int:
    """Return how many tokens prompt and reply may have together."""
    stated = stated_context(lambda name: getattr(config, name, None))
    if stated is None:
        believable = 0 < tokenizer_limit < _LARGEST_BELIEVABLE
        stated = tokenizer_limit if believable else DEFAULT_CONTEXT
    return min(stated, row_limit or stated)


def plan_cache(
    *,
    context: int,
    page_tokens: int,
    token_bytes: int,
    item_bytes: int,
    budget_bytes: int,
    is_masked: bool = True,
) -> CacheLayout:
    """Plan a cache of at most `budget_bytes`; it may come out shorter than one context.

    Without a mask (on a GPU) it takes what is planned, and rows in proportion; a prompt comes in
    smaller parts where there are many, so that they do not wait for it.
    """
    wanted = useful_cache_tokens(context, on_gpu=not is_masked) + page_tokens
    affordable = budget_bytes // max(token_bytes, 1)
    blocks = max(min(wanted, affordable) // page_tokens, 1)
    mask_row_bytes = blocks * page_tokens * item_bytes
    batch_tokens = max(256, min(2048, MASK_BUDGET_BYTES // mask_row_bytes))
    rows = _ROWS if is_masked else max(16, min(GPU_ROWS, blocks // _PAGES_A_ROW))
    request_blocks = -(-context // page_tokens) + 1  # a graph reads whole rows: no longer than that
    return CacheLayout(page_tokens, blocks, batch_tokens, rows, is_masked, request_blocks)


def gpu_bytes_held() -> int | None:
    """Return what this process's torch holds of all GPUs; None before it uses one."""
    torch: Any = sys.modules.get("torch")  # never imported here: that takes seconds
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized():
        return None
    return sum(int(cuda.memory_reserved(gpu)) for gpu in range(cuda.device_count()))
