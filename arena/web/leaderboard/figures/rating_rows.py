"""The figure of ratings: a dot and a whisker for each model, and the ranks that it may have."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from arena.web.leaderboard.figure_style import FigureStyle
from arena.web.leaderboard.figures.bars import palette_of, whisker_key
from arena.web.leaderboard.figures.fonts import drawable
from arena.web.leaderboard.figures.letters import columns, cut
from arena.web.leaderboard.figures.page import Page
from arena.web.leaderboard.figures.panel import INK, MANY, QUIET, SMALL, write_beside
from arena.web.leaderboard.figures.ratings import RatingRow, RatingsContent

_ROW: Final = 0.2  # inches
_DENSE_ROW: Final = 0.13  # inches, of many models: they fit on a page
_AXIS: Final = 0.27
_NAME_LETTER: Final = 0.068  # inches, at the size of names
_BESIDE_LETTER: Final = 0.06  # inches, at the smallest size
_NAMES: Final = 0.36  # of the page that names take at most
_EDGE: Final = 0.02  # of the range beyond the last whisker
_SUBTITLE: Final = "Bradley-Terry rating in Elo points, mean 1,000, and possible ranks"


def ratings_figure(content: RatingsContent, style: FigureStyle) -> Figure:
    """Return the figure, as wide as its style says and as high as it needs."""
    page = Page(
        style,
        title=(content.title,),
        subtitle=(content.subtitle, _SUBTITLE),
        notes=content.caption,
    )
    most = int(_NAMES * page.width / _NAME_LETTER)
    names = [cut(drawable((row.name, row.rating.model)), most) for row in content.rows]
    words = [f"{row.rating.elo:,.0f} ({row.ranks})" for row in content.rows]
    left = 0.15 + _NAME_LETTER * max(map(columns, names))
    right = 0.15 + _BESIDE_LETTER * max(map(columns, words))
    dense = len(content.rows) > MANY
    high = (_DENSE_ROW if dense else _ROW) * len(content.rows)
    figure = page.figure(page.top + high + _AXIS, [whisker_key(content.whisker)])
    axes = page.axes(figure, left, page.top, page.width - left - right, high)
    _frame(axes, content.rows)
    for number, (row, name, said) in enumerate(zip(content.rows, names, words, strict=True)):
        _row(axes, number + 0.5, row, palette_of(style).win)
        _beside(axes, number + 0.5, name, said, size=SMALL if dense else 8)
    return figure


def _frame(axes: Axes, rows: Sequence[RatingRow]) -> None:
    ends = [row.rating.elo for row in rows]
    for row in rows:
        if interval := row.rating.interval:
            ends += [interval.low, interval.high]
    room = max(_EDGE * (max(ends) - min(ends)), 1.0)
    low, high = min(ends) - room, max(ends) + room
    axes.set_xlim(low, high)
    ticks = MaxNLocator(4, integer=True).tick_values(low, high)
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.set_ylim(len(rows), 0)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, labelsize=7.5, labelcolor=QUIET)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x", color="#d9dde4", linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _row(axes: Axes, middle: float, row: RatingRow, colour: str) -> None:
    rating = row.rating
    if rating.interval is not None:
        ends = [rating.interval.low, rating.interval.high]
        axes.plot(ends, [middle] * 2, color=INK, linewidth=1.2, zorder=2)
    axes.plot([rating.elo], [middle], "o", color=colour, ms=4.5, zorder=3)


def _beside(axes: Axes, middle: float, name: str, said: str, *, size: float) -> None:
    """Write the name on the left, and rating and ranks on the right."""
    left, right = axes.get_xlim()
    write_beside(axes, left, middle, name, away=-3, size=size, color=INK)
    write_beside(axes, right, middle, said, away=5, size=SMALL)
