"""A candidate: decoding from the pages of the cache by a kernel of our own, in Triton.

PyTorch's built-in kernel may refuse pages, and to gather the cache first moves it three times. Not
used by the engine: `make gpu` measures it, and TRITON_INTERPRET=1 shows on a CPU that it is right.
"""

from typing import Any

import torch
import triton
import triton.language as tl

from arena.engine.batching.flash_attention import FlashKernel

_KEYS = 64
"""Keys that a program looks at in one go; pages have a multiple of it."""

_PROGRAMS = 264
"""Two for each processor of an H100: fewer sequences are split along their keys."""


@triton.jit  # type: ignore[untyped-decorator]
def _attend(  # type: ignore[no-untyped-def]
    query, keys, values, tables, lengths, sums, tops, parts,
    scale, query_row, query_head, page_row, token_row, head_row, table_row, heads,
    SHARED: tl.constexpr, ROWS: tl.constexpr, SIZE: tl.constexpr, WIDE: tl.constexpr,  # noqa: N803
    PAGE: tl.constexpr, KEYS: tl.constexpr, SPLITS: tl.constexpr,  # noqa: N803
):  # fmt: skip
    """Attend to one part of one sequence with the queries that share a key head.

    Leaves the weighted values, their total weight and the greatest score, which `decoded` combines.
    """
    sequence, head, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    length = tl.load(lengths + sequence)
    each = tl.cdiv(tl.cdiv(length, KEYS), SPLITS) * KEYS
    begin, end = split * each, tl.minimum(length, (split + 1) * each)
    rows, dims = tl.arange(0, ROWS), tl.arange(0, WIDE)
    mine = (rows[:, None] < SHARED) & (dims[None, :] < SIZE)
    place = sequence * query_row + (head * SHARED + rows[:, None]) * query_head + dims[None, :]
    asked = tl.load(query + place, mask=mine, other=0.0)
    top = tl.full([ROWS], -1e30, tl.float32)
    total = tl.zeros([ROWS], tl.float32)
    found = tl.zeros([ROWS, WIDE], tl.float32)
    for first in range(begin, end, KEYS):
        places = first + tl.arange(0, KEYS)
        page = tl.load(tables + sequence * table_row + first // PAGE).to(tl.int64)
        at = page * page_row + (places % PAGE)[:, None] * token_row + head * head_row
        seen = (places < end)[:, None] & (dims[None, :] < SIZE)
        known = tl.load(keys + at + dims[None, :], mask=seen, other=0.0)
        scores = tl.dot(asked, tl.trans(known)).to(tl.float32) * scale
        scores = tl.where((places < end)[None, :], scores, -1e30)
        highest = tl.maximum(top, tl.max(scores, axis=1))
        weights = tl.exp(scores - highest[:, None])
        weights = tl.where((places < end)[None, :], weights, 0.0)
        shrink = tl.exp(top - highest)
        told = tl.load(values + at + dims[None, :], mask=seen, other=0.0)
        found = found * shrink[:, None] + tl.dot(weights.to(told.dtype), told).to(tl.float32)
        total = total * shrink + tl.sum(weights, axis=1)
        top = highest
    row = (sequence * heads + head * SHARED + rows) * SPLITS + split
    tl.store(parts + row[:, None] * SIZE + dims[None, :], found, mask=mine)
    tl.store(sums + row, total, mask=rows < SHARED)
    tl.store(tops + row, top, mask=rows < SHARED)


def decoded(
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    lengths: torch.Tensor,
    tables: torch.Tensor,
    longest: int,
    scale: float,
) -> torch.Tensor:
    """Attend with one query [sequences, heads, size] to pages [pages, tokens, key heads, size]."""
    (sequences, heads, size), (page, key_heads) = query.shape, keys.shape[1:3]
    wanted = -(-_PROGRAMS // (sequences * key_heads))
    splits = max(1, min(wanted, -(-longest // (4 * _KEYS))))
    shared = heads // key_heads
    parts = query.new_empty((sequences, heads, splits, size), dtype=torch.float32)
    sums, tops = parts.new_empty((2, sequences, heads, splits))
    _attend[sequences, key_heads, splits](
        *(query, keys, values, tables, lengths, sums, tops, parts),
        *(scale, *query.stride()[:2], *keys.stride()[:3], tables.stride(0), heads),
        SHARED=shared,
        ROWS=max(16, triton.next_power_of_2(shared)),
        SIZE=size,
        WIDE=triton.next_power_of_2(size),
        PAGE=page,
        KEYS=min(_KEYS, page),
        SPLITS=splits,
    )
    weights = (tops - tops.amax(dim=-1, keepdim=True)).exp()
    joined = (parts * weights[..., None]).sum(dim=2)
    found: torch.Tensor = joined / (sums * weights).sum(dim=-1, keepdim=True)
    return found.to(query.dtype)


def with_own_pages(packed: FlashKernel) -> FlashKernel:
    """Return a kernel that takes pages by this module, and the rest by another one."""

    def forward(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *bounds: Any, **options: Any
    ) -> Any:
        tables = options.pop("block_table", None)
        if tables is None:
            return packed.forward(query, key, value, *bounds, **options)
        *_, longest = bounds
        scale = options["scale"] or query.shape[-1] ** -0.5
        return (decoded(query, key, value, options["seqused_k"], tables, longest, scale),)

    return FlashKernel(forward, takes_pages=True)
