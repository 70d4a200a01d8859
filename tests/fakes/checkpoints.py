"""Tiny model checkpoints with random weights, made on the spot: one second, no downloads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    GenerationConfig,
    PreTrainedTokenizerFast,
)

_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_SPECIAL = ("<|pad|>", "<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")

TINY: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
}
"""Sizes that Llama, Qwen2, Mistral, Cohere and the like understand."""


def save_random_checkpoint(folder: Path, architecture: str = "llama", **sizes: Any) -> Path:
    """Save a model of random weights, and a tokenizer with one token per byte. Seeded."""
    tokenizer = byte_tokenizer(_SPECIAL, template=_TEMPLATE, pad=0, bos=1, eos=2)
    tokenizer.save_pretrained(folder)
    save_random_model(
        folder,
        architecture,
        vocab_size=len(tokenizer),
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        **(sizes or TINY),
    )
    return folder


def save_random_model(folder: Path, architecture: str, **config: Any) -> None:
    """Save weights and configuration only. Seeded."""
    made = AutoConfig.for_model(architecture, **config)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(made)  # type: ignore[no-untyped-call]
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=config["eos_token_id"], pad_token_id=config.get("pad_token_id")
    )
    model.save_pretrained(folder)


def byte_tokenizer(
    special: Sequence[str], *, template: Any, eos: int, bos: int | None = None, pad: int
) -> Any:
    """Return a tokenizer without merges: every UTF-8 byte is a token, which splits characters.

    The control tokens `special` have the first ids; `bos`, `eos` and `pad` are ids among them.
    """
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate((*special, *signs))}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        bos_token=None if bos is None else special[bos],
        eos_token=special[eos],
        pad_token=special[pad],
        additional_special_tokens=list(special),
        model_max_length=512,
    )
    tokenizer.chat_template = template
    return tokenizer
