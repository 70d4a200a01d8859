"""Stands for PyTorch's flash attention where there is no GPU: does as it is documented to do."""

import math
from itertools import pairwise
from typing import Any
from uuid import uuid4

import torch

from arena.engine.batching.flash_attention import FlashKernel


class Kernel:
    """Attends sequence by sequence, and notes how it was asked.

    `aligned` «end»: the last query stands at the last key, as flash attention does since 2.1; with
    «begin» the first stands at the first, as before.
    """

    def __init__(self, aligned: str = "end", *, takes_pages: bool = True) -> None:
        self.aligned = aligned
        self.takes_pages = takes_pages
        self.paged_calls = 0
        self.packed_calls = 0

    @property
    def kernel(self) -> FlashKernel:
        return FlashKernel(self.forward, takes_pages=self.takes_pages)

    def as_one_operation(self) -> FlashKernel:
        """Return it as whoever records operations sees a kernel: one, whatever it does inside."""

        @torch.library.custom_op(f"arena_tests::attend_{uuid4().hex}", mutates_args=())
        def attend(
            query: torch.Tensor,
            key: torch.Tensor,
            value: torch.Tensor,
            cum_seq_q: torch.Tensor,
            cum_seq_k: torch.Tensor,
            max_q: int,
            max_k: int,
            is_causal: bool,
            scale: float | None,
            seqused_k: torch.Tensor | None,
            block_table: torch.Tensor | None,
        ) -> torch.Tensor:
            bounds = (cum_seq_q, cum_seq_k, max_q, max_k)
            options: dict[str, Any] = {"dropout_p": 0.0, "return_debug_mask": False}
            options |= {"is_causal": is_causal, "scale": scale}
            options |= {"seqused_k": seqused_k, "block_table": block_table}
            found: torch.Tensor = self.forward(query, key, value, *bounds, **options)[0]
            return found.clone()

        def forward(*args: Any, **options: Any) -> tuple[Any, ...]:
            named = ("is_causal", "scale", "seqused_k", "block_table")
            return (attend(*args, *(options.get(name) for name in named)),)

        return FlashKernel(forward, takes_pages=self.takes_pages)

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        cum_seq_q: torch.Tensor,
        cum_seq_k: torch.Tensor,
        max_q: int,
        max_k: int,
        *,
        dropout_p: float,
        is_causal: bool,
        return_debug_mask: bool,
        scale: float | None = None,
        seqused_k: torch.Tensor | None = None,
        block_table: torch.Tensor | None = None,
    ) -> tuple[Any, ...]:
        assert dropout_p == 0.0
        assert not return_debug_mask
        assert cum_seq_q.dtype == cum_seq_k.dtype == torch.int32
        lengths = cum_seq_k.diff().tolist()
        assert max_q >= int(cum_seq_q.diff().max())
        assert max_k >= max(lengths)
        if block_table is None:
            self.packed_calls += 1
            known = [(key[c:d], value[c:d]) for c, d in pairwise(cum_seq_k.tolist())]
        else:
            self.paged_calls += 1
            assert seqused_k is not None
            assert seqused_k.tolist() == lengths
            assert block_table.dtype == torch.int32
            known = [
                (self._gathered(key, table, length), self._gathered(value, table, length))
                for table, length in zip(block_table, lengths, strict=True)
            ]
        found = [
            self._one(query[a:b], *mine, is_causal=is_causal, scale=scale)
            for (a, b), mine in zip(pairwise(cum_seq_q.tolist()), known, strict=True)
        ]
        unwritten = query.new_full((len(query) - sum(map(len, found)), *query.shape[1:]), math.nan)
        return torch.cat([*found, unwritten]), None, None, None, None

    @staticmethod
    def _gathered(pages: torch.Tensor, table: torch.Tensor, length: int) -> torch.Tensor:
        used = table[: -(-length // pages.shape[1])]
        assert bool((used >= 0).all()), "a page that was never given"
        return pages[used.long()].flatten(0, 1)[:length]

    def _one(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        *,
        is_causal: bool,
        scale: float | None,
    ) -> torch.Tensor:
        queries, keys = len(query), len(key)
        first = keys - queries if self.aligned == "end" else 0
        places = torch.arange(queries)[:, None] + first
        mask = (torch.arange(keys) <= places) if is_causal else None
        q, k, v = (one.transpose(0, 1)[None] for one in (query, key, value))
        attended = torch.nn.functional.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, scale=scale, enable_gqa=True
        )
        return attended[0].transpose(0, 1)
