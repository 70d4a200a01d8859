"""Attention for a packed batch on a CPU: each sequence meets its own keys only.

Without flash attention, transformers packs a batch into one long sequence and masks what belongs
to others: 32 replies compute 32 times the attention that they need. This gives the same text.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

from arena.engine.batching.decode_reads import DecodeReads, decode_reads
from arena.engine.batching.packed_attention import register_packed

VARLEN = "arena_varlen"
"""Its name for transformers. The manager itself wants to be built with `sdpa`, and then started
with this: it allocates its mask at the start, and for names that it does not know it needs none."""


def varlen_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scaling: float | None,
    cache: Any,
    **kwargs: Any,
) -> torch.Tensor:
    """Attend to a packed batch; returns [1, tokens, heads, size]. See `PackedAttention`."""
    allocator = cache.layer_to_allocator[module.layer_idx]
    read_index = kwargs["read_index"][allocator.index]
    bounds = kwargs["cu_seq_lens_k"][allocator.layer_type]
    reads = None
    if kwargs["max_length_q"] == 1 and len(read_index):
        reads = decode_reads(kwargs["cu_seq_lens_k"], allocator.layer_type, read_index)
    if reads is not None:
        kwargs["read_index"] = list(kwargs["read_index"])
        kwargs["read_index"][allocator.index] = reads.index
        key, value = cache.update(key, value, module.layer_idx, kwargs)
        return _decoded(query, key, value, reads, scaling)
    query_bounds = kwargs["cu_seq_lens_q"].tolist()
    key, value = cache.update(key, value, module.layer_idx, kwargs)
    return _one_by_one(query, key, value, query_bounds, bounds.tolist(), scaling)


def _decoded(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    reads: DecodeReads,
    scaling: float | None,
) -> torch.Tensor:
    """Attend with one query per sequence in one call.

    Query heads that share a key head become several queries of that head.
    """
    heads, size = key.shape[1::2]
    keys, values = (
        packed[0].view(heads, reads.sequences, reads.longest, -1).transpose(0, 1)
        for packed in (key, value)
    )
    queries = query[0].transpose(0, 1).reshape(reads.sequences, heads, -1, size)
    own = None if reads.own is None else reads.own[:, None, None, :]
    found = scaled_dot_product_attention(queries, keys, values, attn_mask=own, scale=scaling)
    return found.flatten(1, 2)[None]


def _one_by_one(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    query_bounds: list[int],
    key_bounds: list[int],
    scaling: float | None,
) -> torch.Tensor:
    """Attend with one call per sequence: for prefill, and for very different lengths."""
    grouped = query.shape[1] != key.shape[1]
    found = []
    for at in range(len(query_bounds) - 1):
        mine = slice(query_bounds[at], query_bounds[at + 1])
        known = slice(key_bounds[at], key_bounds[at + 1])
        fresh, all_of = mine.stop - mine.start, known.stop - known.start
        causal = None
        if 1 < fresh < all_of:  # a part of a prompt: its queries stand at the end of the keys
            causal = torch.ones(fresh, all_of, dtype=torch.bool).tril(all_of - fresh)
        found.append(
            scaled_dot_product_attention(
                query[:, :, mine],
                key[:, :, known],
                value[:, :, known],
                attn_mask=causal,
                is_causal=fresh == all_of,
                scale=scaling,
                enable_gqa=grouped,
            )
        )
    return torch.cat(found, dim=2).transpose(1, 2).contiguous()


register_packed(VARLEN, varlen_attention)
