"""Tables of values under a heading, with the sentences that belong to them."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.sections import panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

ABOUT = "leaderboard.robustness"
_MOST_ROWS = 10
"""Of a table that is not folded."""


def value_panel(
    view: BoardView, found: ValueTable, above: Markup = NOTHING, *, open_at_once: bool = False
) -> Markup:
    """Return a table below what is said of it and what is `above` it; a long one is folded."""
    texts, names = view.texts, [heading.name for heading in found.headings]
    lines = [texts[f"{ABOUT}.{found.name}.hint"], *(_said(view, note) for note in found.notes)]
    inside = [paragraphs(lines), above]
    if found.rows:
        rows = [
            Row(
                [
                    _CELLS[heading.kind](view, value)
                    for heading, value in zip(found.headings, row, strict=True)
                ]
            )
            for row in found.rows
        ]
        name = f"robustness-{found.name}"
        whole = table(name, names, rows, texts) + legend(names, texts, name=name)
        inside.append(whole if open_at_once else _folded(view, name, whole, len(rows)))
    return panel(texts[f"{ABOUT}.{found.name}"], *inside)


def _folded(view: BoardView, name: str, whole: Markup, rows: int) -> Markup:
    """Return a long table behind its number of rows: the sentences above it are read first."""
    if rows <= _MOST_ROWS:
        return whole
    said = view.texts[f"{ABOUT}.rows"].format(rows=count(rows))
    return Markup(
        '<details class="lb-folded" id="rows-of-{}"><summary>{}</summary>{}</details>'
    ).format(name, said, whole)


def _said(view: BoardView, note: Note) -> str:
    figures = {name: _figure(view, name, value) for name, value in note.figures.items()}
    return view.texts[f"{ABOUT}.note.{note.name}"].format(**figures)


def _figure(view: BoardView, name: str, value: Any) -> str:
    if isinstance(value, list):
        return view.texts["leaderboard.list_separator"].join(
            _figure(view, name, one) for one in value
        )
    if value is None:
        return NONE
    if name.endswith("_rate"):
        return percent(value)
    if name.endswith("_elo"):
        return f"{value:.0f}"
    if name in ("first", "second", "third"):
        return view.name(value)
    if isinstance(value, int):
        return count(value)
    if isinstance(value, float):
        return f"{value:.3g}"
    return view.texts.get(f"{ABOUT}.word.{value}", str(value))


def _model(view: BoardView, key: Any) -> Cell:
    return text_cell(view.name(key))


def _word(view: BoardView, word: str) -> Cell:
    return text_cell(view.texts[f"{ABOUT}.word.{word}"])


def _count(_: BoardView, number: int | None) -> Cell:
    return figure_cell(NONE) if number is None else figure_cell(count(number), number)


def _rate(_: BoardView, found: Estimate) -> Cell:
    below = [bounds(found.bounds)] if found.bounds else []
    return Cell(stacked(percent(found.value), *below), found.value)


def _factor(_: BoardView, found: Estimate) -> Cell:
    return _estimate(found, "× {:.2f}", "{:.2f}–{:.2f}")


def _estimate(found: Estimate, number: str, ends: str) -> Cell:
    """Return a number with its interval below, both written by their formats."""
    if found.value is None:
        return figure_cell(NONE)
    below = [ends.format(found.bounds.low, found.bounds.high)] if found.bounds else []
    return Cell(stacked(number.format(found.value), *below), found.value)


def _rating(_: BoardView, elo: float | None) -> Cell:
    return figure_cell(NONE) if elo is None else figure_cell(f"{elo:.0f}", elo)


def _rank(_: BoardView, rank: Any) -> Cell:
    if rank is None:
        return figure_cell(NONE)
    ends = f"{rank.best}" if rank.best == rank.worst else f"{rank.best}–{rank.worst}"
    return figure_cell(ends, rank.best)


def _number(_: BoardView, value: float | None) -> Cell:
    return figure_cell(NONE) if value is None else figure_cell(f"{value:.1f}", value)


def _bounds(_: BoardView, ends: Any) -> Cell:
    return figure_cell(NONE) if ends is None else figure_cell(bounds(ends), ends.low)


def _change(_: BoardView, found: Estimate) -> Cell:
    return _estimate(found, "{:+.0f}", "{:+.0f} … {:+.0f}")


def _p_value(_: BoardView, p: float | None) -> Cell:
    return figure_cell(NONE) if p is None else figure_cell(f"{p:.3f}", p)


def _day(_: BoardView, day: str) -> Cell:
    return text_cell(day)


_CELLS: Mapping[ValueKind, Callable[[BoardView, Any], Cell]] = {
    ValueKind.MODEL: _model,
    ValueKind.WORD: _word,
    ValueKind.COUNT: _count,
    ValueKind.RATE: _rate,
    ValueKind.FACTOR: _factor,
    ValueKind.RATING: _rating,
    ValueKind.RANK: _rank,
    ValueKind.NUMBER: _number,
    ValueKind.BOUNDS: _bounds,
    ValueKind.CHANGE: _change,
    ValueKind.P_VALUE: _p_value,
    ValueKind.DAY: _day,
}
