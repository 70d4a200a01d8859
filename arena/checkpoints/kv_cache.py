"""The KV cache by numbers: placement plans it before an engine runs, and the engine allocates it.

Both must count alike, or a model gets less memory than its engine takes.
"""

from collections.abc import Callable
from typing import Any, Final

DEFAULT_CONTEXT: Final = 4096
"""Tokens of context where neither a configuration nor a tokenizer states any."""

CONTEXT_FIELDS: Final = (
    "model_max_length",  # Command R's own, 16 times what its max_position_embeddings says
    "max_position_embeddings",
    "n_positions",
    "seq_length",
    "max_sequence_length",
)
"""Where configurations state their context in tokens; the first that is there counts."""

USEFUL_CONTEXTS: Final = 32
"""Full contexts that the cache should hold at the same time; requests are seldom that long."""

MAX_CACHE_TOKENS: Final = 32 * 1024
"""Beyond this a dense attention mask costs more than the room is worth (sdpa has one mask)."""

GPU_ROWS: Final = 256
"""Replies that a GPU generates at once: by then a step is bound by arithmetic, not by reading."""

MAX_GPU_CACHE_TOKENS: Final = GPU_ROWS * 1024
"""A thousand tokens for each of them; on a CPU, arithmetic is the bound long before."""

GPU_PAGE_TOKENS: Final = 256
"""Tokens of one page of the cache on a GPU; the engine keeps one page free."""

Field = Callable[[str], Any]
"""Returns a field of a model's configuration by its name; None where there is none."""


def useful_cache_tokens(context: int, *, on_gpu: bool = False) -> int:
    """Return how many tokens of cache are worth having for a context of so many tokens.

    `on_gpu` means: with an attention that needs no mask.
    """
    contexts, most = USEFUL_CONTEXTS, MAX_CACHE_TOKENS
    if on_gpu:
        contexts, most = GPU_ROWS, MAX_GPU_CACHE_TOKENS
    return max(context, min(context * contexts, most))


def stated_context(field: Field) -> int | None:
    """Return the context in tokens that a configuration states, if it states any."""
    stated = (field(name) for name in CONTEXT_FIELDS)
    return next((value for value in stated if isinstance(value, int) and value > 0), None)


def cache_numbers(field: Field) -> int:
    """Return 2 x layers x key-value heads x head size, whatever a configuration calls them.

    0 for models without attention, whose state does not grow.
    """

    def first(*names: str) -> int:
        return next((int(value) for name in names if (value := field(name))), 0)

    heads = first("num_attention_heads", "n_head", "n_heads")
    layers = first("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    if not heads or not layers:
        return 0
    grouped = bool(field("multi_query_attention") or field("multi_query"))
    few = first("multi_query_group_num") or 1
    kv_heads = few if grouped else first("num_key_value_heads", "n_head_kv") or heads
    width = first("hidden_size", "n_embd", "d_model")
    return 2 * layers * kv_heads * (first("head_dim", "kv_channels") or width // heads)
