"""How large everything is: real sizes on a GPU, and on a CPU tiny ones that take the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Shape = Mapping[str, Any]


def _llama(
    *, hidden: int, intermediate: int, layers: int, heads: int, key_heads: int, context: int
) -> Shape:
    """Return a shape without its words."""
    return {
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "max_position_embeddings": context,
    }


_TINY_SERVED: Final = _llama(
    hidden=256, intermediate=512, layers=4, heads=4, key_heads=2, context=2048
)
_TINY_SHARED: Final[Shape] = {**_TINY_SERVED, "vocab_size": 512}
_TINY: Final[Shape] = {**_TINY_SHARED, "num_key_value_heads": 4}

LLAMA_7B: Final[Shape] = {
    **_llama(hidden=4096, intermediate=11_008, layers=32, heads=32, key_heads=32, context=16_384),
    "vocab_size": 32_000,
}
LLAMA_8B: Final[Shape] = {
    **LLAMA_7B,
    "vocab_size": 128_256,
    "intermediate_size": 14_336,
    "num_key_value_heads": 8,
}
QWEN_1_5B: Final = _llama(
    hidden=1536, intermediate=8960, layers=28, heads=12, key_heads=2, context=4096
)
"""The shape of Qwen2.5 1.5B, without its words: the tokenizer of random checkpoints has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Shapes of models, and how much is asked of them. Lengths are tokens."""

    device: str
    tiny: Mapping[str, Shape]
    large: Shape
    wide: Shape
    served: Shape
    copy_bytes: int
    longest: int
    together: tuple[int, ...]
    batches: tuple[int, ...]
    contexts: tuple[int, ...]
    steps: int
    decodes: int
    long_prompt: int
    full_rows: int
    full_prompt: int
    streams: int
    stream_tokens: int
    neighbours: int

    @property
    def on_gpu(self) -> bool:
        """Whether what needs CUDA can be run."""
        return self.device == "cuda"

    @property
    def page(self) -> int:
        """Tokens of a page of the cache."""
        return 256 if self.on_gpu else 32


_TINY_SHAPES: Final = {"own keys": _TINY, "shared keys": _TINY_SHARED}

ON_GPU: Final = Sizes(
    device="cuda",
    tiny=_TINY_SHAPES,
    large=LLAMA_7B,
    wide=LLAMA_8B,
    served=QWEN_1_5B,
    copy_bytes=2**31,
    longest=700,
    together=(1, 8, 64),
    batches=(1, 8, 32, 64, 128),
    contexts=(128, 1000),
    steps=24,
    decodes=32,
    long_prompt=8000,
    full_rows=64,
    full_prompt=1000,
    streams=32,
    stream_tokens=128,
    neighbours=64,
)

ON_CPU: Final = Sizes(
    device="cpu",
    tiny=_TINY_SHAPES,
    large=_TINY,
    wide={**_TINY_SHARED, "vocab_size": 8192},
    served=_TINY_SERVED,
    copy_bytes=2**24,
    longest=150,
    together=(1, 8),
    batches=(1, 4),
    contexts=(32, 128),
    steps=8,
    decodes=4,
    long_prompt=600,
    full_rows=8,
    full_prompt=64,
    streams=4,
    stream_tokens=24,
    neighbours=8,
)


def sizes_of_machine() -> Sizes:
    """Return what this machine can do."""
    import torch

    return ON_GPU if torch.cuda.is_available() else ON_CPU
