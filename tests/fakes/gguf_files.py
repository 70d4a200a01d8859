"""GGUF files written by the letter of the format, with any metadata and any tensors.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

F32, Q8_0 = 0, 8
ALIGNMENT = 32
_BLOCK = 32


@dataclass(frozen=True)
class Tensor:
    """A tensor as it is stored; `shape` in the order of rows, columns."""

    name: str
    shape: Sequence[int]
    data: bytes
    kind: int = F32


def f32(name: str, values: Any) -> Tensor:
    """A tensor of plain numbers."""
    return Tensor(name, values.shape, np.asarray(values, dtype="<f4").tobytes())


def q8_0(name: str, values: Any) -> Tensor:
    """A tensor in blocks of 32 numbers: a scale in 16 bits, then 8 bits for each number."""
    blocks = np.asarray(values, dtype="<f4").reshape(-1, _BLOCK)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 127).astype("<f2")
    numbers = np.round(blocks / np.maximum(scales.astype("<f4"), 1e-12)).astype("i1")
    data = b"".join(s.tobytes() + n.tobytes() for s, n in zip(scales, numbers, strict=True))
    return Tensor(name, values.shape, data, Q8_0)


def write_gguf(
    file: Path, metadata: Mapping[str, Any], tensors: Sequence[Tensor] = (), *, version: int = 3
) -> Path:
    """Write a file; whole numbers are stored in 32 bits without a sign, other ones in 32 bits."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    head += b"".join(_text(name) + _typed(value) for name, value in metadata.items())
    place = 0
    for tensor in tensors:
        head += _text(tensor.name) + struct.pack("<I", len(tensor.shape))
        head += struct.pack(f"<{len(tensor.shape)}Q", *reversed(tensor.shape))
        head += struct.pack("<IQ", tensor.kind, place)
        place += len(_padded(tensor.data))
    file.write_bytes(_padded(head) + b"".join(_padded(tensor.data) for tensor in tensors))
    return file


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % ALIGNMENT)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _typed(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if all(isinstance(one, str) for one in value):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)
