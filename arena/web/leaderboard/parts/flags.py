"""Void battles and flagged comparisons by model, and what leaving them out does to the rates."""

from html import escape

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
from arena.web.leaderboard.parts.table import Cell, Row, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

_COLUMNS = (
    *("model", "battles", "void", "void_rate", "failed"),
    *(kind.value for kind in EXCLUDING_FLAGS),
    *("without_flagged", "with_flagged", "flag_effect"),
)


def flag_tables(view: BoardView, found: BoardQuality | None) -> str:
    """One row for each model that was voted on or had a void battle."""
    models = sorted({*view.board.names, *view.board.battles}, key=view.name)
    effects = found.flag_effects if found else {}
    rows = [_row(view, model, effects.get(model), known=found is not None) for model in models]
    texts = view.texts
    return (
        f'<section class="lb-panel"><h2>{escape(texts["leaderboard.flags"])}</h2>'
        f'<p class="lb-note">{escape(texts["leaderboard.flags_hint"])}</p>'
        f"{table('flags', _COLUMNS, rows, texts)}{legend(_COLUMNS, texts)}</section>"
    )


def _row(view: BoardView, model: ModelKey, effect: FlagEffect | None, *, known: bool) -> Row:
    met = view.board.battles.get(model, BattleCount())
    share = met.void / met.battles if met.battles else None
    flags = view.board.flagged.by_model.get(model, {})
    numbers = (flags.get(kind, 0) for kind in EXCLUDING_FLAGS)
    return Row(
        [
            text_cell(view.name(model)),
            Cell(count(met.battles), met.battles),
            Cell(count(met.void), met.void),
            Cell(percent(share), share),
            Cell(count(met.failed), met.failed),
            *(Cell(count(number), number) for number in numbers),
            *(_effect(view, effect) if known else _waiting(view)),
        ]
    )


def _waiting(view: BoardView) -> list[Cell]:
    rate = Cell(f"{waiting(view, A_SHARE)}<small>&nbsp;</small>")
    return [rate, rate, Cell(waiting(view, "+0.0"))]


def _effect(view: BoardView, effect: FlagEffect | None) -> list[Cell]:
    if effect is None:
        return [Cell(NONE)] * 3
    without, included = effect.without, effect.with_flagged
    return [_rate(view, without), _rate(view, included), _difference(without, included)]


def _rate(view: BoardView, found: ClusteredRate | None) -> Cell:
    if found is None or found.rate is None:
        return Cell(f"{NONE}<small>&nbsp;</small>")
    if found.state is State.TOO_FEW:
        few = escape(view.texts["leaderboard.state.too_few"])
        return Cell(f'<span class="lb-few">({percent(found.rate)})</span><small>{few}</small>')
    return Cell(
        f"{percent(found.rate)}<small>{marked_bounds(found, view.texts)}</small>", found.rate
    )


def _difference(without: ClusteredRate | None, included: ClusteredRate | None) -> Cell:
    if without is None or included is None or without.rate is None or included.rate is None:
        return Cell(NONE)
    points = 100 * (included.rate - without.rate)
    return Cell(f"{points:+.1f}", points)
