"""No sentence stays in the locales when the code that showed it has gone."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import arena
from arena.web.common.texts import load_texts

SOURCES = Path(arena.__file__).parent
IN_TEMPLATES = re.compile(r"'([^'\n]+)'(\s*~)?")
"""A quoted text; one that is joined with a value begins a key."""

KEY_SHAPE = re.compile(r"(?=.*(?:\\\.|_))(?=.*\()(?:\w+|\\\.|\(\.\+\))+")
"""A pattern of words, points and groups that has a point or an underscore."""

Found = str | re.Pattern[str]
"""A text of the code, or a pattern with a group for each value that is put into it."""


def found_in_python(source: str) -> Iterator[Found]:
    """Yield strings, f-strings, names of keyword arguments, fields and members of enums."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield pattern_of(getattr(part, "value", None) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.ClassDef):
            yield from (name.lower() for name in names_in(node))


def pattern_of(values: Iterable[object]) -> re.Pattern[str]:
    return re.compile("".join(re.escape(v) if isinstance(v, str) else "(.+)" for v in values))


def names_in(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.Assign):
            yield from (name.id for name in statement.targets if isinstance(name, ast.Name))


def found_in_template(source: str) -> Iterator[Found]:
    for text, joined in IN_TEMPLATES.findall(source):
        yield pattern_of([text, None]) if joined else text


@cache
def found() -> tuple[frozenset[str], frozenset[re.Pattern[str]]]:
    """Return the texts of the code, and the patterns that look like keys."""
    everything: set[Found] = set()
    for path in SOURCES.rglob("*.py"):
        everything.update(found_in_python(path.read_text(encoding="utf-8")))
    for path in SOURCES.rglob("*.html"):
        everything.update(found_in_template(path.read_text(encoding="utf-8")))
    texts = frozenset(item for item in everything if isinstance(item, str))
    patterns = frozenset(
        item
        for item in everything
        if isinstance(item, re.Pattern) and KEY_SHAPE.fullmatch(item.pattern)
    )
    return texts, patterns


@cache
def is_said(text: str) -> bool:
    """Whether a text stands in the code, or is put together there from texts that do."""
    texts, patterns = found()
    return (
        text in texts
        or text.isdecimal()
        or any(
            match and all(is_said(group) for group in match.groups() if group != text)
            for match in (pattern.fullmatch(text) for pattern in patterns)
        )
    )


def test_every_sentence_is_used() -> None:
    keys = load_texts().by_language["en"]

    assert [key for key in keys if not is_said(key)] == []


def test_a_sentence_without_a_user_is_found() -> None:
    assert not is_said("notice.gone_for_long")
