"""Which files of a checkpoint's repository run the model, and which are for other programs.

The order is that of transformers' `from_pretrained`: safetensors first, else PyTorch's own format.
"""

import json
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

CONFIGURATION = "config.json"
_INDEX = ".index.json"
_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_COMPANIONS = (".json", ".txt", ".model", ".jinja", ".tiktoken", ".vocab", ".bpe", ".spm")
_MORE_TEMPLATES = "additional_chat_templates"


def weights_entry(names: Collection[str]) -> str | None:
    """Return the one file by which the weights are opened: all of them, or an index of shards."""
    return next((name for name in _WEIGHTS if name in names), None)


def is_index(name: str) -> bool:
    """Return whether a file only names the shards that hold the weights."""
    return name.endswith(_INDEX)


def shards(index: Path) -> tuple[str, ...]:
    """Return the files that an index names; raises OSError, ValueError, KeyError or TypeError."""
    named = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
    return tuple(sorted(set(named)))


def companions(names: Iterable[str], *, code: bool) -> tuple[str, ...]:
    """Return configuration, tokenizer, templates and, if wanted, Python code; never weights."""
    return tuple(name for name in names if _is_companion(name, code=code))


def is_complete(folder: Path, *, weights: bool = True) -> bool:
    """Return whether a folder holds a configuration and, if asked, every file of the weights."""
    if not (folder / CONFIGURATION).is_file():
        return False
    if not weights:
        return True
    entry = weights_entry([file.name for file in folder.iterdir() if file.is_file()])
    if entry is None or not is_index(entry):
        return entry is not None
    try:
        return all((folder / name).is_file() for name in shards(folder / entry))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_companion(name: str, *, code: bool) -> bool:
    path = PurePosixPath(name)
    if path.suffix == ".py":
        return code
    here = len(path.parts) == 1 or path.parts[0] == _MORE_TEMPLATES
    return here and path.suffix in _COMPANIONS and not is_index(name)
