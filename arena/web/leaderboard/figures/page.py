"""The sheet that every figure is on: its head, its legend and its notes, in inches."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from arena.web.leaderboard.figure_style import FigureStyle
from arena.web.leaderboard.figures.fonts import drawable
from arena.web.leaderboard.figures.letters import cut, wrapped
from arena.web.leaderboard.figures.panel import INK, QUIET, SMALL

HEADING: Final = 0.28
_LINE, _SUBTITLE, _LEGEND = 0.15, 0.16, 0.26
_CAPTION_COLUMNS: Final = 18.0  # of letters in an inch
_HEADING_COLUMNS: Final = 8.4
_SUBTITLE_COLUMNS: Final = 13.2


class Page:
    """As wide as its style says, and as high as what stands on it needs.

    `title` and `subtitle` are spellings of which the first that can be drawn is. Lengths are in
    inches, `top` from the upper edge of the page.
    """

    def __init__(
        self,
        style: FigureStyle,
        *,
        title: Sequence[str] | None,
        subtitle: Sequence[str],
        notes: Iterable[str],
    ) -> None:
        self.style, self.width = style, style.width.inches
        wanted = wrapped(drawable(subtitle), int(_SUBTITLE_COLUMNS * self.width))
        self._title = title if style.titles else None
        self._subtitle = wanted if style.titles else []
        above = HEADING * (self._title is not None) + _SUBTITLE * len(self._subtitle)
        self._legend_top = above + (0.12 if style.titles else 0.08)
        most = int(_CAPTION_COLUMNS * (self.width - 0.2))
        kept = notes if style.notes else ()
        self._notes = [line for text in kept for line in wrapped(text, most)]
        self.height = 0.0

    @property
    def top(self) -> float:
        """Where what the figure shows begins, below its legend."""
        return self._legend_top + _LEGEND

    def figure(self, end: float, legend: Sequence[Artist]) -> Figure:
        """Return the figure with all but what it shows, which stands between `top` and `end`."""
        self.height = end + _LINE * len(self._notes) + 0.08 * bool(self._notes)
        figure = Figure(figsize=(self.width, self.height), facecolor="white")
        self._head(figure)
        self._legend(figure, legend)
        for number, line in enumerate(reversed(self._notes)):
            low = self.height - 0.06 - _LINE * number
            self.write(figure, 0.1, low, line, size=SMALL, va="bottom")
        return figure

    def axes(self, figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at a place."""
        bottom = self.height - top - height
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return figure.add_axes(place)

    def heading(
        self, figure: Figure, spellings: Sequence[str], left: float, down: float, width: float
    ) -> None:
        """Write a title in as much of a width as it needs."""
        title = cut(drawable(spellings), int(_HEADING_COLUMNS * width))
        self.write(figure, left + 0.1, down, title, size=11, weight="bold", color=INK)

    def write(self, figure: Figure, left: float, down: float, text: str, **style: Any) -> None:
        """Write text at a place from the upper left corner."""
        x, y = left / self.width, 1 - down / self.height
        figure.text(x, y, drawable((text,)), **{"color": QUIET, "va": "center", **style})

    def _head(self, figure: Figure) -> None:
        if self._title is not None:
            self.heading(figure, self._title, 0, 0.18, self.width)
        for number, line in enumerate(self._subtitle):
            down = self._legend_top - 0.05 - _SUBTITLE * (len(self._subtitle) - number - 0.5)
            self.write(figure, 0.1, down, line, size=8)

    def _legend(self, figure: Figure, entries: Sequence[Artist]) -> None:
        figure.legend(
            handles=entries,
            loc="upper left",
            bbox_to_anchor=(0.1 / self.width, 1 - self._legend_top / self.height),
            ncols=3,
            frameon=False,
            fontsize=7.5,
            handlelength=1.1,
            columnspacing=1.2,
            borderpad=0,
            borderaxespad=0,
        )
