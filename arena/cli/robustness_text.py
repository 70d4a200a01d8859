"""Robustness of a board as lines of text: what `arena leaderboard --robustness` prints."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.cli.board_text import percent
from arena.cli.robustness_words import NOTES, TITLES
from arena.cli.tables import Column, plain, table_lines
from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.robustness.table import (
    Estimate,
    Heading,
    Kind,
    Note,
    RobustnessTable,
)
from arena.services.board.robustness.tables import robustness_tables

_NONE = "-"


def robustness_lines(found: BoardRobustness, *, width: int | None) -> Iterator[str]:
    """Yield every table under its title, and what must be known to read it."""
    names = {key: plain(name) for key, name in found.board.names.items()}
    for table in robustness_tables(found):
        if table.rows:
            yield from table_lines(TITLES[table.name], _columns(table, names), width=width)
        else:
            yield TITLES[table.name]
        yield from (_said(note, names) for note in table.notes)
        yield ""


def _said(note: Note, names: Mapping[Any, str]) -> str:
    figures = {name: _figure(name, value, names) for name, value in note.figures.items()}
    return NOTES[note.name].format(**figures)


def _figure(name: str, value: Any, names: Mapping[Any, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_figure(name, one, names) for one in value) or _NONE
    if value is None:
        return _NONE
    if name.endswith("_rate"):
        return percent(value)
    if name.endswith("_elo"):
        return f"{value:.0f}"
    if name in ("first", "second", "third"):
        return names[value]
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _columns(table: RobustnessTable, names: Mapping[Any, str]) -> list[Column]:
    cells = list(zip(*table.rows, strict=True))
    return [
        column
        for heading, values in zip(table.headings, cells, strict=True)
        for column in _of_heading(heading, values, names)
    ]


def _of_heading(
    heading: Heading, values: Sequence[Any], names: Mapping[Any, str]
) -> Iterator[Column]:
    head = heading.name.replace("_", " ")
    match heading.kind:
        case Kind.MODEL:
            yield Column(head, [names[key] for key in values], name=True)
        case Kind.RATE:
            yield Column(head, [percent(one.value) for one in values])
            yield Column("95 %", [_ends(one, 100, 1) for one in values], spare=2)
        case Kind.FACTOR:
            yield Column(
                head, [_NONE if one.value is None else f"{one.value:.2f}" for one in values]
            )
            yield Column("95 %", [_ends(one, 1, 2) for one in values], spare=2)
        case Kind.RATING:
            yield Column(head, [_NONE if one is None else f"{one:.0f}" for one in values], spare=1)
        case Kind.RANK:
            ranks = [_NONE if one is None else f"{one.best}-{one.worst}" for one in values]
            yield Column(head, ranks, spare=1)
        case Kind.COUNT:
            yield Column(head, [_NONE if one is None else str(one) for one in values])
        case Kind.BOUNDS:
            yield Column(head, [_ends(Estimate(None, one), 100, 1) for one in values])
        case Kind.NUMBER:
            yield Column(head, [_NONE if one is None else f"{one:.1f}" for one in values])
        case Kind.WORD:
            yield Column(head, [str(one).replace("_", " ") for one in values])


def _ends(found: Estimate, scale: int, digits: int) -> str:
    if found.bounds is None:
        return _NONE
    low, high = (scale * end for end in (found.bounds.low, found.bounds.high))
    return f"{low:.{digits}f}-{high:.{digits}f}"
