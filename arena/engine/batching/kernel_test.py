"""Tests at load whether a flash attention kernel does what it is documented to do.

Versions and cards differ in where they align causal attention, in page sizes and in head sizes; a
wrong one gives fluent, wrong text. A few small tensors tell in milliseconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import torch

from arena.engine.batching.flash_attention import FlashKernel

_QUERIES_AND_KEYS: Final = (
    ((1, 1, 1), (1, 40, 300)),  # decoding
    ((5, 17), (5, 17)),  # whole prompts
    ((1, 5, 17), (40, 21, 300)),  # a part of a prompt: its queries stand at the end of the keys
)
_MOST_OFF: Final = 0.05
"""Outputs are averages of standard normal values; bfloat16 is off by less than 0.02."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """Heads of a model's attention: how many ask, how many are asked, and their size."""

    heads: int
    key_heads: int
    size: int


def kernel_fault(
    kernel: FlashKernel,
    shape: HeadShape,
    *,
    dtype: torch.dtype,
    device: torch.device,
    page_tokens: int | None = None,
) -> str | None:
    """Return what is wrong with a kernel, or None; `page_tokens` tests reading from pages."""
    cases = _QUERIES_AND_KEYS if page_tokens is None else _QUERIES_AND_KEYS[:1]
    try:
        off = max(
            _most_off(kernel, shape, *case, dtype=dtype, device=device, page_tokens=page_tokens)
            for case in cases
        )
    except (RuntimeError, NotImplementedError, TypeError, ValueError) as error:
        return str(error).partition("\n")[0]
    return None if off <= _MOST_OFF else f"it is off by {off:.2g}"


def attended(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float
) -> torch.Tensor:
    """Return the attention of one sequence by its definition, in float32, [queries, heads, size].

    softmax(scale q k^T) v, where query i of n sees the keys up to i + keys - n.
    """
    shared = query.shape[1] // key.shape[1]
    keys, values = (one.float().repeat_interleave(shared, dim=1) for one in (key, value))
    scores = torch.einsum("qhd,khd->hqk", query.float(), keys) * scale
    queries, known = scores.shape[1:]
    seen = torch.ones(queries, known, dtype=torch.bool, device=query.device)
    scores = scores.masked_fill(~seen.tril(known - queries), -math.inf)
    return torch.einsum("hqk,khd->qhd", scores.softmax(dim=-1), values)


def _most_off(
    kernel: FlashKernel,
    shape: HeadShape,
    queries: Sequence[int],
    keys: Sequence[int],
    *,
    dtype: torch.dtype,
    device: torch.device,
    page_tokens: int | None,
) -> float:
    """Return how far the kernel is off at most; NaN counts as infinitely far."""
    source = torch.Generator(device).manual_seed(0)

    def noise(tokens: int, heads: int) -> torch.Tensor:
        made = torch.randn(tokens, heads, shape.size, generator=source, device=device)
        return made.to(dtype)

    query = noise(sum(queries), shape.heads)
    key, value = (noise(sum(keys), shape.key_heads) for _ in range(2))
    bounds = [_bounds(lengths, device) for lengths in (queries, keys)]
    scale = shape.size**-0.5
    options: dict[str, Any] = {"scale": scale}
    known = (key, value)
    if page_tokens is not None:
        tables, known = _paged(key, value, keys, page_tokens)
        options |= {"seqused_k": bounds[1].diff(), "block_table": tables}
    found = kernel.forward(
        query,
        *known,
        *bounds,
        max(queries),
        max(keys),
        dropout_p=0.0,
        is_causal=max(queries) > 1,
        return_debug_mask=False,
        **options,
    )[0]
    right = [
        attended(query[a:b], key[c:d], value[c:d], scale)
        for (a, b), (c, d) in zip(*(pairwise(one.tolist()) for one in bounds), strict=True)
    ]
    off = (found.float() - torch.cat(right)).abs().max().item()
    return math.inf if math.isnan(off) else off


def _bounds(lengths: Sequence[int], device: torch.device) -> torch.Tensor:
    ends = torch.tensor([0, *lengths]).cumsum(0)
    return ends.to(device=device, dtype=torch.int32)


def _paged(
    key: torch.Tensor, value: torch.Tensor, lengths: Sequence[int], page_tokens: int
) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
    """Return tables, and the pages of keys and of values: in falling order, and with gaps."""
    needed = [-(-length // page_tokens) for length in lengths]
    numbers = iter(range(2 * sum(needed), 0, -2))
    tables = torch.full((len(lengths), max(needed)), -1, dtype=torch.int32)
    size = (2 * sum(needed) + 1, page_tokens, *key.shape[1:])
    pools = (key.new_zeros(size), value.new_zeros(size))
    begin = 0
    for row, length in enumerate(lengths):
        for place in range(needed[row]):
            tables[row, place] = page = next(numbers)
            end = min(length, (place + 1) * page_tokens)
            part = slice(begin + place * page_tokens, begin + end)
            for pool, source in zip(pools, (key, value), strict=True):
                pool[page, : part.stop - part.start] = source[part]
        begin += length
    return tables.to(key.device), pools
