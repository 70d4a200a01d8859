"""How an attention for packed batches becomes known to transformers."""

from typing import Any, Protocol

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask


class PackedAttention(Protocol):
    """Attends to a paged cache; tensors are [1, heads, tokens, size], one sequence after another.

    `kwargs` are the manager's: bounds of the sequences, and where their keys lie.
    """

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
        """Return [1, tokens, heads, size]."""
        ...


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
