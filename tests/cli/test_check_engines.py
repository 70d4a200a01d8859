"""`arena check` says where vLLM is missing, and where several GPUs would work in turn."""

from pathlib import Path

import pytest

from arena.catalog import load_catalog
from arena.cli.engine_report import engine_hints, engine_warnings
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.placement import Footprint, Gpu, Machine, plan
from tests.cli.checks import run, written
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.vllm_environments import vllm_environment

BIG = ModelKey("big")


def catalog_text(python: str, source: object = EMBEDDED, more: str = "") -> str:
    row = f"name: Big, backend: local, engine: vllm, source: {source}, python: {python}{more}"
    return f"models:\n  big: {{{row}}}\n"


def test_vllm_that_is_there_is_worth_no_word(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    catalog = load_catalog(written(tmp_path, catalog_text(made.python)))
    assert list(engine_warnings(catalog, {})) == []
    assert list(engine_hints(catalog, None)) == []


def test_an_environment_without_vllm_is_a_warning(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env", "absent")
    catalog = load_catalog(written(tmp_path, catalog_text(made.python)))
    (warning,) = engine_warnings(catalog, {})
    assert warning == (
        f"models.big.python: vLLM is not installed in the environment of {made.python}: install "
        f"it there (`{made.python} -m pip install vllm`), or name another"
    )


@pytest.mark.parametrize("python", ["./none/python", "/none/python"])
def test_a_python_that_is_not_there_is_a_warning(tmp_path: Path, python: str) -> None:
    catalog = load_catalog(written(tmp_path, catalog_text(python)))
    (warning,) = engine_warnings(catalog, {})
    assert warning.startswith("models.big.python: there is no /")
    assert warning.endswith("/none/python")


def test_the_plan_refuses_vllm_on_a_machine_without_a_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    made = vllm_environment(tmp_path / "env")
    shown = run(str(written(tmp_path, catalog_text(made.python))))
    assert shown.exit_code == 0, shown.stderr
    assert "vLLM needs a GPU, and this machine has none" in shown.stdout


def test_the_prompt_of_a_model_in_vllm_is_shown_as_messages(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    file = written(tmp_path, catalog_text(made.python, more=", system_prompt: Be brief."))
    shown = run(str(file), "--show-prompt", "big", "Hi")
    assert shown.exit_code == 0, shown.stderr
    assert "Be brief." in shown.stdout


@pytest.mark.parametrize("devices", ["[0, 1]", "auto"])
def test_a_model_on_several_gpus_of_our_own_engine_is_sent_to_vllm(
    tmp_path: Path, devices: str
) -> None:
    text = f"models:\n  big: {{name: B, backend: local, source: ./w, devices: {devices}}}\n"
    catalog = load_catalog(written(tmp_path, text))
    footprint = Footprint(weights_bytes=100 * GIB, kv_bytes_per_token=1024, context=4096)
    machine = Machine(tuple(Gpu(index, 80 * GIB, 79 * GIB) for index in range(2)), 64 * GIB)
    made = plan({BIG: footprint}, machine, {BIG: catalog.get("big").devices})
    (hint,) = engine_hints(catalog, made)
    assert hint.startswith("models.big.devices: our engine spreads a model over several GPUs")
    assert "only one of them works at a time" in hint
