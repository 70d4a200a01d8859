"""Writes and reads checkpoints: bf16 weights, tokenizer, record of the recipe, no local paths."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import arena.embedded

CHECKPOINTS = Path(arena.embedded.__path__[0]) / "checkpoints"
LOCAL_FIELDS = ("is_local", "local_files_only", "name_or_path")
RECORD = "recipe.json"


@dataclass(frozen=True)
class Checkpoint:
    """Model and tokenizer are Any because the annotations of transformers 5.23 are not right."""

    model: Any
    tokenizer: Any


def save_checkpoint(checkpoint: Checkpoint, directory: Path) -> None:
    """Save the checkpoint; the model is converted to bf16 in place."""
    directory.mkdir(parents=True, exist_ok=True)
    checkpoint.model.to(torch.bfloat16).save_pretrained(directory)
    checkpoint.tokenizer.save_pretrained(directory)
    _drop_local_fields(directory / "tokenizer_config.json")
    (directory / "model.safetensors").chmod(0o644)


def load_checkpoint(directory: Path) -> Checkpoint:
    """Load in float32, the fast type on a CPU."""
    model: Any = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(directory, padding_side="left")
    return Checkpoint(model.eval(), tokenizer)


def write_record(record: Mapping[str, Any], directory: Path) -> None:
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (directory / RECORD).write_text(text, encoding="utf-8")


def read_record(directory: Path) -> Mapping[str, Any]:
    record: Mapping[str, Any] = json.loads((directory / RECORD).read_text(encoding="utf-8"))
    return record


def _drop_local_fields(path: Path) -> None:
    """Remove what `save_pretrained` notes about this machine."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: value for name, value in fields.items() if name not in LOCAL_FIELDS}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
