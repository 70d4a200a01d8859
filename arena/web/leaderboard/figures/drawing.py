"""Draws a figure as SVG, PNG or PDF: a light page for print, whatever theme the browser has."""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from arena.web.leaderboard.figures.content import FigureContent, FigurePanel
from arena.web.leaderboard.figures.fonts import drawable, families
from arena.web.leaderboard.figures.letters import cut, wrapped
from arena.web.leaderboard.figures.panel import (
    COLOUR,
    GREY,
    INK,
    QUIET,
    SMALL,
    WIDE,
    compact,
    draw_panel,
    margins,
)
from arena.web.leaderboard.figures.style import FigureStyle, FigureWidth

_LINE, _HEADING, _SUBTITLE, _LEGEND, _TICKS = 0.15, 0.28, 0.16, 0.26, 0.27  # inches
_GUTTER: Final = FigureWidth.TWO.inches - 2 * FigureWidth.ONE.inches
_CAPTION_COLUMNS: Final = 18.0  # of letters in an inch
_HEADING_COLUMNS: Final = 8.4
_SUBTITLE_COLUMNS: Final = 13.2
_SETTINGS: Any = {
    "pdf.fonttype": 42,  # whole TrueType outlines: publishers refuse Type 3
    "svg.fonttype": "none",  # text stays text, to be searched and edited
    "svg.hashsalt": "arena",
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "font.size": 9,
}


class FigureFormat(StrEnum):
    """Formats of a drawn figure."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


def draw(content: FigureContent, kind: FigureFormat, style: FigureStyle | None = None) -> bytes:
    """Return the file. Names that no font can draw appear as their catalog keys.

    One at a time: matplotlib's fonts and settings are shared by the whole process.
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


def figure_of_content(content: FigureContent, style: FigureStyle) -> Figure:
    """Return the figure, as wide as its style says and as high as it needs."""
    return _Sheet(content, style).drawn()


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
        one_wide = style.width is FigureWidth.TWO and not self._several
        self._layout = WIDE if one_wide else compact(content.panels)
        self._across = 2 if style.width is FigureWidth.TWO and self._several else 1
        most = int(_CAPTION_COLUMNS * (style.width.inches - 0.2))
        notes = content.caption if style.notes else ()
        subtitle = drawable((content.subtitle, "win:loss rate without ties"))
        wanted = wrapped(subtitle, int(_SUBTITLE_COLUMNS * style.width.inches))
        self._subtitle = wanted if style.titles else []
        one_title = style.titles and not self._several
        above = _HEADING * one_title + _SUBTITLE * len(self._subtitle)
        self._legend_top = above + (0.12 if style.titles else 0.08)
        self._notes = [line for text in notes for line in wrapped(text, most)]
        self._places = self._placed()
        end = max(place.top + self._high(place.panel) for place in self._places)
        self._height = end + _LINE * len(self._notes) + 0.08 * bool(self._notes)

    def drawn(self) -> Figure:
        """Return the figure."""
        size = (self._style.width.inches, self._height)
        figure = Figure(figsize=size, facecolor="white")
        self._head(figure)
        for place in self._places:
            self._panel(figure, place)
        for number, line in enumerate(reversed(self._notes)):
            self._write(
                figure, 0.1, self._height - 0.06 - _LINE * number, line, size=SMALL, va="bottom"
            )
        return figure

    def _high(self, panel: FigurePanel) -> float:
        """Return the inches of a panel with the scale below it, and its heading among others."""
        return _HEADING * self._several + self._layout.row * len(panel.bars) + _TICKS

    def _placed(self) -> list[_Place]:
        width = (self._style.width.inches - _GUTTER * (self._across - 1)) / self._across
        places, top = [], self._legend_top + _LEGEND
        for start in range(0, len(self._content.panels), self._across):
            row = self._content.panels[start : start + self._across]
            places += [
                _Place(panel, number * (width + _GUTTER), top, width)
                for number, panel in enumerate(row)
            ]
            top += max(map(self._high, row))
        return places

    def _panel(self, figure: Figure, place: _Place) -> None:
        if self._several:
            self._title(figure, place.panel, place.left, place.top + _HEADING / 2, place.width)
        before, after = margins(place.panel, self._layout)
        high = self._layout.row * len(place.panel.bars)
        bottom = self._height - place.top - _HEADING * self._several - high
        wide = self._style.width.inches
        axes = figure.add_axes(
            (
                (place.left + before) / wide,
                bottom / self._height,
                (place.width - before - after) / wide,
                high / self._height,
            )
        )
        palette = GREY if self._style.grey else COLOUR
        draw_panel(axes, place.panel, self._content, self._layout, palette)

    def _title(
        self, figure: Figure, panel: FigurePanel, left: float, down: float, width: float
    ) -> None:
        words = drawable((panel.title, panel.key))
        title = cut(words, int(_HEADING_COLUMNS * width))
        self._write(figure, left + 0.1, down, title, size=11, weight="bold", color=INK)

    def _head(self, figure: Figure) -> None:
        """Write what is shown, and the legend below it."""
        wide = self._style.width.inches
        if self._style.titles and not self._several:
            self._title(figure, self._content.panels[0], 0, 0.18, wide)
        for number, line in enumerate(self._subtitle):
            down = self._legend_top - 0.05 - _SUBTITLE * (len(self._subtitle) - number - 0.5)
            self._write(figure, 0.1, down, line, size=8)
        figure.legend(
            handles=self._entries(),
            loc="upper left",
            bbox_to_anchor=(0.1 / wide, 1 - self._legend_top / self._height),
            ncols=3,
            frameon=False,
            fontsize=7.5,
            handlelength=1.1,
            columnspacing=1.2,
            borderpad=0,
            borderaxespad=0,
        )

    def _entries(self) -> list[Patch | Line2D]:
        palette = GREY if self._style.grey else COLOUR
        entries: list[Patch | Line2D] = [
            Patch(color=palette.win, label=drawable((self._content.win, "win"))),
            Patch(color=palette.lose, label=drawable((self._content.lose, "lose"))),
        ]
        bars = (bar for panel in self._content.panels for bar in panel.bars)
        if any(bar.found and bar.found.interval for bar in bars):
            label = drawable((self._content.whisker, "95 % interval"))
            entries.append(Line2D([], [], color=INK, linewidth=1.3, label=label))
        return entries

    def _write(self, figure: Figure, left: float, down: float, text: str, **style: Any) -> None:
        """Write text at a place in inches from the upper left corner."""
        x, y = left / self._style.width.inches, 1 - down / self._height
        figure.text(x, y, drawable((text,)), **{"color": QUIET, "va": "center", **style})
