"""One model's bars: wide, with names on the left, or compact, with names above them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from matplotlib.axes import Axes

from arena.statistics.win_rate import State
from arena.web.leaderboard.figures.content import FigureBar, FigureContent, FigurePanel
from arena.web.leaderboard.figures.fonts import drawable
from arena.web.leaderboard.figures.letters import columns, cut
from arena.web.leaderboard.parts.numbers import count, whole_percents

INK, QUIET, EMPTY = "#1a1d24", "#5b6472", "#eceef2"
SMALL: Final = 7.0
"""Points of the smallest text: journals ask for no less in print."""

MANY: Final = 24
"""Rows from which on a figure is set dense, to fit on a page."""
_ABOVE, _BELOW = 0.027, 0.072  # inches from a bar's middle: numbers and whiskers do not meet
_NAMES: Final = 38  # columns of letters
_LETTER = 0.077  # inches, at the size of names beside bars
_GAP: Final = 5.0  # points
_BESIDE: Final = 0.064  # inches, at the size of what stands beside bars
_NAME_ABOVE: Final = 0.062  # inches of a letter, at the size of names above bars
_TICKS: Final = {0: "0", 25: "25", 50: "50", 75: "75", 100: "100 %"}
_FEW_TICKS: Final = {0: "0 %", 50: "50", 100: "100"}
_BRIEF_NAMES: Final = 22
_DENSE_LETTER: Final = 0.06  # inches, of names and of what stands beside bars
_SMALL_LETTER: Final = 0.056  # inches, at the smallest size


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of the two parts of a bar; faint ones where there are too few votes."""

    win: str
    lose: str
    faint_win: str
    faint_lose: str


COLOUR: Final = Palette("#1f5fa8", "#f0b44c", "#b1c7e0", "#fae4c0")
GREY: Final = Palette("#4d4d4d", "#c4c4c4", "#a9a9a9", "#e6e6e6")


@dataclass(frozen=True, slots=True)
class Layout:
    """Inches: `row` of each bar from the one before, `middle` of a bar below its row's top.

    A `dense` one is a page of many models: its text is of the smallest size and the rate stands
    beside the bar, which is too thin for numbers; `brief`, no more than that and how many votes.
    """

    row: float
    middle: float
    names_above: bool = False
    bar: float = 0.216
    dense: bool = False
    brief: bool = False


WIDE: Final = Layout(row=0.3, middle=0.15)
COMPACT: Final = Layout(row=0.44, middle=0.29, names_above=True)
DENSE: Final = Layout(row=0.13, middle=0.065, bar=0.095, dense=True)
BRIEF: Final = replace(DENSE, brief=True)
_COMPACT_NOTED: Final = replace(COMPACT, row=0.58)
"""With room for what limits an interval, below its bar."""


def compact(panels: Iterable[FigurePanel]) -> Layout:
    """Return the layout with names above the bars that these panels need."""
    noted = any(bar.few for panel in panels for bar in panel.bars)
    return _COMPACT_NOTED if noted else COMPACT


def many(panel: FigurePanel, *, narrow: bool) -> Layout | None:
    """Return the layout of a panel that would be higher than a page; None of any other."""
    if len(panel.bars) <= MANY:
        return None
    return BRIEF if narrow else DENSE


def margins(panel: FigurePanel, layout: Layout) -> tuple[float, float]:
    """Return the inches on both sides of the bars, for names and for what the rates are worth."""
    if layout.names_above:
        return 0.1, 0.1
    most = _BRIEF_NAMES if layout.brief else _NAMES
    names = max(columns(cut(name_of(bar), most)) for bar in panel.bars)
    if layout.dense:
        worth = max(columns(_in_one_line(bar, layout)) for bar in panel.bars)
        return 0.15 + _DENSE_LETTER * names, 0.12 + _DENSE_LETTER * worth
    worth = max(max(columns(_worth(bar)), columns(bar.few)) for bar in panel.bars)
    return 0.2 + _LETTER * names, 0.15 + _BESIDE * worth


def draw_panel(
    axes: Axes, panel: FigurePanel, content: FigureContent, layout: Layout, palette: Palette
) -> None:
    """Draw the bars into axes that are as high as the rows of the layout."""
    _frame(axes, len(panel.bars) * layout.row, _FEW_TICKS if layout.dense else _TICKS)
    for number, bar in enumerate(panel.bars):
        top = number * layout.row
        _label(axes, bar, top, layout)
        _bar(axes, bar, top + layout.middle, content, palette, layout)


def name_of(bar: FigureBar) -> str:
    """Return the opponent's name as it can be drawn."""
    return drawable((bar.name, bar.key))


def _frame(axes: Axes, height: float, ticks: Mapping[int, str]) -> None:
    axes.set_xlim(0, 100)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="x", length=0, labelsize=7.5, labelcolor=QUIET)
    first, *_, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _label(axes: Axes, bar: FigureBar, top: float, layout: Layout) -> None:
    """Write the name and what the rate is worth, beside the bar or above it."""
    if layout.names_above:
        _label_above(axes, bar, top, layout)
        return
    if layout.dense:
        _label_dense(axes, bar, top + layout.middle, layout)
        return
    middle, few = top + layout.middle, drawable((bar.few,))
    lift = 0.05 if few else 0.0
    write_beside(axes, 0, middle, cut(name_of(bar), _NAMES), away=-_GAP, size=9, color=INK)
    write_beside(axes, 100, middle - lift, _worth(bar), away=_GAP, size=7.5)
    write_beside(axes, 100, middle + 0.07, few, away=_GAP, size=SMALL)


def write_beside(axes: Axes, x: float, y: float, text: str, *, away: float, **style: Any) -> None:
    """Write text so many points to the right of a place, or to the left of it.

    Spaces would do that in a PDF only: in an SVG, those at the ends of a text take no room.
    """
    axes.annotate(
        text,
        (x, y),
        xytext=(away, 0),
        textcoords="offset points",
        ha="left" if away > 0 else "right",
        va="center",
        **{"color": QUIET, **style},
    )


def _label_above(axes: Axes, bar: FigureBar, top: float, layout: Layout) -> None:
    worth, few = _worth(bar), drawable((bar.few,))
    width = axes.get_window_extent().width / axes.figure.dpi
    room = int((width - _SMALL_LETTER * columns(worth)) / _NAME_ABOVE) - 1
    above, below = top + 0.1, top + layout.middle + layout.bar / 2 + 0.075
    axes.text(0, above, cut(name_of(bar), max(room, 8)), va="center", size=8, color=INK)
    axes.text(100, above, worth, ha="right", va="center", size=SMALL, color=QUIET)
    axes.text(100, below, few, ha="right", va="center", size=SMALL, color=QUIET)


def _label_dense(axes: Axes, bar: FigureBar, middle: float, layout: Layout) -> None:
    name = cut(name_of(bar), _BRIEF_NAMES if layout.brief else _NAMES)
    write_beside(axes, 0, middle, name, away=-3, size=SMALL, color=INK)
    write_beside(axes, 100, middle, _in_one_line(bar, layout), away=3, size=SMALL)


def _bar(
    axes: Axes,
    bar: FigureBar,
    middle: float,
    content: FigureContent,
    palette: Palette,
    layout: Layout,
) -> None:
    rate, faint, high = bar.record.rate, bar.state is State.TOO_FEW, layout.bar
    if rate is None:
        nothing = drawable((content.nothing, "no decisive comparisons"))
        axes.barh(middle, 100, high, color=EMPTY)
        size = SMALL if layout.dense else 8
        axes.text(1.5, middle, nothing, va="center", size=size, color=QUIET)
        return
    if rate > 0:
        axes.barh(middle, 100 * rate, high, color=palette.faint_win if faint else palette.win)
    if rate < 1:
        colour = palette.faint_lose if faint else palette.lose
        axes.barh(middle, 100 - 100 * rate, high, 100 * rate, color=colour)
    axes.plot([50, 50], [middle - high / 2, middle + high / 2], color="white", **_MIDDLE_LINE)
    if layout.dense:
        _whisker(axes, bar, middle)
        return
    _numbers(axes, bar, middle, on_win=INK if faint else "white")
    _whisker(axes, bar, middle + _BELOW)


def _numbers(axes: Axes, bar: FigureBar, middle: float, *, on_win: str) -> None:
    win, lose = whole_percents(bar.record)
    if bar.record.rate:
        _number(axes, middle, win, left=True, color=on_win)
    if bar.record.rate != 1:
        _number(axes, middle, lose, left=False, color=INK)


_MIDDLE_LINE: Any = {"linewidth": 1.1, "linestyle": (0, (3, 2)), "zorder": 3}


def _number(axes: Axes, middle: float, number: int, *, left: bool, color: str) -> None:
    """Write the share of a part, above the line that whiskers are on."""
    axes.text(
        1.5 if left else 98.5,
        middle - _ABOVE,
        str(number),
        ha="left" if left else "right",
        va="center",
        size=8,
        weight="bold",
        color=color,
        zorder=5,
    )


def _whisker(axes: Axes, bar: FigureBar, height: float) -> None:
    if bar.found is None or bar.found.interval is None:
        return
    ends = [100 * bar.found.interval.low, 100 * bar.found.interval.high]
    for color, width in (("white", 2.8), (INK, 1.2)):
        axes.plot(ends, [height] * 2, color=color, linewidth=width, zorder=4)
        axes.plot(ends, [height] * 2, "|", color=color, ms=4.5, mew=width, zorder=4)


def _in_one_line(bar: FigureBar, layout: Layout) -> str:
    """Return the rate with what it is worth, for a row without room for a number in its bar."""
    rate = "" if bar.record.rate is None else f"{whole_percents(bar.record)[0]} %"
    if layout.brief:
        return f"{rate}  n = {count(bar.record.decisive)} {drawable((bar.marks,))}".strip()
    return f"{rate}  {_worth(bar)} {drawable((bar.marks,))}".strip()


def _worth(bar: FigureBar) -> str:
    words = drawable((bar.worth, bar.state.value if bar.state else ""))
    return f"n = {count(bar.record.decisive)}  {words}".rstrip()
