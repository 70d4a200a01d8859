"""Tables of values under a heading, with the sentences that belong to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.services.board.note_figures import Spelling, written
from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable
from arena.statistics.win_rate import State
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.sections import panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import BoardView, Texts

ABOUT = "leaderboard.robustness"
_MOST_ROWS = 10
"""Of a table that is not folded."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a language, and the names of the models that tables are about."""

    texts: Texts
    names: Mapping[ModelKey, str]

    def name(self, model: ModelKey) -> str:
        """Return the display name of a model."""
        return self.names.get(model, model)


def words_of(view: BoardView) -> Words:
    """Return the words for tables of a board."""
    return Words(view.texts, view.board.names)


def value_panel(
    words: Words, found: ValueTable, above: Markup = NOTHING, *, open_at_once: bool = False
) -> Markup:
    """Return a table below what is said of it and what is `above` it; a long one is folded."""
    texts, names = words.texts, [heading.name for heading in found.headings]
    lines = [texts[f"{ABOUT}.{found.name}.hint"], *(_said(words, note) for note in found.notes)]
    inside = [paragraphs(lines), above]
    if found.rows:
        rows = [
            Row(
                [
                    _CELLS[heading.kind](words, value)
                    for heading, value in zip(found.headings, row, strict=True)
                ]
            )
            for row in found.rows
        ]
        name = f"robustness-{found.name}"
        whole = table(name, names, rows, texts) + legend(names, texts, name=name)
        inside.append(whole if open_at_once else _folded(words, name, whole, len(rows)))
    return panel(texts[f"{ABOUT}.{found.name}"], *inside)


def _folded(words: Words, name: str, whole: Markup, rows: int) -> Markup:
    """Return a long table behind its number of rows: the sentences above it are read first."""
    if rows <= _MOST_ROWS:
        return whole
    said = words.texts[f"{ABOUT}.rows"].format(rows=count(rows))
    return Markup(
        '<details class="lb-folded" id="rows-of-{}"><summary>{}</summary>{}</details>'
    ).format(name, said, whole)


def _said(words: Words, note: Note) -> str:
    spelling = Spelling(
        model=words.name,
        share=percent,
        count=count,
        word=lambda word: words.texts.get(f"{ABOUT}.word.{word}", str(word)),
        separator=words.texts["leaderboard.list_separator"],
        none=NONE,
    )
    return words.texts[f"{ABOUT}.note.{note.name}"].format(**written(note, spelling))


def _model(words: Words, key: Any) -> Cell:
    return text_cell(words.name(key))


def _word(words: Words, word: str) -> Cell:
    return text_cell(words.texts[f"{ABOUT}.word.{word}"])


def _count(_: Words, number: int | None) -> Cell:
    return figure_cell(NONE) if number is None else figure_cell(count(number), number)


def _rate(_: Words, found: Estimate) -> Cell:
    below = [bounds(found.bounds)] if found.bounds else []
    return Cell(stacked(percent(found.value), *below), found.value)


def _factor(_: Words, found: Estimate) -> Cell:
    return _estimate(found, "× {:.2f}", "{:.2f}–{:.2f}")


def _estimate(found: Estimate, number: str, ends: str, scale: int = 1) -> Cell:
    """Return a number with its interval below, both times a scale, written by their formats."""
    if found.value is None:
        return figure_cell(NONE)
    bounds = found.bounds
    below = [ends.format(scale * bounds.low, scale * bounds.high)] if bounds else []
    return Cell(stacked(number.format(scale * found.value), *below), found.value)


def _rating(_: Words, elo: float | None) -> Cell:
    return figure_cell(NONE) if elo is None else figure_cell(f"{elo:.0f}", elo)


def _rank(_: Words, rank: Any) -> Cell:
    if rank is None:
        return figure_cell(NONE)
    ends = f"{rank.best}" if rank.best == rank.worst else f"{rank.best}–{rank.worst}"
    return figure_cell(ends, rank.best)


def _number(_: Words, value: float | None) -> Cell:
    return figure_cell(NONE) if value is None else figure_cell(f"{value:.1f}", value)


def _bounds(_: Words, ends: Any) -> Cell:
    return figure_cell(NONE) if ends is None else figure_cell(bounds(ends), ends.low)


def _change(_: Words, found: Estimate) -> Cell:
    return _estimate(found, "{:+.0f}", "{:+.0f} … {:+.0f}")


def _rate_change(_: Words, found: Estimate) -> Cell:
    return _estimate(found, "{:+.1f}", "{:+.1f} … {:+.1f}", scale=100)


def _p_value(_: Words, p: float | None) -> Cell:
    return figure_cell(NONE) if p is None else figure_cell(f"{p:.3f}", p)


def _day(_: Words, day: str) -> Cell:
    return text_cell(day)


def _state(words: Words, state: str) -> Cell:
    return text_cell(words.texts[f"leaderboard.state.{State(state).name.lower()}"])


_CELLS: Mapping[ValueKind, Callable[[Words, Any], Cell]] = {
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
    ValueKind.RATE_CHANGE: _rate_change,
    ValueKind.P_VALUE: _p_value,
    ValueKind.DAY: _day,
    ValueKind.STATE: _state,
}
