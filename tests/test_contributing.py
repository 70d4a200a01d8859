"""What contributors read names files that exist and words that the code has, and is kept to."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "CONTRIBUTING.md"
MAPS = [GUIDE, ROOT / "docs" / "architecture.md"]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]

CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]*/[\w./*-]*|[\w.*-]+\.(?:py|md|css|js|json|sql|toml|lock|txt|yaml|cff)")
BRACES = re.compile(r"(.*)\{([^}]+)\}(.*)")
SOURCES = {
    path: path.read_text(encoding="utf-8")
    for folder in ("arena", "db", "docs")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".sql"} and path.parent.name != "decisions"
}

FROZEN = {
    "arena/storage/migrations/versions/0001_vote_ledger.py",
    "arena/storage/migrations/versions/0008_campaigns.py",
}
"""Migrations that were released are never edited, so these stay as long as they are."""


def expanded(path: str) -> Iterator[str]:
    """`a.{css,js}` is `a.css` and `a.js`."""
    if found := BRACES.fullmatch(path):
        before, names, after = found.groups()
        return chain.from_iterable(expanded(before + name + after) for name in names.split(","))
    return iter([path])


def paths_in(document: Path) -> list[str]:
    """Paths between backticks; what begins with a slash is an address of the page."""
    quoted = CODE.findall(document.read_text(encoding="utf-8"))
    paths = chain.from_iterable(map(expanded, quoted))
    return sorted({path for path in paths if PATH.fullmatch(path) and not path.startswith("/")})


def exists(path: str) -> bool:
    """Whether a path of the repository, or one within `arena/`, is there; `*` fits any name."""
    return any(next(folder.glob(path.rstrip("/")), None) for folder in (ROOT, ROOT / "arena"))


@pytest.mark.parametrize("document", MAPS, ids=lambda path: path.name)
def test_every_path_of_the_maps_exists(document: Path) -> None:
    assert len(paths_in(document)) > 20
    assert [path for path in paths_in(document) if not exists(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    documents = [path for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md"]
    linked = {f"({path.relative_to(ROOT / 'docs').as_posix()})": path.name for path in documents}

    assert [name for link, name in linked.items() if link not in index] == []


def glossary() -> list[tuple[str, str]]:
    text = GUIDE.read_text(encoding="utf-8").split("## Glossary")[1].split("\n## ")[0]
    return re.findall(r"^\| ([^|]+) \| [^|]+ \| (.+) \|$", text, re.MULTILINE)


@pytest.mark.parametrize(("term", "names"), glossary(), ids=lambda text: text[:20])
def test_the_code_has_the_names_of_the_glossary(term: str, names: str) -> None:
    for name in CODE.findall(names):
        word = re.compile(rf"(?<!\w){re.escape(name.rpartition('.')[2])}(?!\w)")
        found = exists(name) or any(word.search(source) for source in SOURCES.values())
        assert found, f"{term}: {name}"


def test_no_module_is_longer_than_the_guide_says() -> None:
    bound = re.search(r"never more than (\d+)", GUIDE.read_text(encoding="utf-8"))
    assert bound is not None
    long = {
        path.relative_to(ROOT).as_posix()
        for folder in ("arena", "demo_models", "scripts", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > int(bound[1])
    }

    assert long == FROZEN
