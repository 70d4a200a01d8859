"""Which attention a packed batch is computed with: our own where it fits, else transformers'."""

import logging
from dataclasses import dataclass
from typing import Final

import torch
from transformers.utils.import_utils import is_flash_attn_2_available, is_flash_attn_3_available

from arena.checkpoints.kv_cache import GPU_PAGE_TOKENS
from arena.engine.batching.flash_attention import (
    PACKED,
    PAGED,
    FlashKernel,
    built_in_kernel,
    register,
)
from arena.engine.batching.kernel_test import HeadShape, kernel_fault
from arena.engine.batching.varlen_attention import VARLEN
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)

_OURS: Final = frozenset({"sdpa", VARLEN, PACKED, PAGED})
_SHORT: Final = frozenset({torch.float16, torch.bfloat16})
_MIN_CAPABILITY: Final = (8, 0)
"""Of the built-in kernel: Ampere and later."""


@dataclass(frozen=True, slots=True)
class Attention:
    """`name` for transformers; None leaves the model as it is.

    `is_masked`: one dense mask over the whole batch, so that each reply costs as much as all do.
    `is_paged`: decoding reads the cache where it lies.
    """

    name: str | None
    is_masked: bool = False
    is_paged: bool = False


TRANSFORMERS: Final = Attention(None, is_masked=True)


def attention_of(loaded: LoadedModel) -> Attention:
    """Return the attention of a model's packed batches. On a GPU it tests its kernel first."""
    if not _is_plain(loaded):
        return TRANSFORMERS
    if loaded.model.device.type == "cpu":
        return Attention(VARLEN)
    if is_flash_attn_3_available() or is_flash_attn_2_available():
        return Attention(None, is_paged=True)  # transformers takes the package by itself
    if (unfit := _unfit(loaded)) is not None:
        logger.info("attention with one mask for the whole batch: %s", unfit)
        return TRANSFORMERS
    return attention_by(built_in_kernel(), loaded)


def attention_by(kernel: FlashKernel, loaded: LoadedModel) -> Attention:
    """Return the fastest way in which a kernel does right by this model, known to transformers.

    A fault is logged, and the next way taken: pages in place, pages gathered, transformers' own.
    """
    if (fault := _fault(kernel, loaded, page_tokens=None)) is not None:
        logger.warning("the built-in flash attention is not used: %s", fault)
        return TRANSFORMERS
    if not kernel.takes_pages:
        fault = "this PyTorch has it without pages"
    elif (fault := _fault(kernel, loaded, page_tokens=GPU_PAGE_TOKENS)) is None:
        register(PAGED, kernel)
        return Attention(PAGED, is_paged=True)
    logger.info("decoding gathers the cache at each step: %s", fault)
    register(PACKED, kernel)
    return Attention(PACKED)


def head_shape(loaded: LoadedModel) -> HeadShape:
    """Return the heads of a model's attention."""
    config = loaded.text_config
    heads = int(config.num_attention_heads)
    key_heads = int(getattr(config, "num_key_value_heads", None) or heads)
    size = int(getattr(config, "head_dim", None) or config.hidden_size // heads)
    return HeadShape(heads, key_heads, size)


def _fault(kernel: FlashKernel, loaded: LoadedModel, *, page_tokens: int | None) -> str | None:
    model, shape = loaded.model, head_shape(loaded)
    return kernel_fault(
        kernel, shape, dtype=model.dtype, device=model.device, page_tokens=page_tokens
    )


def _is_plain(loaded: LoadedModel) -> bool:
    """Return whether every layer sees all that came before, by an attention that can be replaced.

    Sliding windows are left to transformers.
    """
    config = loaded.text_config
    layers = set(getattr(config, "layer_types", None) or ["full_attention"])
    return (
        loaded.model.config._attn_implementation in _OURS  # noqa: SLF001
        and layers == {"full_attention"}
        and getattr(config, "sliding_window", None) is None
    )


def _unfit(loaded: LoadedModel) -> str | None:
    """Return why the built-in kernel is not for this model and GPU; None where it may be."""
    if loaded.model.device.type != "cuda" or torch.version.hip:
        return "the built-in flash attention is for NVIDIA's GPUs"
    if loaded.model.dtype not in _SHORT:
        return f"flash attention has no {loaded.model.dtype}"
    if torch.cuda.get_device_capability(loaded.model.device) < _MIN_CAPABILITY:
        return "flash attention needs compute capability 8.0"
    size = head_shape(loaded).size
    return None if size % 8 == 0 and size <= 256 else f"flash attention has no heads of {size}"
