"""Void battles and flagged comparisons by model, and what leaving them out does to the rates."""

from markupsafe import Markup

from arena.domain.board import EXCLUDING_FLAGS
from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import BattleCount
from arena.services.board.quality import BoardQuality, FlagEffect
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import State
from arena.web.leaderboard.parts.numbers import (
    A_SHARE,
    NONE,
    count,
    marked_bounds,
    percent,
    waiting,
)
from arena.web.leaderboard.parts.sections import ROOM, panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

_COLUMNS = (
    *("model", "battles", "void", "void_rate", "failed"),
    *(kind.value for kind in EXCLUDING_FLAGS),
    *("without_flagged", "with_flagged", "flag_effect"),
)


def flag_tables(view: BoardView, found: BoardQuality | None) -> Markup:
    """Return one row for each model that was voted on or had a void battle."""
    models = sorted({*view.board.names, *view.board.battles}, key=view.name)
    effects = found.flag_effects if found else {}
    rows = [_row(view, model, effects.get(model), known=found is not None) for model in models]
    texts = view.texts
    return panel(
        texts["leaderboard.flags"],
        paragraphs([texts["leaderboard.flags_hint"]]),
        table("flags", _COLUMNS, rows, texts),
        legend(_COLUMNS, texts),
    )


def _row(view: BoardView, model: ModelKey, effect: FlagEffect | None, *, known: bool) -> Row:
    met = view.board.battles.get(model, BattleCount())
    share = met.void / met.battles if met.battles else None
    flags = view.board.flagged.by_model.get(model, {})
    numbers = (flags.get(kind, 0) for kind in EXCLUDING_FLAGS)
    return Row(
        [
            text_cell(view.name(model)),
            figure_cell(count(met.battles), met.battles),
            figure_cell(count(met.void), met.void),
            figure_cell(percent(share), share),
            figure_cell(count(met.failed), met.failed),
            *(figure_cell(count(number), number) for number in numbers),
            *(_effect(view, effect) if known else _waiting(view)),
        ]
    )


def _waiting(view: BoardView) -> list[Cell]:
    rate = Cell(stacked(waiting(view, A_SHARE), ROOM))
    return [rate, rate, Cell(waiting(view, "+0.0"))]


def _effect(view: BoardView, effect: FlagEffect | None) -> list[Cell]:
    if effect is None:
        return [figure_cell(NONE)] * 3
    without, included = effect.without, effect.with_flagged
    return [_rate(view, without), _rate(view, included), _difference(without, included)]


def _rate(view: BoardView, found: ClusteredRate | None) -> Cell:
    if found is None or found.rate is None:
        return Cell(stacked(NONE, ROOM))
    if found.state is State.TOO_FEW:
        few = Markup('<span class="lb-few">({})</span>').format(percent(found.rate))
        return Cell(stacked(few, view.texts["leaderboard.state.too_few"]))
    return Cell(stacked(percent(found.rate), marked_bounds(found, view.texts)), found.rate)


def _difference(without: ClusteredRate | None, included: ClusteredRate | None) -> Cell:
    if without is None or included is None or without.rate is None or included.rate is None:
        return figure_cell(NONE)
    points = 100 * (included.rate - without.rate)
    return figure_cell(f"{points:+.1f}", points)
