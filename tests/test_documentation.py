"""What the documents say is checked where it can be."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from arena.cli import app
from arena.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_documents_every_setting_and_no_other() -> None:
    documented = set(re.findall(r"`(ARENA_[A-Z_]+)`", README))

    assert documented == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_readme_says_of_every_setting_what_its_row_says(name: str) -> None:
    field = Settings.model_fields[name]
    row = f"| `{PREFIX}{name.upper()}` | {default_in_words(field)} | {field.description}"

    assert [line for line in README.splitlines() if line.startswith(row)], row


def default_in_words(field: FieldInfo) -> str:
    default = field.default
    if default is None or default in {(), ""}:
        assert isinstance(field.json_schema_extra, dict)
        return str(field.json_schema_extra["unset"])
    if isinstance(default, bool):
        return f"`{default}`".lower()
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


@pytest.mark.parametrize(
    "name",
    [
        *(command.name for command in app.registered_commands),
        *(group.name for group in app.registered_groups),
    ],
)
def test_the_readme_documents_every_command(name: str) -> None:
    assert f"| `arena {name}" in README


def test_every_file_that_a_document_links_to_exists() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "db" / "README.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_make_targets_of_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in set(re.findall(r"make ([a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
