"""Tables whose columns explain themselves and can be sorted; on a phone each row is a card."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from arena.web.leaderboard.view import Texts


class Cell(NamedTuple):
    """HTML, and the number or text to sort by; None sorts last."""

    html: str
    value: float | str | None = None


def text_cell(text: str) -> Cell:
    """A cell that is sorted as it reads."""
    return Cell(escape(text), text)


@dataclass(frozen=True, slots=True)
class Row:
    """The first cell names the row."""

    cells: Sequence[Cell]
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A head, what it means, and HTML to stand under it."""

    title: str
    explained: str = ""
    under: str = ""


def named_columns(names: Sequence[str], texts: Texts) -> list[Column]:
    """Columns whose head and explanation are sentences of ours."""
    return [
        Column(texts[f"leaderboard.column.{name}"], texts[f"leaderboard.help.{name}"])
        for name in names
    ]


def table(name: str, columns: Sequence[str], rows: Iterable[Row], texts: Texts) -> str:
    """A table whose columns have names of sentences."""
    return table_of(name, named_columns(columns, texts), rows, texts)


def table_of(name: str, columns: Sequence[Column], rows: Iterable[Row], texts: Texts) -> str:
    """A table in a box of its own; `name` is its element id, the same from update to update."""
    hint = texts["leaderboard.sort"]
    head = "".join(_head(f"{name}-{number}", column, hint) for number, column in enumerate(columns))
    titles = [column.title for column in columns]
    body = "".join(_row(titles, row) for row in rows)
    return (
        f'<div class="lb-box" id="{name}-box"><table class="lb-table" id="{name}">'
        f'<thead><tr data-sort="{escape(texts["leaderboard.sort_by"])}">{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _head(element: str, column: Column, hint: str) -> str:
    explained = " · ".join(filter(None, (column.explained, hint)))
    return (
        f'<th scope="col" aria-sort="none"><button type="button" id="{element}" '
        f'title="{escape(explained)}">{escape(column.title)}</button>{column.under}</th>'
    )


def legend(columns: Sequence[str], texts: Texts) -> str:
    """The same explanations to read, for whoever has no mouse to hover with."""
    entries = "".join(
        f"<dt>{escape(texts[f'leaderboard.column.{column}'])}</dt>"
        f"<dd>{escape(texts[f'leaderboard.help.{column}'])}</dd>"
        for column in columns
    )
    summary = escape(texts["leaderboard.what_numbers_mean"])
    return (
        f'<details class="lb-meanings" id="meanings-{columns[0]}"><summary>{summary}</summary>'
        f"<dl>{entries}</dl></details>"
    )


def _row(titles: Sequence[str], row: Row) -> str:
    first, *others = row.cells
    values = "".join(
        f'<td data-label="{escape(title)}"{_value(cell)}>{cell.html}</td>'
        for title, cell in zip(titles[1:], others, strict=True)
    )
    faint = ' class="lb-faint"' if row.faint else ""
    return f'<tr{faint}><th scope="row"{_value(first)}>{first.html}</th>{values}</tr>'


def _value(cell: Cell) -> str:
    return "" if cell.value is None else f' data-value="{escape(str(cell.value))}"'
