"""A tiny checkpoint for every model family of the WizardLM-2 line-up, and who stands for whom."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arena.catalog import ModelRow, load_catalog
from tests.fakes.checkpoints import TINY, byte_tokenizer, save_random_model
from tests.fakes.remote_code import save_remote_code_checkpoint
from tests.fakes.sentencepieces import train_sentencepiece

SHIPPED: Final = load_catalog(Path(__file__).parents[2] / "models.yaml")


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture, the way that its engine must choose, and the rows that run on it."""

    way: str
    rows: tuple[str, ...]


FAMILIES: Final[Mapping[str, Family]] = {
    "llama": Family(
        "continuous",
        (
            "wizardlm-2-70b",
            *(f"llama-2-{size}{kind}" for size in ("7b", "13b", "70b") for kind in ("", "-chat")),
            "llama2-chinese-7b-chat",
            "llama2-chinese-13b-chat",
            "chinese-alpaca-7b",
            "chinese-alpaca-2-7b",
        ),
    ),
    "mistral": Family("continuous", ("wizardlm-2-7b",)),
    "starling": Family("continuous", ("starling-lm-7b-beta",)),
    "mixtral": Family("continuous", ("wizardlm-2-8x22b",)),
    "qwen2": Family("continuous", ("qwen1.5-14b-chat", "qwen1.5-32b-chat", "qwen1.5-72b-chat")),
    "cohere": Family("continuous", ("command-r-plus",)),
    "chatglm2": Family("dynamic", ("chatglm2-6b",)),
}


def shipped_row(key: str, checkpoint: Path) -> ModelRow:
    """Return a row of the shipped catalog with a tiny checkpoint in place of the real one."""
    local = {"source": str(checkpoint), "dtype": "float32", "enabled": True}
    return SHIPPED.get(key).model_copy(update=local)


def save_line_up_checkpoint(folder: Path, family: str) -> Path:
    """Save a model of random weights with the tokenizer, control tokens and oddities of a family.

    Llama, Mistral and Mixtral have only the `tokenizer.model` of SentencePiece, as the first
    repositories did; the others have a `tokenizer.json`.
    """
    if family == "chatglm2":
        return save_remote_code_checkpoint(folder)
    if family in {"qwen2", "cohere"}:
        _save_with_byte_tokenizer(folder, family)
    else:
        _save_with_sentencepieces(folder, family)
    return folder


_SIZES: Final[Mapping[str, Any]] = {**TINY, "initializer_range": 0.4}
"""With the usual small weights, a model whose embeddings are tied repeats its last token."""

_MISTRAL: Final = {**_SIZES, "num_key_value_heads": 1, "sliding_window": 48}
"""Mistral 7B v0.1 looks back 4,096 tokens only, in a context of 32,768."""

_SENTENCEPIECE_SIZES: Final[Mapping[str, Mapping[str, Any]]] = {
    "llama": _SIZES,
    "mistral": _MISTRAL,
    "starling": _MISTRAL,
    "mixtral": {
        **_SIZES,
        "num_key_value_heads": 1,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": None,
    },
}


def _save_with_sentencepieces(folder: Path, family: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(train_sentencepiece())
    settings: dict[str, Any] = {
        "tokenizer_class": "LlamaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        "add_eos_token": False,
        "legacy": True,
    }
    eos, size = 2, 400
    if family == "starling":
        eos, size = 400, 401
        settings["eos_token"] = "<|end_of_turn|>"
        settings["added_tokens_decoder"] = {
            "400": {"content": "<|end_of_turn|>", "special": True, "normalized": False}
        }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    architecture = "mistral" if family == "starling" else family
    save_random_model(
        folder,
        architecture,
        vocab_size=size,
        bos_token_id=1,
        eos_token_id=eos,
        **_SENTENCEPIECE_SIZES[family],
    )


_QWEN: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_QWEN_TEMPLATE: Final = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_COHERE: Final = (
    "<PAD>",
    "<BOS_TOKEN>",
    "<|START_OF_TURN_TOKEN|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|USER_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<|SYSTEM_TOKEN|>",
)
_COHERE_TEMPLATE: Final = (
    "{{ bos_token }}{% set names = {'user': 'USER', 'assistant': 'CHATBOT', 'system': 'SYSTEM'} %}"
    "{% for m in messages %}<|START_OF_TURN_TOKEN|><|{{ names[m.role] }}_TOKEN|>"
    "{{ m.content | trim }}<|END_OF_TURN_TOKEN|>{% endfor %}"
    "{% if add_generation_prompt %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>{% endif %}"
)


def _save_with_byte_tokenizer(folder: Path, family: str) -> None:
    if family == "qwen2":
        tokenizer = byte_tokenizer(_QWEN, template=_QWEN_TEMPLATE, eos=2, pad=0)
        own: dict[str, Any] = {"tie_word_embeddings": False, "use_sliding_window": False}
        ends = {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0}
    else:
        others = {"tool_use": "{{ tools }}", "rag": "{{ documents }}"}
        templates = {"default": _COHERE_TEMPLATE, **others}
        tokenizer = byte_tokenizer(_COHERE, template=templates, eos=3, bos=1, pad=0)
        own = {"logit_scale": 0.8333, "use_qk_norm": True, "rope_theta": 75_000_000.0}
        ends = {"bos_token_id": 1, "eos_token_id": 3, "pad_token_id": 0}
    tokenizer.save_pretrained(folder)
    save_random_model(folder, family, vocab_size=len(tokenizer), **_SIZES, **own, **ends)
