"""`arena check` warns of what keeps a model or a pair from playing."""

import json
import os
from pathlib import Path

import pytest

from arena.catalog import load_catalog
from arena.checkpoints.remembered_formats import RememberedFormats
from arena.checkpoints.step_shape import StepShape
from arena.cli.check import warnings
from arena.cli.placement_report import plan_lines
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, plan
from tests.cli.checks import LOCAL, TWO_MODELS, engine, run, written
from tests.fakes.catalogs import EMBEDDED

GPUS = """\
import json, os, sys
assert sys.argv[1:] == ["--gpus"], sys.argv
assert os.environ["CUDA_VISIBLE_DEVICES"] == "0", os.environ
assert "ARENA_ADMIN_PASSWORD" not in os.environ
print(json.dumps({facts}))
"""
CPU_BUILD: dict[str, object] = {
    "torch": "2.13.0+cpu",
    "cuda": None,
    "hip": None,
    "driver": "580.65.06",
    "trouble": "Torch not compiled with CUDA enabled",
    "gpus": [],
    "architectures": [],
}
OLD_GPU = {
    **CPU_BUILD,
    "torch": "2.13.0",
    "cuda": "13.0",
    "gpus": [{"name": "NVIDIA A100", "capability": [8, 0]}],
    "architectures": ["sm_80"],
}


@pytest.mark.parametrize(
    ("facts", "row", "words"),
    [
        (CPU_BUILD, "", "(torch.version.cuda is None), sees none; the driver is 580.65.06"),
        (OLD_GPU, ", quantization: fp8", "fp8 needs compute capability 8.9, and NVIDIA A100"),
        (OLD_GPU, "", None),
    ],
)
def test_a_gpu_that_pytorch_cannot_use_is_a_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    facts: dict[str, object],
    row: str,
    words: str | None,
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("ARENA_ADMIN_PASSWORD", "secret")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho '0, GPU-a, 24576, 24000'\n", encoding="utf-8")
    smi.chmod(0o755)
    engine(monkeypatch, tmp_path, GPUS.replace("{facts}", repr(facts)))
    text = f"models:\n  m: {{name: M, backend: local, source: {EMBEDDED}{row}}}\n"
    shown = run(str(written(tmp_path, text)))
    assert shown.exit_code == 0, shown.stderr
    assert "m  loaded, GPU 0" in shown.stdout
    told = [line for line in shown.stderr.splitlines() if "models.m" in line]
    assert [words in line for line in told if words] == [True] * bool(words)
    assert len(told) == bool(words)


def test_fp8_on_a_machine_without_a_gpu_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    text = f"models:\n  m: {{name: M, backend: local, source: {EMBEDDED}, quantization: fp8}}\n"
    shown = run(str(written(tmp_path, text)))
    assert "models.m: fp8 needs a GPU of compute capability 8.9" in shown.stderr


def test_pairs_that_can_never_meet_are_named(tmp_path: Path) -> None:
    large = Footprint(weights_bytes=15 * GIB, kv_bytes_per_token=1024, context=2048)
    machine = Machine((Gpu(0, 24 * GIB, 23 * GIB),), 64 * GIB, 8)
    made = plan({ModelKey("a"): large, ModelKey("b"): large}, machine)
    lines = list(plan_lines(made))
    assert lines[0].startswith("\nOn this machine: GPU 0 with 23.0 GiB of 24.0 GiB free, ")
    assert lines[-1] == "No battles, for they never fit together: a with b"


def test_a_missing_api_key_is_a_warning_for_enabled_rows_only(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, TWO_MODELS))
    assert list(warnings(catalog, {})) == [
        "models.two.api_key_env: the environment variable TWO_KEY is not set"
    ]
    assert list(warnings(catalog, {"TWO_KEY": "secret"})) == []
    assert not any("TWO_KEY" in warning for warning in warnings(catalog.only(["one"]), {}))


def test_fewer_than_two_enabled_models_is_a_warning(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, TWO_MODELS)).only(["one"])
    assert list(warnings(catalog, {})) == ["a battle needs two enabled models, and this file has 1"]


def test_a_checkpoint_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, LOCAL))
    missing = f"models.local.source: there is no checkpoint in {tmp_path / 'weights'}"
    assert missing in list(warnings(catalog, {}))
    (tmp_path / "weights").mkdir()
    assert missing not in list(warnings(catalog, {}))


def test_an_unpinned_hub_model_is_a_warning(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, LOCAL.replace("./weights", "org/model")))
    assert any(
        warning.startswith("models.local.revision: main") for warning in warnings(catalog, {})
    )


def test_a_template_file_that_does_not_work_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "mine.jinja").write_text("{% for m in messages %}", encoding="utf-8")
    catalog = load_catalog(written(tmp_path, LOCAL.replace("llama-2", "mine.jinja")))
    broken = "models.local.prompt_format: the prompt template fails"
    assert any(warning.startswith(broken) for warning in warnings(catalog, {}))


def test_what_auto_means_on_this_cpu_is_said_where_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    sizes = {"hidden_size": 576, "intermediate_size": 1536, "vocab_size": 49_152}
    config = {**sizes, "num_hidden_layers": 30}
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    engine(monkeypatch, tmp_path, "raise SystemExit('no engine')")
    said = "models.local.dtype: auto is bfloat16 on this CPU"
    assert said not in run(str(written(tmp_path, LOCAL))).stderr
    shape = StepShape(hidden=576, inner=1536, words=49_152, layers=30)
    RememberedFormats.of_user(os.environ).recall(shape, lambda: "bfloat16")
    shown = run(str(written(tmp_path, LOCAL)))
    assert f"hint: {said}" in shown.stderr, shown.stderr
    shown = run(str(written(tmp_path, LOCAL.rstrip() + "\n    dtype: float32\n")))
    assert said not in shown.stderr


def test_a_branch_is_a_warning_that_names_the_commit_on_this_machine(tmp_path: Path) -> None:
    commit = "ab" * 20
    repository = tmp_path / "hub" / "models--org--model"
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (snapshot / name).write_text("{}", encoding="utf-8")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    text = "models:\n  m: {name: M, backend: local, source: org/model}\n"
    catalog = load_catalog(written(tmp_path, text))
    said = "models.m.revision: main can change; pin a commit to be repeatable"
    assert said in list(warnings(catalog, {"HF_HUB_CACHE": str(tmp_path / "empty")}))
    found = list(warnings(catalog, {"HF_HUB_CACHE": str(tmp_path / "hub")}))
    assert f"{said} (here is {commit})" in found
