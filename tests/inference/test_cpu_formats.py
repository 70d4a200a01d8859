"""What `dtype: auto` means on a CPU stands in the configuration under which replies are stored."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import ModelCatalog, ModelRow
from arena.checkpoints.remembered_formats import RememberedFormats
from arena.checkpoints.step_shape import StepShape
from arena.domain.conversation import ModelKey
from arena.inference.cpu_formats import measured_by_engine, with_cpu_formats
from arena.inference.placement import Gpu, Machine
from tests.fakes.catalogs import EMBEDDED

SMOLLM: dict[str, Any] = {
    "hidden_size": 576,
    "intermediate_size": 1536,
    "vocab_size": 49_152,
    "num_hidden_layers": 30,
}
CPU_ALONE = Machine()
WITH_GPU = Machine(gpus=(Gpu(0, 2**34, 2**34),))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "caches")}


def catalog(source: Path, **fields: Any) -> ModelCatalog:
    row = ModelRow(key=ModelKey("m"), name="M", backend="local", source=str(source), **fields)
    return ModelCatalog(Path("models.yaml"), (row,))


def checkpoint(folder: Path, **other: Any) -> Path:
    made = folder / "weights"
    made.mkdir()
    (made / "config.json").write_text(json.dumps({**SMOLLM, **other}), encoding="utf-8")
    return made


def narrow(_: ModelRow) -> str:
    return "bfloat16"


def never(_: ModelRow) -> str:
    raise AssertionError("nothing has to be measured for this row")


def test_auto_becomes_what_an_engine_on_this_cpu_takes(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    stated = catalog(checkpoint(tmp_path))
    settled = with_cpu_formats(stated, environment, measure=narrow, machine=CPU_ALONE)
    assert settled.get("m").configuration()["dtype"] == "bfloat16"
    assert settled.get("m").fingerprint() != stated.get("m").fingerprint()


@pytest.mark.parametrize("answer", ["float32", None])
def test_float32_keeps_the_name_that_it_always_had(
    tmp_path: Path, environment: dict[str, str], answer: str | None
) -> None:
    stated = catalog(checkpoint(tmp_path))
    assert (
        with_cpu_formats(stated, environment, measure=lambda _: answer, machine=CPU_ALONE) == stated
    )


def test_what_is_remembered_is_not_measured_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    shape = StepShape.of(SMOLLM.get)
    assert shape is not None
    RememberedFormats.of_user(environment).recall(shape, lambda: "bfloat16")
    settled = with_cpu_formats(
        catalog(checkpoint(tmp_path)), environment, measure=never, machine=CPU_ALONE
    )
    assert settled.get("m").dtype == "bfloat16"


@pytest.mark.parametrize(
    ("fields", "machine"),
    [
        ({"dtype": "float32"}, CPU_ALONE),
        ({"quantization": "bitsandbytes-8bit"}, CPU_ALONE),
        ({}, WITH_GPU),
        ({"devices": (0,)}, CPU_ALONE),
        ({}, Machine(unused=("a GPU of AMD cannot be planned",))),
    ],
    ids=["stated", "quantised", "on a GPU", "for a GPU", "perhaps on a GPU"],
)
def test_other_rows_stay_as_they_are(
    tmp_path: Path, environment: dict[str, str], fields: dict[str, Any], machine: Machine
) -> None:
    stated = catalog(checkpoint(tmp_path), **fields)
    assert with_cpu_formats(stated, environment, measure=never, machine=machine) == stated


def test_a_row_for_the_cpu_is_settled_beside_gpus_too(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    stated = catalog(checkpoint(tmp_path), devices="cpu")
    settled = with_cpu_formats(stated, environment, measure=narrow, machine=WITH_GPU)
    assert settled.get("m").dtype == "bfloat16"


@pytest.mark.parametrize("of", ["demo", "quantised", "never downloaded", "no file"])
def test_models_without_a_choice_stay_as_they_are(
    tmp_path: Path, environment: dict[str, str], of: str
) -> None:
    source = {
        "demo": lambda: EMBEDDED,
        "quantised": lambda: checkpoint(tmp_path, quantization_config={"quant_method": "awq"}),
        "never downloaded": lambda: Path("org/model"),
        "no file": lambda: tmp_path,
    }[of]()
    stated = catalog(source)
    assert with_cpu_formats(stated, environment, measure=never, machine=CPU_ALONE) == stated


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ('import sys; sys.stdin.readline(); print(\'{"dtype": "bfloat16"}\')', "bfloat16"),
        ("print('{}')", None),
        ("raise SystemExit('no torch here')", None),
    ],
)
def test_an_engine_is_asked_and_one_without_an_answer_decides_later(
    program: str, answer: str | None
) -> None:
    (row,) = catalog(EMBEDDED).models
    assert measured_by_engine({}, row, engine=(sys.executable, "-c", program)) == answer
