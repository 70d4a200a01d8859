"""GGUF files of tiny random models, as llama.cpp's converter would write them.

Names and the order of rows are those of its convert_hf_to_gguf.py.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM

from tests.fakes.gguf_files import Tensor, f32, write_gguf

SIZES: Mapping[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 128,
    "rope_theta": 10_000.0,
}
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_MERGES = ("t h", "th e", "Ġ the", "Ġ Ġ", "Ġ 2")
_SIGNS = sorted(pre_tokenizers.ByteLevel.alphabet())
TOKENS = (*_CONTROL, *_SIGNS, *(merge.replace(" ", "") for merge in _MERGES))

_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def random_model(architecture: str, *, tied: bool = True) -> Any:
    """Return a tiny model of an architecture with random weights, biases too. Seeded."""
    config = AutoConfig.for_model(
        architecture,
        vocab_size=len(TOKENS),
        tie_word_embeddings=tied,
        initializer_range=0.3,
        bos_token_id=1,
        eos_token_id=2,
        **SIZES,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(config).eval()  # type: ignore[no-untyped-call]
        for name, parameter in model.named_parameters():
            if name.endswith(("bias", "norm.weight")):
                torch.nn.init.normal_(parameter, mean=1.0, std=0.2)
    return model


def save_gguf(
    file: Path,
    model: Any,
    stored: Callable[[str, Any], Tensor] = f32,
    said: Mapping[str, Any] = {},
) -> Path:
    """Write a model as a GGUF file, its matrices as `stored` makes them; `said` is metadata."""
    architecture = model.config.model_type
    tied = model.config.tie_word_embeddings
    tensors = [
        (stored if weight.dim() > 1 else f32)(
            _name(name), _ordered(architecture, name, weight.numpy())
        )
        for name, weight in model.state_dict().items()
        if not (tied and name.startswith("lm_head"))
    ]
    return write_gguf(file, {**metadata(architecture), **said}, tensors)


def metadata(architecture: str) -> dict[str, Any]:
    """Return what such a file says of its model and its tokenizer."""
    fields = {
        "context_length": SIZES["max_position_embeddings"],
        "block_count": SIZES["num_hidden_layers"],
        "embedding_length": SIZES["hidden_size"],
        "feed_forward_length": SIZES["intermediate_size"],
        "attention.head_count": SIZES["num_attention_heads"],
        "attention.head_count_kv": SIZES["num_key_value_heads"],
        "attention.layer_norm_rms_epsilon": 1e-6,
        "rope.freq_base": SIZES["rope_theta"],
        "rope.dimension_count": SIZES["head_dim"],
        "vocab_size": len(TOKENS),
    }
    if architecture == "qwen3":
        fields["attention.key_length"] = SIZES["head_dim"]
    return {
        "general.architecture": architecture,
        "general.name": "Tiny",
        **{f"{architecture}.{name}": value for name, value in fields.items()},
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": list(TOKENS),
        "tokenizer.ggml.token_type": [3] * len(_CONTROL) + [1] * (len(TOKENS) - len(_CONTROL)),
        "tokenizer.ggml.merges": list(_MERGES),
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": TEMPLATE,
    }


def _name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    if not stem.startswith("model.layers."):
        return f"{_NAMES[stem]}.{kind}"
    _, _, number, part = stem.split(".", 3)
    return f"blk.{number}.{_NAMES[part]}.{kind}"


def _ordered(architecture: str, name: str, weight: Any) -> Any:
    """Reorder the rows of Llama's queries and keys: llama.cpp puts those that turn together."""
    heads = {"q_proj": "num_attention_heads", "k_proj": "num_key_value_heads"}
    kind = name.split(".")[-2]
    if architecture != "llama" or kind not in heads:
        return weight
    count = SIZES[heads[kind]]
    halves = weight.reshape(count, 2, weight.shape[0] // count // 2, *weight.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))
