"""What a report needs of those who draw figures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard

MOST_OPPONENTS = 16
"""Opponents of a figure, those with most decisive comparisons: more bars, a column wide, would be
higher than a page, and their letters too small once they fit on it."""


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """The figure of a model against its opponents, drawn when asked: one column wide."""

    svg: Callable[[], bytes]
    pdf: Callable[[], bytes]


ReportFigureOf: TypeAlias = Callable[
    [DetailedBoard, ModelKey, frozenset[ModelKey], date], ReportFigure | None
]
"""Returns the figure of a model against some opponents on a board of a day; None without votes."""


@dataclass(frozen=True, slots=True)
class PlacedFigure:
    """A figure with its file's name without an ending, and its caption."""

    name: str
    caption: str
    figure: ReportFigure


def placed_figures(
    board: DetailedBoard, figure_of: ReportFigureOf, day: date
) -> tuple[PlacedFigure, ...]:
    """Return a figure for each model that has one, by pooled rate, best first."""
    found = []
    for number, result in enumerate(board.board.best_first, start=1):
        opponents = _most_met(board, result.model)
        figure = figure_of(board, result.model, opponents, day)
        if figure is not None:
            caption = _caption(board, result.model, len(opponents))
            found.append(PlacedFigure(f"model-{number:02}", caption, figure))
    return tuple(found)


def _most_met(board: DetailedBoard, model: ModelKey) -> frozenset[ModelKey]:
    mine = board.board.pairs_of(model)
    order = sorted(mine, key=lambda one: (-one.record.decisive, one.opponent))
    return frozenset(one.opponent for one in order[:MOST_OPPONENTS])


def _caption(board: DetailedBoard, model: ModelKey, shown: int) -> str:
    met = len(board.board.pairs_of(model))
    which = f"the {shown} of {met} opponents it met most often" if shown < met else "its opponents"
    return f"{board.board.names[model]} against {which}: win:loss rate without ties."
