"""Attention for a packed batch on CUDA, by the flash attention that is built into PyTorch.

Each sequence meets its own keys only, and heads that share keys share them without copies. Where
the kernel takes pages, decoding reads the cache where it lies instead of gathering it first.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import torch

from arena.engine.batching.packed_attention import register_packed

PACKED: Final = "arena_packed"
PAGED: Final = "arena_paged"
"""Their names for transformers; the first never asks the kernel for pages."""

_OF_STEP: Final = "arena_pages"
"""Where a step's pages lie beside the lengths of its keys, which all its layers are given."""

WHOLE_TABLES: Final = "arena_whole_tables"
"""A mark beside them: the step is captured, and what the host knows of it may not count."""


@dataclass(frozen=True, slots=True)
class FlashKernel:
    """`aten::_flash_attention_forward`, or in tests what does as it is documented to do.

    Queries are [tokens, heads, size], keys and values [tokens, key heads, size] or, with a block
    table, [pages, tokens of a page, key heads, size]. Causal means: the last query of a sequence
    stands at its last key.
    """

    forward: Callable[..., Any]
    takes_pages: bool


def built_in_kernel() -> FlashKernel:
    """Return PyTorch's kernel, which runs on CUDA only.

    It has block tables since PyTorch 2.12; whether the build takes them, a call alone can tell.
    """
    forward = torch.ops.aten._flash_attention_forward.default  # noqa: SLF001  (has no public name)
    known = {argument.name for argument in forward._schema.arguments}  # noqa: SLF001
    return FlashKernel(forward, takes_pages={"block_table", "seqused_k"} <= known)


class _Pages(NamedTuple):
    """What all layers of a decoding step share.

    `places` [sequences] are the rows of the cache for the new keys, `lengths` [sequences] the keys
    of each sequence, `longest` at least the greatest of them.
    """

    tables: torch.Tensor
    places: torch.Tensor
    lengths: torch.Tensor
    longest: int


class FlashAttention:
    """Attends to a packed batch by a kernel."""

    def __init__(self, kernel: FlashKernel) -> None:
        self._kernel = kernel

    def __call__(
        self,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        *,
        scaling: float | None,
        cache: Any,
        **kwargs: Any,
    ) -> torch.Tensor:
        """Return [1, tokens, heads, size]; see `PackedAttention`."""
        if kwargs.get("block_table") is not None:
            return self._decoded(module, query, key, value, scaling, cache, kwargs)
        # It also leaves the bounds of this kind of layer alone in `kwargs`.
        key, value = cache.update(key, value, module.layer_idx, kwargs)
        longest_query = kwargs["max_length_q"]
        found = self._kernel.forward(
            *(tensor[0].transpose(0, 1) for tensor in (query, key, value)),
            kwargs["cu_seq_lens_q"],
            kwargs["cu_seq_lens_k"],
            longest_query,
            kwargs["max_length_k"],
            dropout_p=0.0,
            is_causal=longest_query > 1,  # a single query sees all, wherever the kernel aligns it
            return_debug_mask=False,
            scale=scaling,
        )[0]
        return found[None]  # type: ignore[no-any-return]

    def _decoded(
        self,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scaling: float | None,
        cache: Any,
        kwargs: dict[str, Any],
    ) -> torch.Tensor:
        """Write the new keys and values to their pages, and attend to the pages as they lie."""
        allocator = cache.layer_to_allocator[module.layer_idx]
        keys, values = allocator.get_cache_for_block_table(module.layer_idx)
        bounds = kwargs["cu_seq_lens_k"]
        step = _shared(allocator, kwargs["block_table"], bounds)
        for pages, fresh in ((keys, key), (values, value)):
            rows = pages.view(-1, *pages.shape[2:])
            rows.index_copy_(0, step.places, fresh[0].transpose(0, 1))
        found = self._kernel.forward(
            query[0].transpose(0, 1),
            keys,
            values,
            kwargs["cu_seq_lens_q"],
            bounds[allocator.layer_type],
            1,
            step.longest,
            dropout_p=0.0,
            is_causal=False,  # a single query sees all keys
            return_debug_mask=False,
            scale=scaling,
            seqused_k=step.lengths,
            block_table=step.tables,
        )[0]
        return found[None]  # type: ignore[no-any-return]


def _shared(allocator: Any, tables: torch.Tensor, bounds: MutableMapping[str, Any]) -> _Pages:
    """Return what the layers of a step share, reckoned by the first of them.

    `bounds` are the manager's `cu_seq_lens_k`, one mapping for all layers of a step. The greatest
    length is bounded by the pages in use, which the host knows: to ask the GPU for it would wait
    for all that is queued there. Sequences without keys pad a captured step: they write where
    nobody reads.
    """
    if _OF_STEP not in bounds:
        page = allocator.tokens_per_page
        own = tables[allocator.index]
        if WHOLE_TABLES not in bounds:
            own = own[:, : max(map(len, allocator.block_table.values()))]
        held = own.shape[1]
        lengths = bounds[allocator.layer_type].diff()
        last = lengths.long() - 1
        page_of_last = own.gather(1, (last // page).clamp(min=0)[:, None])[:, 0]
        places = page_of_last.long() * page + last % page
        places = places.where(lengths > 0, allocator.write_trash_index)
        bounds[_OF_STEP] = _Pages(own, places, lengths, held * page)
    found: _Pages = bounds[_OF_STEP]
    return found


def register(name: str, kernel: FlashKernel) -> None:
    """Make a kernel's attention known to transformers."""
    register_packed(name, FlashAttention(kernel))
