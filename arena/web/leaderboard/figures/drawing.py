"""Draws a figure as SVG, PNG or PDF: a light page for print, whatever theme the browser has."""

from enum import StrEnum
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from arena.web.leaderboard.figure_style import FigureStyle, FigureSubject
from arena.web.leaderboard.figures.bars import bars_figure
from arena.web.leaderboard.figures.fonts import families
from arena.web.leaderboard.figures.matrix import matrix_figure
from arena.web.leaderboard.figures.rating_rows import ratings_figure
from arena.web.leaderboard.figures.ratings import RatingsContent
from arena.web.leaderboard.figures.subjects import AnyContent

_SETTINGS: Any = {
    "pdf.fonttype": 42,  # whole TrueType outlines: publishers refuse Type 3
    "svg.fonttype": "none",  # text stays text, to be searched and edited
    "svg.hashsalt": "arena",
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.size": 9,
    "hatch.linewidth": 0.6,
}


class FigureFormat(StrEnum):
    """Formats of a drawn figure."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


def draw(content: AnyContent, kind: FigureFormat, style: FigureStyle | None = None) -> bytes:
    """Return the file. Names that no font can draw appear as their catalog keys.

    One at a time: matplotlib's fonts and settings are shared by the whole process.

    Raises:
        TooManyModelsError: A matrix does not fit into its width.
    """
    with mpl.rc_context({**_SETTINGS, "font.family": list(families())}):
        drawn = figure_of_content(content, style or FigureStyle())
        file = BytesIO()
        drawn.savefig(file, format=kind.value, dpi=300, metadata=_undated(kind))
        return file.getvalue()


def _undated(kind: FigureFormat) -> dict[str, Any]:
    """Return metadata without a date, which the caption has: same votes, same file."""
    if kind is FigureFormat.PDF:
        return {"CreationDate": None}
    return {"Date": None} if kind is FigureFormat.SVG else {}


def figure_of_content(content: AnyContent, style: FigureStyle) -> Figure:
    """Return the figure, as wide as its style says and as high as it needs."""
    if isinstance(content, RatingsContent):
        return ratings_figure(content, style)
    if content.subject is FigureSubject.MATRIX:
        return matrix_figure(content, style)
    return bars_figure(content, style)
