"""A checkpoint that brings its own Python code, standing for ChatGLM2."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers.dynamic_module_utils import get_class_from_dynamic_module

from tests.fakes.sentencepieces import train_sentencepiece

CODE = Path(__file__).parents[1] / "data" / "remote_code"
_MODEL = "modeling_tinyglm.TinyGlmForConditionalGeneration"
_CONFIG: dict[str, Any] = {
    "model_type": "tinyglm",
    "architectures": ["TinyGlmModel"],
    "auto_map": {
        "AutoConfig": "configuration_tinyglm.TinyGlmConfig",
        "AutoModel": _MODEL,
        "AutoModelForSeq2SeqLM": _MODEL,
    },
    "padded_vocab_size": 512,
    "tie_word_embeddings": False,
    "eos_token_id": 2,
    "use_cache": True,
    "torch_dtype": "float32",
    "transformers_version": "4.27.1",
}
_TOKENIZER = {
    "tokenizer_class": "TinyGlmTokenizer",
    "auto_map": {"AutoTokenizer": ["tokenization_tinyglm.TinyGlmTokenizer", None]},
    "remove_space": False,
    "do_lower_case": False,
}


def save_remote_code_checkpoint(folder: Path) -> Path:
    """Save a model of random weights with its code, in the files that ChatGLM2's folder has."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in CODE.glob("*.py"):
        shutil.copy(file, folder)
    (folder / "tokenizer.model").write_bytes(train_sentencepiece())
    for name, content in (("config.json", _CONFIG), ("tokenizer_config.json", _TOKENIZER)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    torch.save(_random_weights(folder), folder / "pytorch_model.bin")
    return folder


def _random_weights(folder: Path) -> dict[str, torch.Tensor]:
    made: Any = get_class_from_dynamic_module(_MODEL, str(folder))
    config = made.config_class(**{k: v for k, v in _CONFIG.items() if k != "auto_map"})
    config.max_length = 20
    state: dict[str, torch.Tensor] = made(config).state_dict()
    numbers = torch.Generator().manual_seed(0)
    return {
        name: torch.randn(tensor.shape, generator=numbers) * 0.2 + ("norm" in name)
        for name, tensor in state.items()
    }
