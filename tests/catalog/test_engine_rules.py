"""A row with `engine: vllm` is refused where vLLM or the arena could not do what it says."""

import os
from pathlib import Path

import pytest

from tests.catalog.catalog_files import fault_of, loaded, row_fault

ROW = """
models:
  big:
    name: Big
    backend: local
    engine: vllm
    python: /opt/vllm/bin/python
    source: org/model
"""


def test_a_model_in_vllm_says_where_vllm_is(tmp_path: Path) -> None:
    row = loaded(tmp_path, ROW).get("big")
    assert (row.engine, row.resolved_python()) == ("vllm", "/opt/vllm/bin/python")


def test_a_row_without_an_engine_has_ours(tmp_path: Path) -> None:
    row = loaded(tmp_path, "models:\n  x: {name: X, backend: local, source: org/model}\n").get("x")
    assert (row.engine, row.python, row.arguments) == ("arena", None, ())


def test_a_python_beside_the_file_keeps_the_link_that_makes_it_one_of_an_environment(
    tmp_path: Path,
) -> None:
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(os.devnull)
    text = ROW.replace("/opt/vllm/bin/python", "./models/../env/bin/python")
    assert loaded(tmp_path, text).get("big").resolved_python() == str(python)


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("legacy_tokenizer: true", "legacy_tokenizer", "means nothing for engine vllm"),
        ("gpu_steps: eager", "gpu_steps", "means nothing for engine vllm"),
        ("devices: cpu", "devices", "vLLM runs on GPUs"),
        ("quantization: bitsandbytes-8bit", "quantization", "8 bits with fp8"),
        ("prompt_format: llama-2", "prompt_format", "knows no llama-2"),
        ("prompt_format: raw", "prompt_format", "write auto, or the path of a Jinja file"),
        ("arguments: ['--port=1']", "arguments", "leave out --port: it gets a free one"),
        ("arguments: ['--max_model_len', '8']", "arguments", "write `max_context`"),
        ("arguments: [--host, 0.0.0.0]", "arguments", "it listens on loopback"),
        ("arguments: [-tp, '2']", "arguments", "write `devices`"),
        ("arguments: --enforce-eager", "arguments", "must be a list"),
        ("base_url: https://host/v1", "base_url", "means nothing for backend local"),
    ],
)
def test_what_vllm_cannot_do_or_the_arena_says_itself_is_refused(
    tmp_path: Path, line: str, key: str, message: str
) -> None:
    fault = fault_of(tmp_path, f"{ROW}    {line}\n")
    assert fault.key == f"models.big.{key}"
    assert message in fault.message


@pytest.mark.parametrize(
    "line",
    [
        "arguments: [--enforce-eager, --kv-cache-dtype=fp8]",
        "quantization: fp8",
        "quantization: bitsandbytes-4bit",
        "devices: [0, 1]",
        "system_prompt_role: user",
        "timeouts: {first_token_s: 600}",
    ],
)
def test_what_vllm_can_do_is_taken(tmp_path: Path, line: str) -> None:
    assert loaded(tmp_path, f"{ROW}    {line}\n").get("big").engine == "vllm"


def test_a_row_without_a_python_is_asked_for_one(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, ROW.replace("    python: /opt/vllm/bin/python\n", ""))
    assert (fault.key, fault.line) == ("models.big.python", 3)
    assert "such as /opt/vllm/bin/python" in fault.message


def test_the_name_of_a_python_is_no_path(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, ROW.replace("/opt/vllm/bin/python", "python3"))
    assert (fault.key, "write the path" in fault.message) == ("models.big.python", True)


@pytest.mark.parametrize(
    ("line", "key"), [("python: /opt/x/python", "python"), ("arguments: [--x]", "arguments")]
)
def test_our_own_engine_takes_neither_python_nor_arguments(
    tmp_path: Path, line: str, key: str
) -> None:
    fault = row_fault(tmp_path, line)
    assert (fault.key, "engine: vllm" in fault.message) == (f"models.x.{key}", True)


def test_an_engine_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert "choose 'arena' or 'vllm'" in row_fault(tmp_path, "engine: sglang").message


def test_a_remote_row_has_no_engine(tmp_path: Path) -> None:
    text = "name: X, backend: openai, base_url: 'https://h', model: m, engine: vllm"
    fault = fault_of(tmp_path, f"models:\n  x: {{{text}}}\n")
    assert (fault.key, "backend openai" in fault.message) == ("models.x.engine", True)
