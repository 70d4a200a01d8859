"""The figure of bars: one panel, or several in one or two columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from arena.web.leaderboard.figure_style import FigureStyle, FigureWidth
from arena.web.leaderboard.figures.content import FigureContent, FigurePanel
from arena.web.leaderboard.figures.fonts import drawable
from arena.web.leaderboard.figures.page import HEADING, Page
from arena.web.leaderboard.figures.panel import (
    COLOUR,
    GREY,
    INK,
    WIDE,
    Layout,
    Palette,
    compact,
    draw_panel,
    many,
    margins,
)

_TICKS: Final = 0.27  # inches
_GUTTER: Final = FigureWidth.TWO.inches - 2 * FigureWidth.ONE.inches
_SUBTITLE: Final = "win:loss rate without ties"


def palette_of(style: FigureStyle) -> Palette:
    """Return the colours of a style."""
    return GREY if style.grey else COLOUR


def bars_figure(content: FigureContent, style: FigureStyle) -> Figure:
    """Return the figure, as wide as its style says and as high as it needs."""
    return _Sheet(content, style).drawn()


def _layout(panels: Sequence[FigurePanel], width: FigureWidth) -> Layout:
    if len(panels) > 1:
        return compact(panels)
    narrow = width is FigureWidth.ONE
    return many(panels[0], narrow=narrow) or (compact(panels) if narrow else WIDE)


@dataclass(frozen=True, slots=True)
class _Place:
    """A panel and where it stands, in inches: left edge, upper edge from the top, width."""

    panel: FigurePanel
    left: float
    top: float
    width: float


class _Sheet:
    """Lays panels out in rows between a head, with the legend, and the notes."""

    def __init__(self, content: FigureContent, style: FigureStyle) -> None:
        self._content, self._style = content, style
        self._several = len(content.panels) > 1
        self._layout = _layout(content.panels, style.width)
        self._across = 2 if style.width is FigureWidth.TWO and self._several else 1
        self._page = Page(
            style,
            title=None if self._several else _spellings(content.panels[0]),
            subtitle=(content.subtitle, _SUBTITLE),
            notes=content.caption,
        )
        self._places = self._placed()

    def drawn(self) -> Figure:
        """Return the figure."""
        end = max(place.top + self._high(place.panel) for place in self._places)
        figure = self._page.figure(end, self._entries())
        for place in self._places:
            self._panel(figure, place)
        return figure

    def _high(self, panel: FigurePanel) -> float:
        """Return the inches of a panel with the scale below it, and its heading among others."""
        return HEADING * self._several + self._layout.row * len(panel.bars) + _TICKS

    def _placed(self) -> list[_Place]:
        width = (self._page.width - _GUTTER * (self._across - 1)) / self._across
        places, top = [], self._page.top
        for start in range(0, len(self._content.panels), self._across):
            row = self._content.panels[start : start + self._across]
            places += [
                _Place(panel, number * (width + _GUTTER), top, width)
                for number, panel in enumerate(row)
            ]
            top += max(map(self._high, row))
        return places

    def _panel(self, figure: Figure, place: _Place) -> None:
        panel, top = place.panel, place.top
        if self._several:
            down = top + HEADING / 2
            self._page.heading(figure, _spellings(panel), place.left, down, place.width)
            top += HEADING
        before, after = margins(panel, self._layout)
        width = place.width - before - after
        high = self._layout.row * len(panel.bars)
        axes = self._page.axes(figure, place.left + before, top, width, high)
        draw_panel(axes, panel, self._content, self._layout, palette_of(self._style))

    def _entries(self) -> Sequence[Artist]:
        palette = palette_of(self._style)
        entries: list[Artist] = [
            Patch(color=palette.win, label=drawable((self._content.win, "win"))),
            Patch(color=palette.lose, label=drawable((self._content.lose, "lose"))),
        ]
        bars = (bar for panel in self._content.panels for bar in panel.bars)
        if any(bar.found and bar.found.interval for bar in bars):
            entries.append(whisker_key(self._content.whisker))
        return entries


def whisker_key(words: str) -> Artist:
    """Return the entry of a legend that says what whiskers are."""
    return Line2D([], [], color=INK, linewidth=1.3, label=drawable((words, "95 % interval")))


def _spellings(panel: FigurePanel) -> Sequence[str]:
    return (panel.title, panel.key) if panel.key else (panel.title,)
