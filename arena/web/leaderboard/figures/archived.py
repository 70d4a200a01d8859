"""The figure of a model for the archive of a campaign, in the default language."""

from datetime import date
from functools import partial

from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.campaigns.archive.figures import ArchiveFigure
from arena.web.leaderboard.figure_style import FigureChoice
from arena.web.leaderboard.figures.data import figure_data
from arena.web.leaderboard.figures.writing import FigureKind, figure_of, written
from arena.web.leaderboard.view import Texts


def archived_figure(
    texts: Texts, board: DetailedBoard, model: ModelKey, day: date
) -> ArchiveFigure | None:
    """Return the figure of a model on a board counted on a day; None without votes on it."""
    content = figure_of(board, FigureChoice(models=(model,)), texts, day)
    if content is None:
        return None
    return ArchiveFigure(figure_data(content), partial(written, FigureKind.SVG, [content]))
