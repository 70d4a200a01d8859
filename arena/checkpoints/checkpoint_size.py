"""How large a checkpoint is, by its own files: config.json and the headers of its weights.

Reads kilobytes, never the weights, and needs neither torch nor the network.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena.catalog.rows import ModelRow
from arena.checkpoints.gguf_header import GgufHeader, is_gguf, read_gguf_header
from arena.checkpoints.hub_cache import hub_cache, repository_folder, snapshot
from arena.checkpoints.kv_cache import cache_numbers, stated_context
from arena.checkpoints.repository_files import shards
from arena.domain.byte_sizes import MIB

_MAX_HEADER_BYTES = 100 * MIB
ITEM_BYTES = {"auto": 2, "bfloat16": 2, "float16": 2, "float32": 4}
"""Bytes of a number in each `dtype` of a row, on a GPU."""

QUANTIZED_BITS = {"bitsandbytes-8bit": 8.1, "bitsandbytes-4bit": 4.5, "fp8": 8.1}
"""Bits of a quantised weight, its scales included."""

_NOT_QUANTISED = ("embed", "lm_head", "wte", "wpe")

_GGUF_FIELDS = {
    "max_position_embeddings": "context_length",
    "num_hidden_layers": "block_count",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "hidden_size": "embedding_length",
    "head_dim": "attention.key_length",
}
"""Where GGUF has what configurations state."""


@dataclass(frozen=True, slots=True)
class CheckpointSize:
    """Counts from the files. `matrices` are the parameters that a quantisation makes smaller.

    `quantized` says that the checkpoint itself is (GPTQ, AWQ, FP8): then `stored_bytes` counts.
    """

    parameters: int
    matrices: int
    stored_bytes: int
    quantized: bool
    context: int | None
    cache_numbers: int
    """Numbers in the KV cache for each token."""


def checkpoint_folder(row: ModelRow, environment: Mapping[str, str]) -> Path | None:
    """Return where a row's files are on this machine; None for a hub model not yet downloaded.

    That is a folder, or a single file in the GGUF format.
    """
    source = Path(row.resolved_source())
    if source.is_absolute():
        there = source.is_file() if is_gguf(source) else source.is_dir()
        return source if there else None
    return snapshot(repository_folder(hub_cache(environment), str(source)), row.revision)


def checkpoint_size(folder: Path) -> CheckpointSize | None:
    """Return the counts of a checkpoint; None when its files do not tell (such as *.bin).

    `folder` may be a file in the GGUF format, which is unpacked before it is loaded.
    """
    try:
        if is_gguf(folder):
            return _size_by_header(read_gguf_header(folder))
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tensors = list(_tensors(folder))
        config = config.get("text_config") or config
        numbers = cache_numbers(config.get)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not tensors:
        return None
    return CheckpointSize(
        parameters=sum(tensor.count for tensor in tensors),
        matrices=sum(tensor.count for tensor in tensors if tensor.is_matrix),
        stored_bytes=sum(tensor.size_bytes for tensor in tensors),
        quantized="quantization_config" in config,
        context=stated_context(config.get),
        cache_numbers=numbers,
    )


def _size_by_header(header: GgufHeader) -> CheckpointSize:
    fields = {name: header.field(own) for name, own in _GGUF_FIELDS.items()}
    parameters = sum(tensor.count for tensor in header.tensors)
    return CheckpointSize(
        parameters=parameters,
        matrices=sum(
            tensor.count
            for tensor in header.tensors
            if tensor.is_matrix and not tensor.name.startswith(("token_embd", "output."))
        ),
        stored_bytes=parameters * ITEM_BYTES["float32"],
        quantized=False,
        context=stated_context(fields.get),
        cache_numbers=cache_numbers(fields.get),
    )


def weights_bytes(size: CheckpointSize, row: ModelRow) -> int:
    """Return the bytes of a checkpoint's weights as a row loads them; `auto` is bfloat16."""
    if size.quantized:
        return size.stored_bytes
    item = ITEM_BYTES[row.dtype]
    bits = QUANTIZED_BITS.get(row.quantization or "")
    if bits is None:
        return size.parameters * item
    return int(size.matrices * bits / 8) + (size.parameters - size.matrices) * item


@dataclass(frozen=True, slots=True)
class _Tensor:
    count: int
    size_bytes: int
    is_matrix: bool


def _tensors(folder: Path) -> Iterator[_Tensor]:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        files = [folder / name for name in shards(index)]
    else:
        files = sorted(folder.glob("*.safetensors"))
    for file in files:
        for name, tensor in _header(file).items():
            if name != "__metadata__":
                begin, end = tensor["data_offsets"]
                whole = len(tensor["shape"]) > 1 and not any(p in name for p in _NOT_QUANTISED)
                yield _Tensor(math.prod(tensor["shape"]), end - begin, whole)


def _header(file: Path) -> dict[str, Any]:
    """Read a safetensors header: eight bytes of length, then JSON."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if not 0 < length <= min(_MAX_HEADER_BYTES, file.stat().st_size):
            raise ValueError(f"{file} is not a safetensors file")
        header: dict[str, Any] = json.loads(opened.read(length))
    return header
