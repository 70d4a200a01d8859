"""The header of a GGUF file is read, and what is no whole file is refused with its reason."""

from pathlib import Path

import numpy as np
import pytest

from arena.checkpoints.gguf_header import GgufFault, read_gguf_header
from tests.fakes.gguf_files import Tensor, f32, q8_0, write_gguf

METADATA = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.rope.freq_base": 10000.0,
    "general.tied": True,
    "tokenizer.ggml.tokens": ["<s>", "</s>", "ü"],
    "tokenizer.ggml.merges": ["a b", "c d"],
    "tokenizer.ggml.token_type": [3, 3, 1],
    "tokenizer.ggml.eos_token_id": 1,
    "tokenizer.ggml.bos_token_id": 7,
}
TENSORS = (f32("output_norm.weight", np.ones(4)), q8_0("blk.0.ffn_up.weight", np.ones((2, 32))))


def written(folder: Path) -> Path:
    return write_gguf(folder / "tiny.gguf", METADATA, TENSORS)


def test_all_kinds_of_values_are_read(tmp_path: Path) -> None:
    header = read_gguf_header(written(tmp_path))
    expected = {**METADATA, "tokenizer.ggml.merges": 2}
    assert header.metadata == expected
    assert header.architecture == "llama"
    assert header.field("block_count") == 2
    assert header.field("head_count") is None


def test_tensors_have_their_counts_and_places(tmp_path: Path) -> None:
    norm, matrix = read_gguf_header(written(tmp_path)).tensors
    assert (norm.name, norm.count, norm.is_matrix, norm.kind) == ("output_norm.weight", 4, False, 0)
    assert (matrix.count, matrix.is_matrix, matrix.kind, matrix.offset) == (64, True, 8, 32)


def test_a_token_is_named_by_its_role_and_empty_where_there_is_none(tmp_path: Path) -> None:
    header = read_gguf_header(written(tmp_path))
    assert header.token("eos") == "</s>"
    assert header.token("bos") == ""  # beyond the vocabulary
    assert header.token("pad") == ""


@pytest.mark.parametrize("length", [5, 24, 60, 200, 330])
def test_a_header_that_is_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    file = written(tmp_path)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(GgufFault, match="cut short"):
        read_gguf_header(file)


@pytest.mark.parametrize("content", [b"", b"GG", b"<!DOCTYPE html>", b"\0" * 64])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "page.gguf"
    file.write_bytes(content)
    with pytest.raises(GgufFault, match="does not begin as a GGUF file does"):
        read_gguf_header(file)


def test_a_version_that_is_not_known_is_refused(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "new.gguf", METADATA, version=9)
    with pytest.raises(GgufFault, match="its version is 9"):
        read_gguf_header(file)


def test_a_damaged_header_is_refused(tmp_path: Path) -> None:
    many = Tensor("odd", (1,) * 5, b"")
    with pytest.raises(GgufFault, match="'odd' has 5 dimensions"):
        read_gguf_header(write_gguf(tmp_path / "many.gguf", METADATA, [many]))
    file = written(tmp_path)
    file.write_bytes(file.read_bytes().replace("ü".encode(), b"\xff\xfe"))
    with pytest.raises(GgufFault, match="not UTF-8"):
        read_gguf_header(file)
