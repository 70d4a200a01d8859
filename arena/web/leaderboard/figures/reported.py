"""The figure of a model for a report: as wide as a column, in the default language."""

from collections.abc import Callable
from datetime import date
from functools import partial

from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.report.figures import ReportFigure
from arena.web.leaderboard.figure_style import FigureChoice, FigureStyle, FigureWidth
from arena.web.leaderboard.figures.writing import FigureKind, figure_of, written
from arena.web.leaderboard.view import Texts

_COLUMN = FigureStyle(width=FigureWidth.ONE, titles=False, notes=False)
"""The caption says what a heading and notes would."""


def reported_figure(
    texts: Texts,
    board: DetailedBoard,
    model: ModelKey,
    opponents: frozenset[ModelKey],
    day: date,
) -> ReportFigure | None:
    """Return the figure of a model on a board counted on a day; None without votes on it."""
    choice = FigureChoice(models=(model,), opponents=opponents)
    content = figure_of(board, choice, texts, day)
    if content is None:
        return None

    def drawn(kind: FigureKind) -> Callable[[], bytes]:
        return partial(written, kind, [content], _COLUMN)

    return ReportFigure(svg=drawn(FigureKind.SVG), pdf=drawn(FigureKind.PDF))
