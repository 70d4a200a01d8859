"""Tables whose columns explain themselves and can be sorted; on a phone each row is a card."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup, escape

from arena.web.common.markup import NOTHING
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import Texts


class Cell(NamedTuple):
    """HTML, and the number or text to sort by; None sorts last."""

    html: Markup
    value: float | str | None = None


def text_cell(text: str) -> Cell:
    """Return a cell that is sorted as it reads."""
    return Cell(escape(text), text)


def figure_cell(text: str, value: float | None = None) -> Cell:
    """Return a cell of text that is sorted by a number."""
    return Cell(escape(text), value)


@dataclass(frozen=True, slots=True)
class Row:
    """The first cell names the row."""

    cells: Sequence[Cell]
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A head, what it means, and what stands under it."""

    title: str
    explained: str = ""
    under: Markup = NOTHING

    def hint(self, texts: Texts) -> str:
        """Return what the head says to who points at it."""
        return " · ".join(filter(None, (self.explained, texts["leaderboard.sort"])))


def named_columns(names: Sequence[str], texts: Texts) -> list[Column]:
    """Return columns whose head and explanation are sentences of ours."""
    return [
        Column(texts[f"leaderboard.column.{name}"], texts[f"leaderboard.help.{name}"])
        for name in names
    ]


def table(name: str, columns: Sequence[str], rows: Iterable[Row], texts: Texts) -> Markup:
    """Return a table whose columns have names of sentences."""
    return table_of(name, named_columns(columns, texts), rows, texts)


def table_of(name: str, columns: Sequence[Column], rows: Iterable[Row], texts: Texts) -> Markup:
    """Return a table in a box of its own.

    `name` is its element id, the same from update to update.
    """
    return rendered("table", name=name, columns=columns, rows=rows, texts=texts)


def legend(columns: Sequence[str], texts: Texts, *, name: str | None = None) -> Markup:
    """Return the explanations of columns to read, for who has no mouse to point with.

    `name` tells several on one tab apart; without it the first column does.
    """
    return rendered("legend", columns=columns, texts=texts, name=name or columns[0])
