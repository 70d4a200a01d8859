"""One set of versions: what constraints pin, the lock pins with hashes, and releases agree."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from arena import __version__

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)
CALLED = re.compile(r"[\w.-]+")


def called(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    return {called(name): version for name, version in PINNED.findall(text)}


def requirements() -> list[str]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    texts = [*project["dependencies"], *(text for extra in extras for text in extra)]
    names = (CALLED.match(text) for text in texts)
    return sorted(called(name.group()) for name in names if name)


def test_the_lock_has_the_versions_of_the_constraints() -> None:
    constraints = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))

    assert {name: pins(LOCK).get(name) for name in constraints} == constraints, "run make lock"


@pytest.mark.parametrize("name", requirements())
def test_every_requirement_is_locked(name: str) -> None:
    assert name in pins(LOCK), "run make lock"


def test_every_locked_package_has_hashes() -> None:
    entries = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_machine_and_no_index() -> None:
    assert not re.search(r"https?://|file:|--index-url|--find-links|^[-/.]", LOCK, re.MULTILINE)


def test_citation_and_changelog_name_the_version_of_the_package() -> None:
    citation = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[\w.]*)\] - (\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)

    assert citation["version"] == __version__
    assert released[0] == (__version__, str(citation["date-released"]))
