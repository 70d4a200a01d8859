"""How an attention for packed batches becomes known to transformers."""

from collections.abc import Callable
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

PackedAttention = Callable[..., torch.Tensor]
"""Attends to a paged cache: takes a module, its query, key and value, `scaling`, `cache` and more.

Tensors are [1, heads, tokens, size], one sequence after another; the answer is [1, tokens, heads,
size]. The rest of the arguments are the manager's: bounds of the sequences, where their keys lie.
"""


def register_packed(name: str, attend: PackedAttention) -> None:
    """Make `attend` known under this name; without a paged cache nothing is packed: plain sdpa.

    The mask is for what is not packed.
    """

    def forward(
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        *,
        scaling: float | None = None,
        cache: Any = None,
        **kwargs: Any,
    ) -> tuple[torch.Tensor, None]:
        if cache is not None:
            return attend(module, query, key, value, scaling=scaling, cache=cache, **kwargs), None
        plain: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **kwargs
        )
        return plain

    AttentionInterface.register(name, forward)
    AttentionMaskInterface.register(name, sdpa_mask)


def leave_uncompiled(name: str) -> None:
    """Let torch.compile leave an attention as it is: its shapes follow from what Python knows.

    The layers around it are compiled in parts.
    """
    forward = AttentionInterface._global_mapping[name]  # noqa: SLF001  (has no other way to read)
    AttentionInterface.register(name, torch.compiler.disable(forward))  # type: ignore[no-untyped-call]
