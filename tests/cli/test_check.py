"""`arena check` tells an administrator what is wrong, what there is, and what a model reads."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import typer
from typer.testing import CliRunner, Result

from arena.catalog import load_catalog
from arena.catalog.arena_config import CATEGORIES
from arena.cli import check as check_module
from arena.cli.check import check, warnings
from arena.cli.placement_report import plan_lines
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, plan
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.hub import COMMIT, FakeHub, Repository, serving_hub

TWO_MODELS = """\
models:
  one:
    name: Model One
    backend: scripted
    script: {replies: [hello]}
  two:
    name: Model Two
    backend: openai
    base_url: https://host/v1
    model: two-large
    api_key_env: TWO_KEY
    system_prompt: Be brief.
"""
LOCAL = """\
models:
  local:
    name: Local
    backend: local
    source: ./weights
    prompt_format: llama-2
"""
ENGINE = """\
import json, sys
arguments = sys.argv[1:]
assert arguments[:2] == ["--describe", "local"], arguments
assert arguments[-5:] == ["--json", "--text", "hi <there>", "--text", "hi <there>"], arguments
first = {"rendered": "[INST] hi [/INST]", "tokens": [1, 22172], "token_texts": ["<s>", " hi\\n"]}
second = {"rendered": "[INST] hi [/INST] R </s><s>[INST] hi [/INST]",
          "tokens": [1, 22172, 2, 1], "token_texts": ["<s>", " hi\\n", "</s>", "<s>"]}
print(json.dumps({**first, "turns": [first, second], "context": 4096}))
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command("check")(check)
    return CliRunner().invoke(app, list(arguments))


def engine(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    file = folder / "engine.py"
    file.write_text(script, encoding="utf-8")
    monkeypatch.setattr(check_module, "ENGINE_PROGRAM", (sys.executable, str(file)))


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


def test_what_cannot_be_planned_is_shown_under_the_machine() -> None:
    machine = Machine((), 64 * GIB, 8, ("AMD's GPUs (ROCm) are here",))
    size = Footprint(weights_bytes=GIB, kv_bytes_per_token=1024, context=2048)
    lines = list(plan_lines(plan({ModelKey("a"): size}, machine)))
    assert lines[1] == "AMD's GPUs (ROCm) are here"


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


def test_a_file_without_local_models_needs_no_plan(tmp_path: Path) -> None:
    assert json.loads(run(str(written(tmp_path, TWO_MODELS)), "--json").stdout)["plan"] is None


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


def test_the_prompt_of_a_local_model_is_shown_with_its_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, ENGINE)
    path = str(written(tmp_path, LOCAL))
    result = run(path, "--show-prompt", "local", "hi <there>")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [
        "[INST] hi [/INST]",
        "",
        "2 tokens:",
        "       1  '<s>'",
        "   22172  ' hi\\n'",
        "",
        "Turn 2, after the reply 'This stands for a reply.':",
        "",
        "[INST] hi [/INST] R </s><s>[INST] hi [/INST]",
        "",
        "4 tokens, the first 2 as before, then:",
        "       2  '</s>'",
        "       1  '<s>'",
    ]
    as_json = json.loads(run(path, "--json", "--show-prompt", "local", "hi <there>").stdout)
    assert as_json["tokens"] == [1, 22172]
    assert [len(turn["tokens"]) for turn in as_json["turns"]] == [2, 4]


def test_what_a_failing_engine_says_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, "import sys; sys.exit('no such checkpoint')")
    path = str(written(tmp_path, LOCAL))
    result = run(path, "--show-prompt", "local", "hi")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "[INST] hi [/INST]",
        "",
        "Turn 2, after the reply 'This stands for a reply.':",
        "",
        "[INST] hi [/INST] This stands for a reply. </s><s>[INST] hi [/INST]",
    ]
    assert result.stderr.endswith("no such checkpoint\n")
    assert run(path, "--json", "--show-prompt", "local", "hi").stdout == ""


def test_an_engine_that_does_not_answer_in_json_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(monkeypatch, tmp_path, "print('loading ...')")
    result = run(str(written(tmp_path, LOCAL)), "--show-prompt", "local", "hi")
    assert result.exit_code == 1
    assert "is not JSON" in result.stderr


def test_a_remote_model_is_shown_the_messages_that_its_server_gets(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--show-prompt", "two", "hi")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        "system: Be brief.",
        "user: hi",
        "assistant: This stands for a reply.",
        "user: hi",
    ]


def test_what_is_said_next_can_be_given_turn_by_turn(tmp_path: Path) -> None:
    said = ["--show-prompt", "two", "hi", "--follow-up", "and then", "--follow-up", "at last"]
    result = run(str(written(tmp_path, TWO_MODELS)), "--json", *said)
    messages = json.loads(result.stdout)["messages"]
    users = [message["content"] for message in messages if message["role"] == "user"]
    assert users == ["hi", "and then", "at last"]


def test_a_follow_up_without_a_prompt_is_refused(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--follow-up", "and then")
    assert result.exit_code == 2
    assert "--follow-up goes with --show-prompt" in result.stderr


def test_an_unknown_key_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    result = run(str(written(tmp_path, TWO_MODELS)), "--show-prompt", "three", "hi")
    assert result.exit_code == 2
    assert "it has: one, two" in result.stderr


HUB = """\
models:
  open: {name: Open, backend: local, source: org/open}
  gated: {name: Gated, backend: local, source: org/gated}
"""
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": bytes(2**21)}


def check_with_hub(folder: Path, hub: FakeHub, *options: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own: huggingface_hub reads its variables when it is imported."""
    inherited = {key: text for key, text in os.environ.items() if not key.startswith("HF_")}
    own = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "arena", "check", str(written(folder, HUB)), *options]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**inherited, **own}
    )


def test_what_is_here_of_a_hub_model_is_told_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    path = str(written(tmp_path, HUB))
    blobs = tmp_path / "cache" / "models--org--open" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "1.incomplete").write_bytes(bytes(2**21))
    shown = run(path).stdout
    assert f"Files of the hub: {tmp_path / 'cache'}, " in shown
    assert "\nopen   begun, 2.0 MiB here\ngated  not downloaded\n" in shown
    hub = json.loads(run(path, "--json").stdout)["hub"]
    assert hub["cache"] == str(tmp_path / "cache")
    assert [model["complete"] for model in hub["models"]] == [False, False]
    assert hub["models"][0]["here_bytes"] == 2**21
    assert hub["free_bytes"] > 0


def test_the_hub_is_asked_for_sizes_and_refusals_only_when_told_to(tmp_path: Path) -> None:
    with serving_hub() as hub:
        hub.repositories["org/open"] = Repository(FILES)
        hub.repositories["org/gated"] = Repository(FILES, readers=frozenset())
        assert check_with_hub(tmp_path, hub).returncode == 0
        assert hub.asked == []
        shown = check_with_hub(tmp_path, hub, "--online")
        assert shown.returncode == 0, shown.stderr
        assert "open   not downloaded, 2.0 MiB to download\n" in shown.stdout
        assert "gated  not downloaded: org/gated is gated: accept its licence" in shown.stdout
        assert hub.gets("model.safetensors") == []


def test_models_can_be_downloaded_ahead(tmp_path: Path) -> None:
    with serving_hub() as hub:
        hub.repositories["org/open"] = Repository(FILES)
        hub.repositories["org/gated"] = Repository(FILES, readers=frozenset())
        fetched = check_with_hub(tmp_path, hub, "--download")
    assert fetched.returncode == 1
    assert "open: downloading " in fetched.stderr
    assert "gated: org/gated is gated: accept its licence" in fetched.stderr
    assert f"open   here, 2.0 MiB, commit {COMMIT[:12]}\n" in fetched.stdout
    assert "gated  not downloaded\n" in fetched.stdout


def test_checking_loads_no_model_library() -> None:
    heavy = "torch", "transformers", "gradio", "accelerate", "huggingface_hub"
    program = f"import sys, arena.cli.check; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("[]\n", "")
