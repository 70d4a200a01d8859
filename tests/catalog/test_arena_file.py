"""arena.yaml is read as a whole, or refused with everything that is wrong with it."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from arena.catalog import (
    ArenaConfig,
    CatalogError,
    Example,
    Fault,
    find_arena_config,
    load_arena_config,
)
from arena.catalog.arena_config import CATEGORIES
from arena.domain.localized import LocalizedText
from arena.domain.reveal import RevealPolicy

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str) -> Path:
    path = folder / "arena.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> ArenaConfig:
    return load_arena_config(written(folder, text))


def faults_of(folder: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(CatalogError) as caught:
        loaded(folder, text)
    return caught.value.faults


def test_every_field_is_read_for_every_language(tmp_path: Path) -> None:
    rows = [{"prompt": "Was ist Recht?", "category": "law", "language": "de"}]
    (tmp_path / "prompts.json").write_text(json.dumps(rows), encoding="utf-8")
    config = loaded(
        tmp_path,
        """\
        title: {en: Lab arena, zh: 实验室竞技场}
        welcome: |
          **Welcome** to the lab.
        guidelines:
          en: |
            1. Read both answers.
          zh: 请阅读两个回答。
        contact: ada@example.org
        examples: prompts.json
        categories:
          writing:
          law: {en: Law, zh: 法律}
          medicine: Medicine
        reveal: never
        """,
    )
    title = config.text("title")
    assert title == LocalizedText({"en": "Lab arena", "zh": "实验室竞技场"})
    assert config.text("welcome") == LocalizedText({"en": "**Welcome** to the lab.\n"})
    assert config.text("contact") == LocalizedText({"en": "ada@example.org"})
    assert config.examples == (Example(prompt="Was ist Recht?", category="law", language="de"),)
    assert config.categories == {
        "writing": None,
        "law": {"en": "Law", "zh": "法律"},
        "medicine": {"en": "Medicine"},
    }
    assert config.reveal is RevealPolicy.NEVER


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "title:\nwelcome:\n"])
def test_a_file_that_says_nothing_leaves_everything_to_the_arena(tmp_path: Path, text: str) -> None:
    config = loaded(tmp_path, text)
    assert config == ArenaConfig()
    assert tuple(config.categories) == CATEGORIES
    assert config.text("title") is None


def test_all_faults_are_reported_at_once_with_line_and_key(tmp_path: Path) -> None:
    faults = faults_of(
        tmp_path,
        """\
        titel: Lab arena
        welcome:
          english: Hello
          zh: ""
        contact: 5
        categories:
          law.civil: Civil law
        reveal: after-vote
        reveal: never
        """,
    )
    assert [(fault.line, fault.key) for fault in faults] == [
        (1, "titel"),
        (3, "welcome.english"),
        (4, "welcome.zh"),
        (5, "contact"),
        (7, "categories.law.civil"),
        (8, "reveal"),
        (9, "reveal"),
    ]
    assert "did you mean 'title'?" in faults[0].message
    assert "ISO 639-1" in faults[1].message
    assert "did you mean 'after_vote'?" in faults[5].message
    assert "stands twice, first in line 8" in faults[6].message


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("title: ''", "title", "must not be empty"),
        ("title: {}", "title", "write a text, or one for each language"),
        ("title: [a]", "title", "write a text, or one for each language"),
        ('title: "two\\nlines"', "title", "one line of at most 80 characters"),
        (f"title: {'x' * 81}", "title", "one line of at most 80 characters"),
        ("welcome: {en: 5}", "welcome.en", "must be text: put it in quotes (it is 5)"),
        ("categories: []", "categories", "must not be empty"),
        ("categories: [law, law]", "categories", "names law twice"),
        ("categories: law", "categories", "must be a block"),
        ("categories: {law: 5}", "categories.law", "write a text, or one for each language"),
        ("examples: 5", "examples", "write the path of a JSON file"),
        ("examples: none.json", "examples", "none.json cannot be read: No such file"),
        ("- title", "", "must be a block"),
    ],
)
def test_a_fault_says_what_to_change(tmp_path: Path, text: str, key: str, message: str) -> None:
    (fault,) = faults_of(tmp_path, text)
    assert (fault.line, fault.key) == (1, key)
    assert message in fault.message


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("[", ["prompts.json:1: not valid JSON"]),
        ("{}", ["write a list with at least one example"]),
        ("[]", ["write a list with at least one example"]),
        ('["x"]', ["example 1: must be a block"]),
        (
            '[{"prompt": " ", "language": "en"}, {"prompt": "x", "lang": "en"}]',
            ["example 1: prompt: must not be empty", "'language'", "example 2: language: is req"],
        ),
        (
            '[{"prompt": "x", "language": "en", "category": "codin"}]',
            ["example 1: category: 'codin' is none of", "did you mean 'coding'?"],
        ),
    ],
)
def test_faults_of_examples_stand_at_the_line_that_names_their_file(
    tmp_path: Path, content: str, messages: list[str]
) -> None:
    (tmp_path / "prompts.json").write_text(content, encoding="utf-8")
    faults = faults_of(tmp_path, "title: X\nexamples: prompts.json\n")
    assert {(fault.line, fault.key) for fault in faults} == {(2, "examples")}
    said = "\n".join(fault.message for fault in faults)
    assert [message for message in messages if message not in said] == []


def test_a_list_of_categories_has_the_labels_of_the_arena(tmp_path: Path) -> None:
    assert loaded(tmp_path, "categories: [coding, law]").categories == {
        "coding": None,
        "law": None,
    }


def test_the_file_beside_the_catalog_is_found_unless_another_one_is_configured(
    tmp_path: Path,
) -> None:
    models, other = tmp_path / "models.yaml", tmp_path / "other.yaml"
    assert find_arena_config(models, None) == ArenaConfig()
    written(tmp_path, "title: Beside")
    other.write_text("title: Other", encoding="utf-8")
    assert find_arena_config(models, None).text("title") == LocalizedText({"en": "Beside"})
    assert find_arena_config(models, other).text("title") == LocalizedText({"en": "Other"})
    with pytest.raises(CatalogError, match="cannot be read: No such file"):
        find_arena_config(models, tmp_path / "missing.yaml")


def test_the_shipped_file_changes_nothing() -> None:
    shipped = load_arena_config(ROOT / "arena.yaml")
    assert shipped.model_dump(exclude={"title"}) == ArenaConfig().model_dump(exclude={"title"})
    assert shipped.text("title") == LocalizedText({"en": "Arena"})


def test_every_comment_of_the_shipped_file_is_right_when_it_is_uncommented(tmp_path: Path) -> None:
    lines = (ROOT / "arena.yaml").read_text(encoding="utf-8").splitlines()
    settings = "\n".join(line.removeprefix("#: ") for line in lines if not line.startswith("# "))
    row = {"prompt": "x", "language": "en", "category": "law"}
    (tmp_path / "examples.json").write_text(json.dumps([row]), encoding="utf-8")
    config = loaded(tmp_path, settings)
    assert config.model_fields_set == set(ArenaConfig.model_fields)
