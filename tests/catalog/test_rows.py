"""What a row knows about its model, and what identifies its configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import (
    CatalogError,
    ModelCatalog,
    ModelRow,
    Script,
    UnknownModelError,
    load_catalog,
)
from arena.catalog.fields import ReasoningFields, TimeoutFields
from arena.domain.conversation import ModelKey, Sampling


def row(**fields: Any) -> ModelRow:
    given: dict[str, Any] = {"key": ModelKey("x"), "name": "X", "backend": "local"}
    return ModelRow(**{**given, "source": "org/model", **fields})


def catalog(*rows: ModelRow) -> ModelCatalog:
    return ModelCatalog(Path("models.yaml"), rows)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "org/other"},
        {"revision": "main"},
        {"backend": "openai"},
        {"server": "vllm"},
        {"api_version": "2024-10-21"},
        {"base_url": "https://host/v1"},
        {"model": "m"},
        {"prompt_format": "raw"},
        {"system_prompt": "Be brief."},
        {"system_prompt": ""},
        {"system_prompt_role": "user"},
        {"reasoning": ReasoningFields(open="", close="</think>")},
        {"dtype": "bfloat16"},
        {"quantization": "fp8"},
        {"sampling": Sampling(seed=1)},
        {"sampling": Sampling(stop=("a",))},
        {"max_context": 512},
        {"legacy_tokenizer": True},
        {"legacy_tokenizer": False},
        {"script": Script(replies=("hello",))},
        {"engine": "vllm"},
        {"arguments": ("--kv-cache-dtype=fp8",)},
    ],
)
def test_whatever_changes_answers_changes_the_fingerprint(change: dict[str, Any]) -> None:
    assert row(**change).fingerprint() != row().fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"key": ModelKey("y")},
        {"name": "Y"},
        {"license": "MIT"},
        {"links": {"hub": "https://host/"}},
        {"weight": 2.0},
        {"enabled": False},
        {"identity_words": ("Y",)},
        {"description": "A model."},
        {"devices": (0, 1)},
        {"gpu_steps": "compiled"},
        {"environment": ("MY_CACHE",)},
        {"api_key_env": "KEY"},
        {"timeouts": TimeoutFields(connect_s=1)},
        {"directory": Path("/elsewhere")},
        {"python": "/opt/vllm/bin/python"},
    ],
)
def test_whatever_does_not_change_answers_leaves_the_fingerprint(change: dict[str, Any]) -> None:
    assert row(**change).fingerprint() == row().fingerprint()


def test_a_template_that_changes_is_another_configuration_once_it_is_read_again(
    tmp_path: Path,
) -> None:
    template, file = tmp_path / "my.jinja", tmp_path / "models.yaml"
    file.write_text(
        "models:\n  x: {name: X, backend: local, source: org/m, prompt_format: my.jinja}\n",
        encoding="utf-8",
    )
    template.write_text("{{ messages[0].content }}", encoding="utf-8")
    read = load_catalog(file).get("x")
    before = read.fingerprint()
    template.write_text("Q: {{ messages[0].content }}", encoding="utf-8")
    assert read.fingerprint() == before
    assert load_catalog(file).get("x").fingerprint() != before


@pytest.mark.parametrize("shipped", load_catalog(Path(__file__).parents[2] / "models.yaml").models)
def test_a_row_survives_being_handed_to_an_engine(shipped: ModelRow) -> None:
    assert ModelRow.model_validate_json(shipped.model_dump_json()) == shipped


@pytest.mark.parametrize("devices", ["auto", "cpu", (0, 1)])
def test_the_devices_of_a_row_survive_as_well(devices: str | tuple[int, ...]) -> None:
    """Without a warning, which is an error here."""
    given = row(devices=devices)
    assert ModelRow.model_validate_json(given.model_dump_json()) == given


def test_a_row_that_does_not_use_a_later_field_keeps_its_fingerprint() -> None:
    later = {"legacy_tokenizer", "prompt_format_revision", "system_prompt_role", "reasoning"}
    later |= {"engine", "arguments"}
    assert not later & row().configuration().keys()


def test_a_named_format_that_was_changed_is_another_configuration() -> None:
    assert row(prompt_format="llama-2").configuration()["prompt_format_revision"] == 2


def test_the_configuration_survives_json() -> None:
    full = row(sampling=Sampling(stop=("a",)), script=Script(replies=("hello",)))
    assert json.loads(json.dumps(full.configuration())) == full.configuration()


def test_a_hub_id_resolves_to_itself() -> None:
    assert row(source="Qwen/Qwen1.5-14B-Chat").resolved_source() == "Qwen/Qwen1.5-14B-Chat"


def test_a_relative_source_begins_at_the_folder_of_the_file(tmp_path: Path) -> None:
    relative = row(source="./models/x", directory=tmp_path)
    assert relative.resolved_source() == str(tmp_path / "models" / "x")


def test_an_absolute_source_stays(tmp_path: Path) -> None:
    assert row(source=str(tmp_path), directory=Path("/other")).resolved_source() == str(tmp_path)


def test_an_embedded_source_is_inside_the_package() -> None:
    resolved = Path(row(source="embedded:arena-demo-a").resolved_source())
    assert resolved.parts[-4:] == ("arena", "embedded", "checkpoints", "arena-demo-a")
    assert resolved.is_absolute()


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        row().weight = 2.0


def test_only_enables_the_named_rows_and_no_others() -> None:
    some = catalog(row(key=ModelKey("a"), enabled=False), row(key=ModelKey("b")))
    assert [r.key for r in some.only(["a"]).enabled()] == ["a"]
    assert [r.key for r in some.enabled()] == ["b"]


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    some = catalog(row(key=ModelKey("a")), row(key=ModelKey("b")))
    with pytest.raises(UnknownModelError, match=r"has no model 'c', 'd'; it has: a, b"):
        some.only(["a", "c", "d"])
    with pytest.raises(UnknownModelError, match="has no model 'c'"):
        some.get("c")


def test_only_does_not_enable_remote_code_without_a_pin() -> None:
    risky = row(trust_remote_code=True, revision="main", enabled=False)
    with pytest.raises(CatalogError, match="pin the commit"):
        catalog(risky).only(["x"])
