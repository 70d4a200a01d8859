"""A checkpoint's size comes from its files, or from the engine, or is not known."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import ModelRow, load_catalog
from arena.checkpoints.checkpoint_size import checkpoint_folder, checkpoint_size
from arena.checkpoints.kv_cache import cache_numbers
from arena.engine.describe import describe_model
from arena.engine.loading.capacity import kv_bytes_per_token
from arena.engine.loading.loader import load_tokenizer
from arena.inference.placement.measuring import (
    footprint,
    footprint_by_engine,
    footprint_by_files,
)
from tests.fakes.catalogs import EMBEDDED, write_catalog
from tests.fakes.checkpoints import save_random_checkpoint
from tests.fakes.gguf_files import q8_0
from tests.fakes.gguf_models import random_model, save_gguf

NO_ENGINE = ("/no/such/program",)
LLAMA_3_8B = {
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "max_position_embeddings": 8192,
}
CHATGLM2 = {
    "num_attention_heads": 32,
    "num_layers": 28,
    "hidden_size": 4096,
    "kv_channels": 128,
    "multi_query_attention": True,
    "multi_query_group_num": 2,
    "seq_length": 32768,
}


def write_checkpoint(folder: Path, config: dict[str, Any], shapes: dict[str, list[int]]) -> None:
    """Write a safetensors file of zeros in bfloat16, sparse: as large as it says, on no disk."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    header, end = {"__metadata__": {"format": "pt"}}, 0
    tensors: dict[str, Any] = dict(header)
    for name, shape in shapes.items():
        begin, end = end, end + 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        tensors[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(tensors).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + end)


def row_of(folder: Path, **fields: Any) -> ModelRow:
    row = load_catalog(write_catalog(folder, folder / "weights")).get("tiny")
    return row.model_copy(update=fields)


def engine_that_says(description: dict[str, Any]) -> tuple[str, ...]:
    """Return a program that describes the row `tiny` in these words, whatever its files hold."""
    said = f"print(json.dumps({description}))"
    return (
        sys.executable,
        "-c",
        f"import json, sys; assert '\"tiny\"' in sys.stdin.readline(); {said}",
    )


SHAPES = {"embed_tokens.weight": [1000, 64], "layer.weight": [64, 64], "norm.weight": [64]}


def test_the_cache_of_a_token_is_known_by_whatever_name_its_parts_have() -> None:
    assert cache_numbers(LLAMA_3_8B.get) * 2 == 128 * 1024
    assert cache_numbers(CHATGLM2.get) == 2 * 28 * 2 * 128
    assert cache_numbers({"n_head": 12, "n_layer": 12, "n_embd": 768}.get) == 2 * 12 * 768
    assert cache_numbers({"d_state": 16}.get) == 0
    assert kv_bytes_per_token(type("Config", (), CHATGLM2), 2) == 4 * 28 * 2 * 128


def test_weights_count_in_the_number_format_of_the_row(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "weights", LLAMA_3_8B, SHAPES)
    count = 64_000 + 4096 + 64
    plain = footprint_by_files(row_of(tmp_path), {})
    assert plain is not None
    assert (plain.weights_bytes, plain.cpu_growth, plain.context) == (2 * count, 2, 8192)
    wide = footprint_by_files(row_of(tmp_path, dtype="float32", max_context=100), {})
    assert wide is not None
    assert (wide.weights_bytes, wide.cpu_growth, wide.context) == (4 * count, 1, 100)
    small = footprint_by_files(row_of(tmp_path, quantization="bitsandbytes-4bit"), {})
    assert small is not None
    assert small.weights_bytes == 2 * (64_000 + 64) + int(4096 * 4.5 / 8)


def test_a_checkpoint_that_is_quantised_already_counts_as_it_is_stored(tmp_path: Path) -> None:
    config = {**LLAMA_3_8B, "quantization_config": {"quant_method": "gptq"}}
    write_checkpoint(tmp_path / "weights", config, SHAPES)
    size = footprint_by_files(row_of(tmp_path, dtype="float32"), {})
    assert size is not None
    assert size.weights_bytes == 2 * (64_000 + 4096 + 64)


def test_shards_are_those_that_the_index_names(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    write_checkpoint(weights, LLAMA_3_8B, SHAPES)
    (weights / "model.safetensors").rename(weights / "model-00001-of-00001.safetensors")
    (weights / "consolidated.safetensors").write_bytes(b"the same weights once more")
    index = {"weight_map": dict.fromkeys(SHAPES, "model-00001-of-00001.safetensors")}
    (weights / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    size = checkpoint_size(weights)
    assert size is not None
    assert size.parameters == 64_000 + 4096 + 64


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0[]"])
def test_a_file_that_is_no_checkpoint_tells_nothing(tmp_path: Path, content: bytes) -> None:
    write_checkpoint(tmp_path / "weights", LLAMA_3_8B, SHAPES)
    (tmp_path / "weights" / "model.safetensors").write_bytes(content)
    assert checkpoint_size(tmp_path / "weights") is None


def test_a_hub_model_is_found_in_the_cache_once_it_is_downloaded(tmp_path: Path) -> None:
    environment = {"HF_HOME": str(tmp_path / "home")}
    row = row_of(tmp_path, source="org/model", revision="main")
    assert checkpoint_folder(row, environment) is None
    assert footprint(row, environment, NO_ENGINE) is None
    repository = tmp_path / "home" / "hub" / "models--org--model"
    write_checkpoint(repository / "snapshots" / "abc", LLAMA_3_8B, SHAPES)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc", encoding="utf-8")
    assert checkpoint_folder(row, environment) == repository / "snapshots" / "abc"
    assert footprint(row, environment, NO_ENGINE) is not None


def test_weights_that_files_do_not_tell_are_described_by_the_engine(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    answer = {"weights_bytes": 400, "kv_bytes_per_token": 40, "context": 512}
    size = footprint(row_of(tmp_path), {}, engine_that_says(answer))
    assert size is not None
    assert (size.weights_bytes, size.kv_bytes_per_token, size.cpu_growth) == (200, 20, 2)
    assert footprint(row_of(tmp_path), {}, NO_ENGINE) is None


def test_main_memory_is_planned_for_float32_even_where_bfloat16_is_faster(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    answer = {"weights_bytes": 400, "kv_bytes_per_token": 40, "context": 512}
    wide = {**answer, "dtype": "float32"}
    narrow = {**answer, "weights_bytes": 200, "kv_bytes_per_token": 20, "dtype": "bfloat16"}
    planned = footprint(row_of(tmp_path), {}, engine_that_says(narrow))
    assert planned is not None
    assert planned == footprint(row_of(tmp_path), {}, engine_that_says(wide))
    assert (planned.weights_bytes, planned.kv_bytes_per_token, planned.cpu_growth) == (200, 20, 2)
    stated = footprint(row_of(tmp_path, dtype="bfloat16"), {}, engine_that_says(narrow))
    assert stated is not None
    assert (stated.weights_bytes, stated.kv_bytes_per_token, stated.cpu_growth) == (200, 20, 1)


def test_the_engine_describes_the_row_that_it_is_handed_and_not_the_file_s(tmp_path: Path) -> None:
    save_random_checkpoint(tmp_path / "weights")
    row = row_of(tmp_path, dtype="bfloat16", max_context=100)
    (tmp_path / "models.yaml").write_text("a typo: [", encoding="utf-8")
    size = footprint_by_engine(row, os.environ, (sys.executable, "-m", "arena", "engine"))
    assert size is not None
    assert size.context == 100


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "mistral", "cohere"])
def test_files_and_engine_agree(tmp_path: Path, architecture: str) -> None:
    save_random_checkpoint(tmp_path / "weights", architecture)
    row = row_of(tmp_path, dtype="bfloat16")
    size = footprint_by_files(row, {})
    described = describe_model(row, load_tokenizer(row))
    assert size is not None
    assert (size.weights_bytes, size.kv_bytes_per_token, size.context) == (
        described.weights_bytes,
        described.kv_bytes_per_token,
        described.context,
    )


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_a_gguf_file_counts_as_the_model_that_it_becomes(tmp_path: Path, architecture: str) -> None:
    model = random_model(architecture)
    file = save_gguf(tmp_path / "tiny.gguf", model, q8_0)
    size = checkpoint_size(file)
    assert size is not None
    assert size.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert size.cache_numbers == cache_numbers(model.config.to_dict().get)
    assert (size.context, size.quantized) == (128, False)
    plain = footprint_by_files(row_of(tmp_path, source=str(file)), {})
    assert plain is not None
    assert (plain.weights_bytes, plain.cpu_growth) == (2 * size.parameters, 2)


def test_the_embedded_models_are_measured_from_their_files() -> None:
    size = checkpoint_size(EMBEDDED)
    assert size is not None
    assert (size.context, size.quantized) == (1024, False)
    assert size.stored_bytes == 2 * size.parameters
