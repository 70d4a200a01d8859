"""The figure of a model for the archive of a campaign, in the default language."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard
from arena.services.campaigns.archive.figures import ArchiveFigure
from arena.web.leaderboard.figures.content import figure_content
from arena.web.leaderboard.figures.data import figure_data
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.view import BoardView, Progress


def archived_figure(
    texts: Mapping[str, str], board: DetailedBoard, model: ModelKey, day: date
) -> ArchiveFigure | None:
    """Return the figure of a model on a board counted on a day; None without votes on it."""
    view = BoardView(
        board=board.board,
        texts=texts,
        query=BoardQuery(baseline=model, filter=board.board.filter),
        progress=Progress.READY,
        rated=board,
        detailed=board,
    )
    content = figure_content(view, day)
    if content is None:
        return None
    # Imported here: what draws takes long to import, and numbers need none of it.
    from arena.web.leaderboard.figures.drawing import FigureFormat, draw

    return ArchiveFigure(figure_data(content), partial(draw, content, FigureFormat.SVG))
