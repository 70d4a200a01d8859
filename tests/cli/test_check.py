"""`arena check` tells an administrator what is wrong, and what there is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from arena.catalog.arena_config import CATEGORIES
from arena.cli import check as check_module
from arena.cli.placement_report import plan_lines
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Machine, plan
from tests.cli.checks import TWO_MODELS, run, written
from tests.fakes.catalogs import EMBEDDED


def test_faults_go_to_stderr_a_line_each_and_the_exit_code_is_2(tmp_path: Path) -> None:
    path = written(tmp_path, "models:\n  x:\n    name: X\n    backend: none\n    weight: 0\n")
    result = run(str(path))
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [f"{path}:4", "models.x.backend"],
        [f"{path}:5", "models.x.weight"],
    ]


def test_faults_are_also_in_the_json_document(tmp_path: Path) -> None:
    path = written(tmp_path, "models:\n  x: {name: X, backend: scripted}\n")
    result = run(str(path), "--json")
    assert result.exit_code == 2
    (fault,) = json.loads(result.stdout)["faults"]
    assert (fault["line"], fault["key"]) == (2, "models.x.script")


def test_faults_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    models = written(tmp_path, "models:\n  x: {name: X, backend: scripted}\n")
    words = tmp_path / "arena.yaml"
    words.write_text("title: Lab\nwelcom: Hello\n", encoding="utf-8")
    result = run(str(models))
    assert result.exit_code == 2
    assert result.stdout == ""
    places = [line.split(": ")[:2] for line in result.stderr.splitlines()]
    assert places == [[f"{models}:2", "models.x.script"], [f"{words}:2", "welcom"]]
    assert "did you mean 'welcome'?" in result.stderr
    faults = json.loads(run(str(models), "--json").stdout)["faults"]
    assert [(fault["file"], fault["line"]) for fault in faults] == [
        (str(models), 2),
        (str(words), 2),
    ]


def test_the_configured_words_are_checked_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, words = str(written(tmp_path, TWO_MODELS)), tmp_path / "elsewhere" / "words.yaml"
    assert "cannot be read" in run(models, "--config", str(words)).stderr
    words.parent.mkdir()
    words.write_text("title: Lab arena\nreveal: never\n", encoding="utf-8")
    monkeypatch.setenv("ARENA_CONFIG", str(words))
    result = run(models)
    assert result.exit_code == 0
    assert f"{words}: Lab arena" in result.stdout
    assert json.loads(run(models, "--json").stdout)["arena"] == {
        "file": str(words),
        "title": {"en": "Lab arena"},
        "categories": dict.fromkeys(CATEGORIES),
        "reveal": "never",
    }


def test_a_good_file_is_shown_as_a_table(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)))
    assert result.exit_code == 0
    header, one, two = (line.split("  ") for line in result.stdout.splitlines())
    assert [cell.strip() for cell in header if cell] == list(check_module._COLUMNS)
    assert one[0] == "one"
    assert two[-1].strip() == "two-large at https://host/v1"


def test_the_json_document_holds_models_and_warnings(tmp_path: Path) -> None:
    document = json.loads(run(str(written(tmp_path, TWO_MODELS)), "--json").stdout)
    assert [model["key"] for model in document["models"]] == ["one", "two"]
    assert document["faults"] == []
    assert len(document["warnings"]) == 1


def test_the_plan_says_where_each_local_model_would_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    rows = {
        "small": f"source: {EMBEDDED}",
        "hub": "source: org/model",
        "bound": f"source: {EMBEDDED}, devices: [5]",
    }
    lines = [f"  {key}: {{name: X, backend: local, {row}}}" for key, row in rows.items()]
    path = str(written(tmp_path, "\n".join(["models:", *lines])))
    shown = run(path)
    assert shown.exit_code == 0, shown.stderr
    plan = shown.stdout.split("\n\n")[1].splitlines()
    assert plan[0].startswith("On this machine: no GPU, ")
    answers = [line.split(maxsplit=1) for line in plan[1:]]
    assert answers[0][0] == "small"
    assert answers[0][1].startswith("loaded, CPU ")
    assert answers[1][1].endswith("size unknown until downloaded")
    assert answers[2][1].endswith("this machine has no GPU 5")
    document = json.loads(run(path, "--json").stdout)["plan"]
    assert document["machine"]["gpus"] == []
    assert [model["stay"] for model in document["models"]] == ["loaded", "loaded", "refused"]
    assert document["models"][0]["takes_bytes"]["ram"] > 2**20


def test_what_cannot_be_planned_is_shown_under_the_machine() -> None:
    machine = Machine((), 64 * GIB, 8, ("AMD's GPUs (ROCm) are here",))
    size = Footprint(weights_bytes=GIB, kv_bytes_per_token=1024, context=2048)
    lines = list(plan_lines(plan({ModelKey("a"): size}, machine)))
    assert lines[1] == "AMD's GPUs (ROCm) are here"


def test_a_file_without_local_models_needs_no_plan(tmp_path: Path) -> None:
    assert json.loads(run(str(written(tmp_path, TWO_MODELS)), "--json").stdout)["plan"] is None


def test_checking_loads_no_model_library() -> None:
    heavy = "torch", "transformers", "gradio", "accelerate", "huggingface_hub"
    program = f"import sys, arena.cli.check; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")
