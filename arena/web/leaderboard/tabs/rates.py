"""The first tab: all models, best first, each of which unfolds its opponents in place."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import BattleCount
from arena.statistics.ratings import Rating
from arena.statistics.win_rate import ModelResult, State
from arena.web.common.markup import NOTHING, joined
from arena.web.leaderboard.parts.bars import bar_cell
from arena.web.leaderboard.parts.numbers import NONE, count
from arena.web.leaderboard.parts.ranks import rank_cell, ratings_of
from arena.web.leaderboard.parts.records import (
    CLUSTERS,
    COUNTED,
    clusters,
    counted,
    interval_cell,
    rate_cell,
)
from arena.web.leaderboard.parts.sections import paragraphs
from arena.web.leaderboard.parts.table import Cell, figure_cell, legend, named_columns
from arena.web.leaderboard.parts.unfolded import unfolded
from arena.web.leaderboard.query import MoreColumn
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

_COLUMNS = (
    *("rank", "model", "pooled", "bar", "interval", "mean", "mean_interval"),
    *("wins", "losses", "ties", "both_bad", "tie_rate", "decisive", "annotators", "prompts"),
    *("left_out", "void", "state"),
)
_IF_ANY = ("ties", "both_bad", "tie_rate", "left_out", "void")
"""Columns that say nothing where they are 0 in every row."""


class _ModelRow(NamedTuple):
    """A row of cells by column, and what is unfolded below it; `number` is for element ids."""

    number: int
    cells: Mapping[str, Cell]
    faint: bool
    inside: Markup | None


def rates_tab(view: BoardView) -> Markup:
    """Return the table of models, what was left out of it, and what its columns mean."""
    ratings = ratings_of(view)
    rows = [_row(view, result, ratings) for result in view.board.best_first]
    wanted = [name for name in _COLUMNS if _is_wanted(view, name)]
    empty = [name for name in wanted if name in _IF_ANY and not _says_something(rows, name)]
    names = [name for name in wanted if name not in empty]
    shown = rendered(
        "models",
        columns=list(zip(names, named_columns(names, view.texts), strict=True)),
        rows=rows,
        wide=bool(view.query.columns),
        texts=view.texts,
    )
    return joined((shown, _left_away(view, empty), legend(names, view.texts)))


def _is_wanted(view: BoardView, name: str) -> bool:
    return name not in list(MoreColumn) or name in view.query.columns


def _says_something(rows: Sequence[_ModelRow], name: str) -> bool:
    return any(row.cells[name].value for row in rows)


def _left_away(view: BoardView, names: Sequence[str]) -> Markup:
    if not names:
        return NOTHING
    titles = view.texts["leaderboard.list_separator"].join(
        column.title for column in named_columns(names, view.texts)
    )
    return paragraphs([view.texts["leaderboard.all_zero"].format(columns=titles)])


def _row(view: BoardView, result: ModelResult, ratings: Mapping[ModelKey, Rating]) -> _ModelRow:
    record, found = result.pooled, view.pooled(result.model)
    board = view.board
    left_out = board.flagged.total_of_model.get(result.model, 0)
    left_out = 0 if board.filter.include_flagged else left_out
    chosen = view.query.baseline == result.model
    number = list(board.names).index(result.model)
    cells = {
        "rank": rank_cell(view, ratings.get(result.model)),
        "model": _link(view, result.model, number),
        "pooled": rate_cell(record.rate),
        "bar": bar_cell(record, found),
        "interval": interval_cell(found, view),
        "mean": rate_cell(result.mean_over_opponents),
        "mean_interval": interval_cell(view.mean(result.model), view),
        **dict(zip(COUNTED, counted(record), strict=True)),
        **dict(zip(CLUSTERS, clusters(record, found, view), strict=True)),
        "left_out": figure_cell(count(left_out), left_out),
        "void": _void(board.battles.get(result.model)),
    }
    faint = view.state(record, found) is State.TOO_FEW
    return _ModelRow(number, cells, faint, unfolded(view, result) if chosen else None)


def _void(met: BattleCount | None) -> Cell:
    if met is None:
        return figure_cell(NONE)
    return figure_cell(f"{count(met.void)} / {count(met.battles)}", met.void)


def _link(view: BoardView, model: ModelKey, number: int) -> Cell:
    """Return a link that unfolds the row, or folds it up where it is unfolded."""
    chosen, name = view.query.baseline == model, view.name(model)
    link = Markup(
        '<a class="lb-unfold" id="model-{}" href="{}" data-board aria-expanded="{}">{}</a>'
    )
    address = view.query.seen_from(None if chosen else model).address
    return Cell(link.format(number, address, "true" if chosen else "false", name), name)
