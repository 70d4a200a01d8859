"""Which GGUF files Arena can turn into a checkpoint, and what keeps it from doing so with others.

transformers reads more of them than it reads right: it leaves out how positions are scaled and what
a layer sees, and rebuilds SentencePiece's tokenizers only roughly. A model that answers a
little worse than it can would be judged for it, so such a file is refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from arena.checkpoints.gguf_header import GgufFault, GgufHeader, GgufTensor, read_gguf_header

GGUF_PACKAGE: Final = "gguf"
"""What transformers imports to unpack the weights."""

ARCHITECTURES: Final = ("llama", "qwen2", "qwen3")
"""Those whose logits are compared with the original's in tests/engine/loading/test_gguf.py."""

SPLITS: Final = ("gpt-2", "llama-bpe", "qwen2", "smollm", "tekken")
"""Ways to cut a text into words that are rebuilt exactly, by llama.cpp's names."""

BLOCKS: Final = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    30: (1, 2),  # BF16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    20: (32, 18),  # IQ4_NL
    23: (256, 136),  # IQ4_XS
}
"""Numbers in a block and its bytes, for each of ggml's types that can be unpacked."""

_ELSE: Final = (
    "take the model's safetensors, or serve the file with llama.cpp and write a row with "
    "`backend: openai`"
)
_IGNORED: Final = {
    "rope.scaling.type": "scales its positions",
    "attention.sliding_window": "has a sliding window",
    "expert_count": "is a mixture of experts",
}
"""Fields of an architecture that transformers ignores, and what they say of the model."""


def readable_header(file: Path) -> GgufHeader:
    """Return the header of a file that can be converted.

    Raises:
        OSError: The file cannot be opened.
        GgufFault: It is no whole GGUF file, or of a kind that is not supported.
    """
    header = read_gguf_header(file)
    reason = next(_reasons(header), None)
    if reason is not None:
        raise GgufFault(reason)
    return header


def _reasons(header: GgufHeader) -> Iterator[str]:
    """Yield why a file cannot be converted, the plainest reason first."""
    if header.architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        yield f"its architecture is {header.architecture!r}, and {known} can be read: {_ELSE}"
    parts = int(header.metadata.get("split.count") or 0)
    if parts > 1:
        yield f"it is one of {parts} parts: join them with llama-gguf-split --merge"
    yield from _weight_reasons(header)
    yield from _tokenizer_reasons(header)
    for field, words in _IGNORED.items():
        if header.field(field) not in (None, 0, "none"):
            yield f"the model {words}, which is lost when the file is read here: {_ELSE}"
    if any(tensor.name.startswith("rope_freqs.") for tensor in header.tensors):
        yield f"the model scales its positions, which is lost when the file is read here: {_ELSE}"


def _weight_reasons(header: GgufHeader) -> Iterator[str]:
    foreign = sorted({tensor.kind for tensor in header.tensors} - BLOCKS.keys())
    if foreign:
        numbers = ", ".join(map(str, foreign))
        yield f"its weights have ggml's type {numbers}, which cannot be unpacked: {_ELSE}"
        return
    ends = (header.data_begin + tensor.offset + _stored_bytes(tensor) for tensor in header.tensors)
    missing = max(ends, default=0) - header.file_bytes
    if not header.tensors or missing > 0:
        yield f"it is cut short by {max(missing, 0):,} bytes: download it again"


def _tokenizer_reasons(header: GgufHeader) -> Iterator[str]:
    kind = header.metadata.get("tokenizer.ggml.model")
    split = header.metadata.get("tokenizer.ggml.pre")
    if kind != "gpt2":
        yield f"its tokenizer is of the kind {kind!r}, and byte-level ones (gpt2) are read: {_ELSE}"
    elif split not in SPLITS:
        yield f"its tokenizer cuts texts as {split!r}, and {', '.join(SPLITS)} are known: {_ELSE}"


def _stored_bytes(tensor: GgufTensor) -> int:
    numbers, size = BLOCKS[tensor.kind]
    return tensor.count // numbers * size
