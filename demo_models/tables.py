"""Reads the word lists and phrase tables in `data/`; the families hold rules and no words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Table:
    """One JSON file of `data/`, read through accessors that say which shape is expected."""

    content: Mapping[str, Any]

    @classmethod
    def read(cls, name: str) -> "Table":
        return cls(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")))

    def text(self, key: str) -> str:
        return str(self.content[key])

    def words(self, key: str) -> tuple[str, ...]:
        return tuple(self.content[key])

    def numbers(self, key: str) -> tuple[int, ...]:
        return tuple(self.content[key])

    def rows(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return a list of short lists of text."""
        return tuple(tuple(row) for row in self.content[key])

    def blocks(self, key: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Return a list of lists of short lists of text, such as answers by language."""
        return tuple(tuple(tuple(row) for row in block) for block in self.content[key])

    def texts(self, key: str) -> Mapping[str, str]:
        """Return a mapping from text to text."""
        return dict(self.content[key])

    def lists(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """Return a mapping from text to a list of text."""
        return {name: tuple(items) for name, items in self.content[key].items()}
