"""Random checkpoints that write visible text and never end by themselves, and a catalog."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.checkpoints import save_random_checkpoint

CONTEXT = 512
PROMPT = "Write a short story about a lighthouse and a storm."


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama: its size in words and its configuration."""

    name: str
    sizes: dict[str, Any]


SMALL = Shape(
    "15 M parameters",
    {
        "hidden_size": 448,
        "intermediate_size": 1216,
        "num_hidden_layers": 6,
        "num_attention_heads": 7,
        "num_key_value_heads": 7,
        "max_position_embeddings": CONTEXT,
    },
)
TINY = Shape(
    "1 M parameters",
    {
        "hidden_size": 128,
        "intermediate_size": 448,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": CONTEXT,
    },
)


def save_checkpoint(folder: Path, shape: Shape) -> Path:
    """Save a Llama of random weights; greedy, it writes printable characters without an end."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    save_random_checkpoint(folder, "llama", **shape.sizes)
    vocabulary: dict[str, int] = AutoTokenizer.from_pretrained(folder).get_vocab()
    visible = [number for token, number in vocabulary.items() if token.isascii() and len(token) < 2]
    file = folder / "model.safetensors"
    weights = load_file(file)
    chosen = torch.zeros_like(weights["lm_head.weight"])
    chosen[visible] = weights["lm_head.weight"][visible]
    save_file({**weights, "lm_head.weight": chosen}, file, metadata={"format": "pt"})
    return folder


def write_catalog(file: Path, checkpoints: dict[str, Path], *, tokens: int) -> Path:
    """Write a catalog of local models that answer greedily, with `tokens` tokens each."""
    lines = [f"defaults: {{sampling: {{max_new_tokens: {tokens}, temperature: 0}}}}", "models:"]
    lines += [
        f"  {key}: {{name: {key}, backend: local, source: {source}, max_context: {CONTEXT}}}"
        for key, source in checkpoints.items()
    ]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file
