"""The figures in sentences of tables: one rule for pages and terminals, in the words of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from arena.services.board.value_tables import Note

_MODELS = ("first", "second", "third")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a place writes what is no plain number: `none` where there is nothing to say."""

    model: Callable[[Any], str]
    share: Callable[[float], str]
    count: Callable[[int], str]
    word: Callable[[Any], str]
    separator: str
    none: str


def written(note: Note, spelling: Spelling) -> Mapping[str, str]:
    """Return the figures of a sentence as people read them; what each is its name says (`Note`)."""
    return {name: _figure(name, value, spelling) for name, value in note.figures.items()}


def _figure(name: str, value: Any, spelling: Spelling) -> str:
    if isinstance(value, list):
        figures = (_figure(name, one, spelling) for one in value)
        return spelling.separator.join(figures) or spelling.none
    if value is None:
        return spelling.none
    if name.endswith("_rate"):
        return spelling.share(value)
    if name.endswith("_elo"):
        return f"{value:.0f}"
    if name in _MODELS:
        return spelling.model(value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return spelling.count(value) if isinstance(value, int) else spelling.word(value)
