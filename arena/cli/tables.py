"""Tables as plain text: whole in a pipe, fitted to a terminal, quick for forty thousand rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import typer
from rich.cells import cell_len, set_cell_size

_GAP = "  "
_CUT = "…"
NARROWEST_NAME = 12
"""Cells that a name keeps on a narrow terminal, unless two names need more to differ."""


@dataclass(frozen=True, slots=True)
class Column:
    """A head and a cell for each row.

    Columns of names stand on the left and may be shortened on a terminal; those that are `spare`
    may be left out there, the highest number first. `colours` of cells, by their text and as
    `typer.style` names them, are for a terminal: `typer.echo` takes them out elsewhere.
    """

    head: str
    cells: Sequence[str]
    name: bool = False
    spare: int = 0
    colours: Mapping[str, str] = field(default_factory=dict)


def table_lines(title: str, columns: Sequence[Column], *, width: int | None) -> Iterator[str]:
    """Return the table in lines at most `width` cells wide where possible; None has no limit."""
    kept = list(columns)
    if width is not None:
        kept = _fitted(kept, width)
    yield title
    padded = [_padded(column) for column in kept]
    yield from (_GAP.join(cells).rstrip() for cells in zip(*padded, strict=True))
    missing = [column.head for column in columns if column.head not in {one.head for one in kept}]
    if missing:
        yield f"No room for: {', '.join(missing)}. A wider terminal, or a pipe, shows them."


def shortened(texts: Collection[str], width: int) -> Mapping[str, str]:
    """Every text in at most `width` cells, or in more if only then no two look the same."""
    distinct = set(texts)
    longest = max(map(cell_len, distinct), default=0)
    for size in range(width, longest):
        for tail in (0, size // 2, size - 2):
            cut = {text: _cut(text, size, tail) for text in distinct}
            if len(set(cut.values())) == len(distinct):
                return cut
    return {text: text for text in distinct}


def plain(text: str) -> str:
    """Return a name from outside on one line, without control characters for the terminal."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def _fitted(columns: list[Column], width: int) -> list[Column]:
    """First names give way, then spare columns go."""
    while True:
        names = [column for column in columns if column.name]
        others = sum(_width(column) for column in columns if not column.name)
        room = width - others - len(_GAP) * (len(columns) - 1)
        spare = max(columns, key=lambda column: column.spare)
        if not names or room >= NARROWEST_NAME * len(names) or not spare.spare:
            each = max(room // max(len(names), 1), NARROWEST_NAME)
            return [_narrowed(column, each) if column.name else column for column in columns]
        columns = [column for column in columns if column is not spare]


def _narrowed(column: Column, width: int) -> Column:
    if _width(column) <= width:
        return column
    short = shortened(column.cells, width)
    return Column(column.head, [short[cell] for cell in column.cells], name=True)


def _width(column: Column) -> int:
    return max(map(cell_len, {column.head, *column.cells}))


def _cut(text: str, size: int, tail: int) -> str:
    """Shorten a text that is too long in its middle, or at its end if `tail` is 0."""
    if cell_len(text) <= size:
        return text
    end = ""
    for letter in reversed(text):
        if cell_len(letter + end) > tail:
            break
        end = letter + end
    head = set_cell_size(text, size - cell_len(_CUT) - cell_len(end)).rstrip()
    return f"{head}{_CUT}{end}"


def _padded(column: Column) -> list[str]:
    """Each distinct cell is measured once: most of forty thousand are alike."""
    width, distinct = _width(column), {column.head, *column.cells}
    padding = {cell: " " * (width - cell_len(cell)) for cell in distinct}
    whole = {
        cell: _coloured(cell + pad if column.name else pad + cell, column.colours.get(cell))
        for cell, pad in padding.items()
    }
    rule = "-" * width
    return [whole[column.head], rule, *(whole[cell] for cell in column.cells)]


def _coloured(padded: str, colour: str | None) -> str:
    return padded if colour is None else typer.style(padded, fg=colour)
