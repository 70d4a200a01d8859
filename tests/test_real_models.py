"""What runs on a real engine also runs on a real model, in `make endurance`."""

from dataclasses import replace
from pathlib import Path

import pytest

from arena.catalog import load_catalog
from tests.endurance import FACTOR
from tests.endurance.__main__ import TESTS
from tests.fakes.real_models import RealModel, real_model_of
from tests.needs import ROOT

ASKED_FOR = "real_model: RealModel"
HERE = "tests/test_real_models.py"


def test_every_test_of_a_real_model_is_in_make_endurance() -> None:
    asking = [
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "tests").rglob("*.py")
        if ASKED_FOR in file.read_text(encoding="utf-8")
    ]
    tests = [file for file in asking if Path(file).name.startswith("test_")]
    assert len(tests) >= 7
    assert [file for file in tests if not file.startswith(TESTS) and file != HERE] == []


@pytest.mark.skipif(FACTOR > 1, reason="under make endurance, it is each in turn")
def test_in_make_test_the_real_model_is_a_demo_model(real_model: RealModel) -> None:
    assert real_model.is_demo


@pytest.fixture
def shipped() -> str:
    return (ROOT / "models.yaml").read_text(encoding="utf-8")


def test_another_model_answers_under_the_names_of_the_demo_models(
    tmp_path: Path, shipped: str
) -> None:
    other = replace(real_model_of("demo", tmp_path), name="other", source=tmp_path, dtype="float32")
    file = tmp_path / "models.yaml"
    file.write_text(other.rows(shipped), encoding="utf-8")
    changed, before = load_catalog(file), load_catalog(ROOT / "models.yaml")
    assert [row.key for row in changed.models] == [row.key for row in before.models]
    assert [(row.source, row.dtype, row.max_context) for row in changed.enabled()] == [
        (str(tmp_path), "float32", 1024)
    ] * 2


def test_a_demo_model_leaves_the_shipped_catalog_as_it_is(tmp_path: Path, shipped: str) -> None:
    assert real_model_of("demo", tmp_path).rows(shipped) == shipped
