"""`arena check` names packages that a row or its checkpoint needs and that are not installed."""

import json
from pathlib import Path

import pytest

from arena.catalog import ModelRow
from arena.cli.package_warnings import is_installed, package_warnings


def row_of(folder: Path, quantization: str | None = None) -> ModelRow:
    text = {"key": "m", "name": "M", "backend": "local", "source": str(folder)}
    return ModelRow.model_validate({**text, "quantization": quantization})


def checkpoint(folder: Path, method: object) -> Path:
    config = {"quantization_config": {"quant_method": method, "bits": 4}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_a_row_that_asks_for_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    row = row_of(tmp_path, "bitsandbytes-4bit")
    assert list(package_warnings(row, {}, lambda _: False)) == [
        "quantization: bitsandbytes-4bit needs bitsandbytes, which is not here: "
        "pip install -e '.[bitsandbytes]'"
    ]
    assert list(package_warnings(row, {}, lambda _: True)) == []


def test_a_row_that_is_to_be_compiled_needs_a_compiler_for_gpus(tmp_path: Path) -> None:
    row = row_of(tmp_path).model_copy(update={"gpu_steps": "compiled"})
    (warning,) = package_warnings(row, {}, lambda _: False)
    assert warning.startswith("gpu_steps: compiled needs triton, which is not here: it comes with")
    assert list(package_warnings(row, {}, lambda module: module == "triton")) == []


@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_a_checkpoint_that_is_quantised_itself_is_named(tmp_path: Path, method: str) -> None:
    row = row_of(checkpoint(tmp_path, method))
    (warning,) = package_warnings(row, {}, lambda module: module == "optimum")
    assert warning.startswith(
        f"source: the checkpoint is quantised by {method}, which needs gptqmodel, which is not "
        "here: no release fits"
    )


@pytest.mark.parametrize("method", ["fp8", 4, None])
def test_what_needs_no_package_of_its_own_is_no_warning(tmp_path: Path, method: object) -> None:
    row = row_of(checkpoint(tmp_path, method), "fp8")
    assert list(package_warnings(row, {}, lambda _: False)) == []


def test_a_folder_without_a_configuration_is_no_warning(tmp_path: Path) -> None:
    assert list(package_warnings(row_of(tmp_path), {}, lambda _: False)) == []


def test_installed_is_what_can_be_imported() -> None:
    assert is_installed("torch")
    assert not is_installed("no_such_package_at_all")
