"""A row of models.yaml that cannot be is refused with what to write in its place."""

from pathlib import Path

import pytest

from tests.catalog.catalog_files import fault_of, faults_of, row_fault


def test_a_sampling_key_outside_its_block_is_sent_there(tmp_path: Path) -> None:
    fault = row_fault(tmp_path, "temperature: 0.5")
    assert (fault.line, fault.key) == (6, "models.x.temperature")
    assert "did you mean 'temperature' inside `sampling:`?" in fault.message


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("sampling: {top_pp: 1}", "sampling.top_pp", "did you mean 'top_p'?"),
        ("sampling: {top_p: 0}", "sampling.top_p", "must be greater than 0"),
        ("sampling: {max_new_tokens: 2.5}", "sampling.max_new_tokens", "a whole number"),
        ("sampling: {max_new_tokens: 0}", "sampling.max_new_tokens", "must be at least 1"),
        ("sampling: {temperature: .nan}", "sampling.temperature", "(it is nan)"),
        ("sampling: {stop: USER}", "sampling.stop", "must be a list"),
        ("sampling: {stop: [a, '']}", "sampling.stop.1", "must not be empty"),
        ("weight: 0", "weight", "must be greater than 0"),
        ("weight: .inf", "weight", "must be a finite number"),
        ("weight: -1", "weight", "must be greater than 0"),
        ("max_context: true", "max_context", "must be a whole number"),
        ("enabled: yes", "enabled", "write true or false"),
        ("revision: 1234567", "revision", "put it in quotes"),
        ("dtype: bf16", "dtype", "choose 'auto', 'float32', 'float16' or 'bfloat16'"),
        ("quantization: fp9", "quantization", "did you mean 'fp8'?"),
        ("devices: gpu", "devices", "write auto, cpu, or a list of GPU numbers"),
        ("devices: [0, -1]", "devices", "write auto, cpu, or a list of GPU numbers"),
        ("devices: [0, 0]", "devices", "write auto, cpu, or a list of GPU numbers"),
        ("gpu_steps: graphs", "gpu_steps", "choose 'auto', 'eager' or 'compiled'"),
        ("links: {hub: ftp://host/x}", "links.hub", "must be a web address"),
        ("links: {hub: 'https://'}", "links.hub", "must be a web address"),
        ("base_url: https://host/v1", "base_url", "means nothing for backend local"),
        ("prompt_format: llama2", "prompt_format", "did you mean 'llama-2'?"),
        ("prompt_format: formats/my.jinja", "prompt_format", "there is no file"),
        ("trust_remote_code: true", "revision", "pin the commit"),
        ("server: vllm", "server", "means nothing for backend local"),
        ("legacy_tokenizer: maybe", "legacy_tokenizer", "write true or false"),
        ("api_version: '1'", "api_version", "means nothing for backend local"),
        ("timeouts: {first_token: 1}", "timeouts.first_token", "did you mean 'first_token_s'?"),
        ("timeouts: {connect_s: 0}", "timeouts.connect_s", "must be greater than 0"),
        ("timeouts: {connect_s: .inf}", "timeouts.connect_s", "must be at most 3600"),
        ("timeouts: {between_tokens_s: .nan}", "timeouts.between_tokens_s", "(it is nan)"),
        ("timeouts: 5", "timeouts", "must be a block"),
        ("first_token_s: 5", "first_token_s", "inside `timeouts:`"),
        ("key: y", "key", "unknown key"),
        ("directory: /tmp", "directory", "unknown key"),
        ("prompt_template: x", "prompt_template", "unknown key"),
        ("environment: [A=1]", "environment.0", "write names of environment variables"),
        ("environment: [ARENA_PORT]", "environment.0", "a setting of the arena is for no engine"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_write(
    tmp_path: Path, line: str, key: str, message: str
) -> None:
    fault = row_fault(tmp_path, line)
    assert fault.key == f"models.x.{key}"
    assert message in fault.message
    assert fault.line == (2 if key == "revision" and "trust" in line else 6)


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("server: opnai", "server", "did you mean 'openai'?"),
        ("legacy_tokenizer: true", "legacy_tokenizer", "means nothing for backend openai"),
        ("gpu_steps: eager", "gpu_steps", "means nothing for backend openai"),
        ("server: azure", "api_version", "such as '2024-10-21'"),
        ("api_version: '2024-10-21'", "api_version", "`server: azure` only"),
        ("sampling: {top_k: 5}", "sampling.top_k", "write `server: vllm`"),
        ("sampling: {repetition_penalty: 1.1}", "sampling.repetition_penalty", "server: vllm"),
        ("base_url: https://me:secret@host/v1", "base_url", "`api_key_env` instead"),
        ("base_url: 'https://host/v1?api-version=1'", "base_url", "`api_version`"),
        ("base_url: https://host/v1/chat/completions", "base_url", "leave out"),
    ],
)
def test_a_remote_row_is_refused_for_what_its_server_cannot_take(
    tmp_path: Path, line: str, key: str, message: str
) -> None:
    row = {"name": "X", "backend": "openai", "base_url": "https://host", "model": "m"}
    row.pop(line.partition(":")[0], None)
    lines = [*(f"{name}: {value}" for name, value in row.items()), line]
    fault = fault_of(tmp_path, "models:\n  x:\n" + "".join(f"    {each}\n" for each in lines))
    assert fault.key == f"models.x.{key}"
    assert message in fault.message
    assert "secret" not in fault.message
    assert fault.line == (2 if line == "server: azure" else len(lines) + 2)


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ("backend: openai", ["base_url", "model"]),
        ("backend: local", ["source"]),
        ("backend: scripted", ["script"]),
        ("source: org/model", ["backend"]),
    ],
)
def test_what_a_backend_needs_is_asked_for_at_the_line_of_its_row(
    tmp_path: Path, row: str, missing: list[str]
) -> None:
    faults = faults_of(tmp_path, f"models:\n  x:\n    name: X\n    {row}\n")
    assert [(fault.line, fault.key) for fault in faults] == [(2, f"models.x.{m}") for m in missing]


def test_a_source_that_is_neither_id_nor_path_is_refused(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "models:\n  x: {name: X, backend: local, source: my model}\n")
    assert fault.key == "models.x.source"


@pytest.mark.parametrize("key", ["Llama", "-x", ".x", "a b", "模型", "a/b"])
def test_a_key_with_other_characters_is_refused(tmp_path: Path, key: str) -> None:
    text = f"models:\n  '{key}': {{name: X, backend: local, source: org/model}}\n"
    assert "small letters" in fault_of(tmp_path, text).message


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("reasoning: {close: x}", "reasoning.open", "is required"),
        ("reasoning: {open: x}", "reasoning.close", "is required"),
        ("reasoning: {open: x, close: ''}", "reasoning.close", "must not be empty"),
        ("reasoning: {open: x, close: ' y'}", "reasoning.close", "without blanks"),
        ("reasoning: {open: x, close: x}", "reasoning", "must differ"),
        ("reasoning: {open: x, closes: y}", "reasoning.close", "is required"),
        ("reasoning: <think>", "reasoning", "must be a block"),
        ("system_prompt_role: user", "system_prompt_role", "means nothing for backend local"),
    ],
)
def test_tags_and_roles_that_cannot_be_are_refused(
    tmp_path: Path, line: str, key: str, message: str
) -> None:
    row = "models:\n  x:\n    name: X\n    backend: local\n    source: org/model\n"
    fault = faults_of(tmp_path, f"{row}    {line}\n")[0]
    assert (fault.line, fault.key) == (6, f"models.x.{key}")
    assert message in fault.message


def test_a_misspelt_tag_is_sent_to_the_right_one(tmp_path: Path) -> None:
    assert (
        "did you mean 'close'?"
        in row_fault(tmp_path, "reasoning: {open: x, close: y, closes: y}").message
    )
