"""Draws a figure as SVG, PNG or PDF: a light page for print, whatever theme the browser has."""

from collections.abc import Sequence
from enum import StrEnum
from io import BytesIO
from typing import Any
from unicodedata import east_asian_width

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from arena.statistics.win_rate import State
from arena.web.leaderboard.figures.content import FigureBar, FigureContent
from arena.web.leaderboard.figures.fonts import drawable, families
from arena.web.leaderboard.parts.numbers import count, whole_percents

WIN, LOSE, INK, QUIET = "#1f5fa8", "#f0b44c", "#1a1d24", "#5b6472"
FAINT_WIN, FAINT_LOSE = "#b1c7e0", "#fae4c0"
_WIDTH, _ROW, _TOP, _BOTTOM, _LINE = 7.2, 0.3, 0.88, 0.4, 0.17  # inches
_NAME_COLUMNS, _CAPTION_COLUMNS = 38, 104  # of letters, two for a Chinese one
_ABOVE, _BELOW = 0.09, 0.24  # of a row, from its middle: numbers and whiskers do not meet
_LETTER = 0.077  # inches, at the size of names
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


def draw(content: FigureContent, kind: FigureFormat) -> bytes:
    """Return the file. Names that no font can draw appear as their catalog keys.

    One at a time: matplotlib's fonts and settings are shared by the whole process.
    """
    with mpl.rc_context({**_SETTINGS, "font.family": list(families())}):
        figure = _figure(content)
        file = BytesIO()
        figure.savefig(file, format=kind.value, dpi=300, metadata=_undated(kind))
        return file.getvalue()


def _undated(kind: FigureFormat) -> dict[str, Any]:
    """Return metadata without a date, which the caption has: same votes, same file."""
    if kind is FigureFormat.PDF:
        return {"CreationDate": None}
    return {"Date": None} if kind is FigureFormat.SVG else {}


def _figure(content: FigureContent) -> Figure:
    caption = [line for text in content.caption for line in _wrapped(text, _CAPTION_COLUMNS)]
    body = _ROW * len(content.bars)
    height = _TOP + body + _BOTTOM + _LINE * len(caption)
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    names = [_cut(drawable((bar.name, bar.key)), _NAME_COLUMNS) for bar in content.bars]
    left = 0.2 + _LETTER * max(map(_columns, names))
    right = 0.15 + max(_room(bar) for bar in content.bars)
    bottom = (_BOTTOM + _LINE * len(caption)) / height
    size = (left / _WIDTH, bottom, (_WIDTH - left - right) / _WIDTH, body / height)
    axes = figure.add_axes(size)
    _frame(axes, names)
    for place, bar in enumerate(content.bars):
        _bar(axes, place, bar, content)
    _heading(figure, content, height)
    for number, line in enumerate(reversed(caption)):
        _write(figure, 0.1, 0.1 + _LINE * number, line, height, size=7.5, color=QUIET)
    return figure


def _room(bar: FigureBar) -> float:
    """Return the inches for what stands to the right of a bar."""
    return max(0.067 * _columns(_worth(bar)), 0.056 * _columns(bar.few))


def _frame(axes: Axes, names: Sequence[str]) -> None:
    axes.set_xlim(0, 100)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100 %"])
    axes.tick_params(length=0, labelcolor=INK)
    axes.tick_params(axis="x", labelsize=7.5, labelcolor=QUIET)
    axes.axvline(50, color="white", linewidth=1.1, linestyle=(0, (3, 2)), zorder=3)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _bar(axes: Axes, place: int, bar: FigureBar, content: FigureContent) -> None:
    rate, worth = bar.record.rate, f"  {_worth(bar)}"
    few = drawable((bar.few,))
    lift = 0.15 if few else 0.0
    axes.text(100, place - lift, worth, va="center", size=7.5, color=QUIET)
    axes.text(100, place + 0.2, f"  {few}", va="center", size=6.5, color=QUIET)
    if rate is None:
        nothing = drawable((content.nothing, "no decisive comparisons"))
        axes.barh(place, 100, 0.72, color="#eceef2")
        axes.text(1.5, place, nothing, va="center", size=8, color=QUIET)
        return
    faint, (win, lose) = bar.state is State.TOO_FEW, whole_percents(bar.record)
    if rate > 0:
        _side(axes, place, (0.0, 100 * rate), win, FAINT_WIN if faint else WIN)
    if rate < 1:
        _side(axes, place, (100 * rate, 100.0), lose, FAINT_LOSE if faint else LOSE)
    _whisker(axes, place, bar)


def _side(axes: Axes, place: int, ends: tuple[float, float], label: int, color: str) -> None:
    """Draw one part of a bar, with its number above the line that whiskers are on."""
    start, end = ends
    axes.barh(place, end - start, 0.72, start, color=color, linewidth=0)
    left = start == 0 and color in (WIN, FAINT_WIN)
    axes.text(
        1.5 if left else 98.5,
        place - _ABOVE,
        str(label),
        ha="left" if left else "right",
        va="center",
        size=8,
        weight="bold",
        color="white" if color == WIN else INK,
        zorder=5,
    )


def _whisker(axes: Axes, place: int, bar: FigureBar) -> None:
    if bar.found is None or bar.found.interval is None:
        return
    ends = [100 * bar.found.interval.low, 100 * bar.found.interval.high]
    line = [place + _BELOW] * 2
    for color, width in (("white", 2.8), (INK, 1.2)):
        axes.plot(ends, line, color=color, linewidth=width, zorder=4)
        axes.plot(ends, line, "|", color=color, ms=4.5, mew=width, zorder=4)


def _worth(bar: FigureBar) -> str:
    words = drawable((bar.worth, bar.state.value if bar.state else ""))
    return f"n = {count(bar.record.decisive)}  {words}".rstrip()


def _heading(figure: Figure, content: FigureContent, height: float) -> None:
    title = _cut(drawable((content.title, content.key)), 60)
    subtitle = drawable((content.subtitle, "win:loss rate without ties"))
    _write(figure, 0.1, height - 0.28, title, height, size=12, weight="bold")
    _write(figure, 0.1, height - 0.5, subtitle, height, size=8.5, color=QUIET)
    entries: list[Patch | Line2D] = [
        Patch(color=WIN, label=drawable((content.win, "win"))),
        Patch(color=LOSE, label=drawable((content.lose, "lose"))),
    ]
    if any(bar.found and bar.found.interval for bar in content.bars):
        label = drawable((content.whisker, "95 % interval"))
        entries.append(Line2D([], [], color=INK, linewidth=1.3, label=label))
    figure.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(0.1 / _WIDTH, 1 - 0.6 / height),
        ncols=3,
        frameon=False,
        fontsize=8,
        handlelength=1.1,
        borderpad=0,
        borderaxespad=0,
    )


def _write(figure: Figure, x: float, y: float, text: str, height: float, **style: Any) -> None:
    """Draw text at a place in inches from the lower left corner."""
    figure.text(x / _WIDTH, y / height, drawable((text,)), **{"color": INK, **style})


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(text: str, most: int) -> str:
    if _columns(text) <= most:
        return text
    kept = text
    while _columns(kept) >= most:
        kept = kept[:-1]
    return f"{kept}…"


def _wrapped(text: str, most: int) -> list[str]:
    """Return lines of whole words, or of letters where a text has no spaces."""
    lines, line = [], ""
    for word in text.split(" "):
        pieces = [word[i : i + most // 2] for i in range(0, len(word), most // 2)] or [""]
        for number, piece in enumerate(pieces):
            joined = f"{line} {piece}" if number == 0 and line else line + piece
            if _columns(joined) > most:
                lines.append(line)
                joined = piece
            line = joined
    return [*lines, line]
