"""A GGUF file that would give another model than its own is refused, with what to do instead."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from arena.checkpoints.gguf_header import GgufFault
from arena.checkpoints.gguf_support import BLOCKS, readable_header
from tests.fakes.gguf_files import Tensor, f32, write_gguf

METADATA: dict[str, Any] = {
    "general.architecture": "llama",
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
}
TENSORS = (f32("output_norm.weight", np.ones(40)),)


def test_a_supported_file_is_read(tmp_path: Path) -> None:
    header = readable_header(write_gguf(tmp_path / "x.gguf", METADATA, TENSORS))
    assert header.architecture == "llama"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"general.architecture": "gemma3"}, "'gemma3', and llama, qwen2, qwen3 can be read: take"),
        ({"split.count": 3}, "one of 3 parts: join them with llama-gguf-split --merge"),
        ({"tokenizer.ggml.model": "llama"}, "tokenizer is of the kind 'llama'"),
        ({"tokenizer.ggml.pre": "poro"}, "cuts texts as 'poro'"),
        ({"llama.rope.scaling.type": "yarn"}, "scales its positions"),
        ({"llama.attention.sliding_window": 4096}, "has a sliding window"),
        ({"llama.expert_count": 8}, "is a mixture of experts"),
    ],
)
def test_what_would_be_lost_is_a_reason_to_refuse(
    tmp_path: Path, said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GgufFault, match=reason):
        readable_header(write_gguf(tmp_path / "x.gguf", {**METADATA, **said}, TENSORS))


@pytest.mark.parametrize("said", [{"llama.rope.scaling.type": "none"}, {"llama.expert_count": 0}])
def test_a_field_that_says_no_is_none(tmp_path: Path, said: dict[str, Any]) -> None:
    readable_header(write_gguf(tmp_path / "x.gguf", {**METADATA, **said}, TENSORS))


def test_scaled_positions_of_llama_3_1_are_seen_by_their_tensor(tmp_path: Path) -> None:
    tensors = (*TENSORS, f32("rope_freqs.weight", np.ones(8)))
    with pytest.raises(GgufFault, match="scales its positions"):
        readable_header(write_gguf(tmp_path / "x.gguf", METADATA, tensors))


def test_weights_of_an_unknown_type_are_refused(tmp_path: Path) -> None:
    tensors = (*TENSORS, Tensor("blk.0.ffn_up.weight", (256,), b"\0" * 50, kind=19))
    with pytest.raises(GgufFault, match="ggml's type 19, which cannot be unpacked"):
        readable_header(write_gguf(tmp_path / "x.gguf", METADATA, tensors))


def test_weights_that_are_cut_short_are_refused_with_their_number(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "x.gguf", METADATA, TENSORS)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(GgufFault, match="cut short by 40 bytes: download it again"):
        readable_header(file)
    with pytest.raises(GgufFault, match="cut short"):
        readable_header(write_gguf(tmp_path / "none.gguf", METADATA))


def test_sizes_of_blocks_are_those_of_ggml() -> None:
    constants = pytest.importorskip("gguf", reason="the package gguf is not installed").constants
    sizes = {int(kind): size for kind, size in constants.GGML_QUANT_SIZES.items()}
    assert {kind: sizes[kind] for kind in BLOCKS} == BLOCKS
