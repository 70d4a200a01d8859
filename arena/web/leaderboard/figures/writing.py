"""A figure as a file: drawn, or its numbers as CSV."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from arena.services.board.details import RatedBoard
from arena.web.leaderboard.figure_style import FigureChoice, FigureStyle
from arena.web.leaderboard.figures.subjects import AnyContent, content_of
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.view import BoardView, Progress, Texts


class FigureKind(StrEnum):
    """What a figure can be written as."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"
    CSV = "csv"


def written(
    kind: FigureKind, contents: Sequence[AnyContent], style: FigureStyle | None = None
) -> bytes:
    """Return the file of the first content that a font of this machine can draw.

    `contents` say the same in several languages. Matplotlib is imported late: its half second
    holds up no other page.

    Raises:
        TooManyModelsError: A matrix does not fit into its width.
    """
    if kind is FigureKind.CSV:
        from arena.web.leaderboard.figures.data import figure_data

        return figure_data(contents[0])
    from arena.web.leaderboard.figures.drawing import FigureFormat, draw
    from arena.web.leaderboard.figures.fonts import can_draw

    legible = [content for content in contents if can_draw(content.subtitle)]
    return draw((legible or contents)[0], FigureFormat(kind), style)


def figure_of(
    rated: RatedBoard, choice: FigureChoice, texts: Texts, today: date
) -> AnyContent | None:
    """Return what a figure of a board shows; None if there is nothing to show."""
    board = rated.board
    query = BoardQuery(filter=board.filter)
    view = BoardView(board=board, texts=texts, query=query, progress=Progress.RATED, rated=rated)
    return content_of(view, choice, today)
