"""The matrices of one decoding step by numbers: they decide which number format is faster.

Needs no torch: the arena asks what was measured before an engine runs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arena.checkpoints.kv_cache import Field

_SMALLEST: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class StepShape:
    """The matrices of a step: two of hidden x inner in each layer, and one of hidden x words."""

    hidden: int
    inner: int
    words: int
    layers: int

    @classmethod
    def of(cls, field: Field) -> "StepShape | None":
        """Return the shape that a configuration states; None where it uses other names."""
        names = ("hidden_size", "intermediate_size", "vocab_size", "num_hidden_layers")
        sizes = [field(name) for name in names]
        whole = [size for size in sizes if isinstance(size, int) and size > 0]
        return cls(*whole) if len(whole) == len(names) else None

    @property
    def weights(self) -> int:
        """Numbers in all of them."""
        return self.hidden * (2 * self.layers * self.inner + self.words)

    @property
    def is_worth_a_choice(self) -> bool:
        """Whether the matrices decide how long a step takes; in a small model Python does."""
        return self.weights >= _SMALLEST

    def part(self, weights: int) -> "StepShape":
        """Return a shape of so many weights at most, half of them for the words."""
        half = weights // 2 // self.hidden
        inner = max(1, min(self.inner, half // 2))
        layers = max(1, min(self.layers, half // (2 * inner)))
        return StepShape(self.hidden, inner, max(1, min(self.words, half)), layers)

    def matrices(self) -> Iterator[tuple[int, int]]:
        """Yield rows and columns of each matrix in the order in which a step meets them."""
        for _ in range(self.layers):
            yield self.inner, self.hidden
            yield self.hidden, self.inner
        yield self.words, self.hidden


def checkpoint_shape(folder: Path) -> StepShape | None:
    """Return the shape of a checkpoint that is worth a choice; None for others, and quantised ones.

    Reads its config.json alone.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        text = config.get("text_config") or config
        shape = StepShape.of(text.get)
    except (OSError, ValueError, AttributeError):
        return None
    worth = shape is not None and shape.is_worth_a_choice and "quantization_config" not in config
    return shape if worth else None
