"""Robustness of a board as lines of text: what `arena leaderboard --robustness` prints."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.cli.board_text import percent
from arena.cli.tables import Column, plain, table_lines
from arena.services.board.robustness import BoardRobustness
from arena.services.board.robustness_tables import (
    Estimate,
    Heading,
    Kind,
    Note,
    RobustnessTable,
    robustness_tables,
)

_NONE = "-"
_TITLES = {
    "style": "Style control: rates as if all replies had looked alike",
    "style_effects": "Odds of a win, by twice as much of a feature (counts plus 1)",
}
_NOTES = {
    "style_votes": "on {votes} of {decisive} decisive votes: those whose replies are known, "
    "between models that beat each other by some chain",
    "style_untold": "not told from the models: {features}",
    "style_no_replies": "no style control: the replies of no decisive vote are known",
    "style_no_cycle": "no style control: no models beat each other",
    "style_no_feature": "no style control: no feature differs between replies of the same models",
    "style_separated": "no style control: style and models together tell every vote",
    "holds_annotators_and_prompts": "95 %: for annotators and prompts like these",
    "holds_prompts": "95 %: for these {annotators} annotators only",
}


def robustness_lines(found: BoardRobustness, *, width: int | None) -> Iterator[str]:
    """Yield every table under its title, and what must be known to read it."""
    names = {key: plain(name) for key, name in found.board.names.items()}
    for table in robustness_tables(found):
        if table.rows:
            yield from table_lines(_TITLES[table.name], _columns(table, names), width=width)
        else:
            yield _TITLES[table.name]
        yield from (_said(note) for note in table.notes)
        yield ""


def _said(note: Note) -> str:
    figures = {
        name: ", ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in note.figures.items()
    }
    return _NOTES[note.name].format(**figures)


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
        case Kind.WORD:
            yield Column(head, [str(one).replace("_", " ") for one in values])


def _ends(found: Estimate, scale: int, digits: int) -> str:
    if found.bounds is None:
        return _NONE
    low, high = (scale * end for end in (found.bounds.low, found.bounds.high))
    return f"{low:.{digits}f}-{high:.{digits}f}"
