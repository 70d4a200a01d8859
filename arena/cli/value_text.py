"""Tables of values as lines of text: robustness of a board, and its snapshots."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from arena.cli.board_columns import FEW
from arena.cli.shares import NONE, percent
from arena.cli.tables import Column, plain, table_lines
from arena.cli.value_words import NOTES, TITLES
from arena.domain.conversation import ModelKey
from arena.services.board.note_figures import Spelling, written
from arena.services.board.value_tables import Estimate, Heading, ValueKind, ValueTable
from arena.statistics.clustered_rates import METHODS
from arena.statistics.thresholds import Scope


def value_lines(
    tables: Iterable[ValueTable], named: Mapping[ModelKey, str], *, width: int | None
) -> Iterator[str]:
    """Yield every table under its title, and what must be known to read it."""
    names = {key: plain(name) for key, name in named.items()}
    spelling = _spelling(names)
    for table in tables:
        if table.rows:
            yield from table_lines(TITLES[table.name], _columns(table, names), width=width)
        else:
            yield TITLES[table.name]
        if any(_is_of_voters(cell) for row in table.rows for cell in row):
            yield f"95 %: with {FEW} for the annotators who voted only."
        yield from (NOTES[note.name].format(**written(note, spelling)) for note in table.notes)
        yield ""


def _is_of_voters(cell: Any) -> bool:
    """Return whether an estimate has an interval that says nothing of people who did not vote."""
    return isinstance(cell, Estimate) and _mark(cell.bounds) == FEW


def _mark(bounds: Any) -> str:
    method = getattr(bounds, "method", None)
    return FEW if method == METHODS[Scope.PROMPTS] else ""


def _spelling(names: Mapping[ModelKey, str]) -> Spelling:
    return Spelling(
        model=lambda key: names[key],
        share=percent,
        count=str,
        word=str,
        separator=", ",
        none=NONE,
    )


def _columns(table: ValueTable, names: Mapping[Any, str]) -> list[Column]:
    cells = list(zip(*table.rows, strict=True))
    return [
        column
        for heading, values in zip(table.headings, cells, strict=True)
        for column in _of_heading(heading, values, names)
    ]


def _of_heading(
    heading: Heading, values: Sequence[Any], names: Mapping[Any, str]
) -> Iterator[Column]:
    head, kind = heading.name.replace("_", " "), heading.kind
    if kind is ValueKind.MODEL:
        yield Column(head, [names[key] for key in values], name=True)
        return
    of = _NUMBERS.get(kind)
    if of is None:
        yield Column(head, [NONE if one is None else _TEXTS[kind](one) for one in values])
        return
    yield Column(head, [NONE if one.value is None else of.text(one.value) for one in values])
    if any(one.bounds is not None for one in values):
        yield Column("95 %", [_ends(one.bounds, of) for one in values], spare=2)


class _Number(NamedTuple):
    """How an estimate is written, and the ends of its interval: times a scale, with decimals."""

    text: Callable[[float], str]
    scale: int
    digits: int
    to: str = "-"


_NUMBERS: Mapping[ValueKind, _Number] = {
    ValueKind.RATE: _Number(percent, 100, 1),
    ValueKind.FACTOR: _Number("{:.2f}".format, 1, 2),
    ValueKind.CHANGE: _Number("{:+.0f}".format, 1, 0, " to "),
    ValueKind.RATE_CHANGE: _Number(lambda share: f"{100 * share:+.1f}", 100, 1, " to "),
}


def _ends(bounds: Any, of: _Number) -> str:
    if bounds is None:
        return NONE
    low, high = (f"{of.scale * end:.{of.digits}f}" for end in (bounds.low, bounds.high))
    return f"{low}{of.to}{high}{_mark(bounds)}"


_TEXTS: Mapping[ValueKind, Callable[[Any], str]] = {
    ValueKind.RATING: "{:.0f}".format,
    ValueKind.RANK: "{0.best}-{0.worst}".format,
    ValueKind.COUNT: str,
    ValueKind.WORD: lambda word: str(word).replace("_", " "),
    ValueKind.NUMBER: "{:.1f}".format,
    ValueKind.P_VALUE: "{:.3f}".format,
    ValueKind.DAY: str,
    ValueKind.STATE: str,
    ValueKind.BOUNDS: lambda ends: _ends(ends, _NUMBERS[ValueKind.RATE]),
}
