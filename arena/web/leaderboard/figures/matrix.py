"""The figure of all pairs: the model of a row against that of each column."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from arena.statistics.win_rate import State
from arena.web.leaderboard.figure_style import FigureStyle, TooManyModelsError
from arena.web.leaderboard.figures.bars import palette_of
from arena.web.leaderboard.figures.content import FigureBar, FigureContent, FigurePanel
from arena.web.leaderboard.figures.fonts import drawable
from arena.web.leaderboard.figures.letters import columns, cut
from arena.web.leaderboard.figures.page import Page
from arena.web.leaderboard.figures.panel import GREY, INK, QUIET, SMALL, Palette, write_beside
from arena.web.leaderboard.parts.numbers import whole_percents

_LETTER: Final = 0.059  # inches, at the smallest size
_SMALLEST: Final = 0.12  # inches of a cell: names of neighbours do not meet
_LARGEST: Final = 0.34
_WITH_NUMBER: Final = 0.17  # inches of a cell that holds two figures
_NAMES: Final = 22  # columns of letters
_SHARE: Final = 0.32  # of the page that names take at most
_MIDDLE: Final = "#f2f1ee"
_SELF: Final = "#d9dde4"
_SUBTITLE: Final = "win rate of the row against the column, in percent, without ties"
_FEW: Final[Mapping[str, Any]] = {"hatch": "/////", "edgecolor": "#c9ced8", "linewidth": 0}


def matrix_figure(content: FigureContent, style: FigureStyle) -> Figure:
    """Return the figure; its cells are as large as the width allows.

    Raises:
        TooManyModelsError: They would be smaller than the letters of the names beside them.
    """
    page = Page(
        style,
        title=(content.title,),
        subtitle=(content.subtitle, _SUBTITLE),
        notes=content.caption,
    )
    names = _names(content.panels, int(_SHARE * page.width / _LETTER))
    room = _LETTER * max(map(columns, names)) + 0.1
    free = page.width - room - 0.2
    if len(names) > (most := int(free / _SMALLEST)):
        raise TooManyModelsError(len(names), most)
    cell = min(_LARGEST, free / len(names))
    side = cell * len(names)
    palette = palette_of(style)
    figure = page.figure(page.top + room + side + 0.1, _entries(content, palette))
    axes = page.axes(figure, 0.1 + room, page.top + room, side, side)
    _frame(axes, names)
    _draw(axes, content, palette, numbers=cell >= _WITH_NUMBER)
    return figure


def _names(panels: Sequence[FigurePanel], most: int) -> list[str]:
    return [cut(drawable((one.title, one.key or "")), min(most, _NAMES)) for one in panels]


def _frame(axes: Axes, names: Sequence[str]) -> None:
    number = len(names)
    axes.set_xlim(0, number)
    axes.set_ylim(number, 0)
    axes.set_xticks([])
    axes.set_yticks([])
    for place, name in enumerate(names):
        middle = place + 0.5
        write_beside(axes, 0, middle, name, away=-3, size=SMALL, color=INK)
        axes.annotate(
            name,
            (middle, 0),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            rotation=90,
            size=SMALL,
            color=INK,
        )
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw(axes: Axes, content: FigureContent, palette: Palette, *, numbers: bool) -> None:
    order = [panel.key for panel in content.panels]
    cells = {(panel.key, bar.key): bar for panel in content.panels for bar in panel.bars}
    for row, model in enumerate(order):
        for column, other in enumerate(order):
            bar = cells.get((model, other)) if other else None
            if model == other:
                _square(axes, row, column, _SELF)
            elif bar is not None:
                _cell(axes, (row, column), bar, palette, numbers=numbers)


def _cell(
    axes: Axes, place: tuple[int, int], bar: FigureBar, palette: Palette, *, numbers: bool
) -> None:
    rate, few = bar.record.rate, bar.state is State.TOO_FEW
    colour = "#ffffff" if rate is None or few else shade(rate, palette)
    _square(axes, *place, colour, hatch=_FEW if rate is None or few else None)
    if not numbers:
        return
    text = "·" if rate is None else str(whole_percents(bar.record)[0])
    dark = luminance(colour) < 0.35
    ink = "white" if dark else QUIET if few else INK
    row, column = place
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", size=SMALL, color=ink)


def _square(
    axes: Axes, row: int, column: int, colour: str, hatch: Mapping[str, Any] | None = None
) -> None:
    look = hatch or {"edgecolor": "white", "linewidth": 0.5}
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, **look))


def shade(rate: float, palette: Palette) -> str:
    """Return the colour of a rate: from that of losing over a pale middle to that of winning.

    Without colours it is from light to dark, or both ends would look alike.
    """
    if palette is GREY:
        return _mixed(palette.faint_lose, palette.win, rate)
    end = palette.win if rate > 0.5 else palette.lose
    return _mixed(_MIDDLE, end, abs(2 * rate - 1))


def _mixed(start: str, end: str, share: float) -> str:
    mixed = (
        round(255 * (share * one + (1 - share) * other))
        for one, other in zip(to_rgb(end), to_rgb(start), strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def luminance(colour: str) -> float:
    """Return how light a colour is, from 0 to 1, as the eye weighs its parts."""
    red, green, blue = to_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _entries(content: FigureContent, palette: Palette) -> Sequence[Artist]:
    return [
        Patch(color=palette.win, label=drawable((f"100 % {content.win}", "100 % win"))),
        Patch(color=shade(0, palette), label=drawable((f"100 % {content.lose}", "100 % lose"))),
        Patch(facecolor="white", **_FEW, label=drawable((content.few, "too few votes"))),
    ]
