"""Small charts of win rates by week, one for each model."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.over_time import Week
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import count, percent
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView, Texts

WIDTH: Final = 200
HEIGHT: Final = 60
_EDGE: Final = 6
_EPOCH: Final = date(1970, 1, 1)


class _Mark(NamedTuple):
    """A week of a model; `whisker` are the upper and lower end of its interval, if it has one."""

    x: float
    y: float
    whisker: tuple[float, float] | None


class _Chart(NamedTuple):
    """The weeks of a model with decisive votes, oldest first, also in words."""

    name: str
    marks: Sequence[_Mark]
    line: str
    spoken: str


def week_charts(view: BoardView, weeks: Sequence[Week]) -> Markup:
    """Return a chart for each model, best first; nothing for a single week, which is no course."""
    if len(weeks) < 2:
        return NOTHING
    charts = [_chart(view, one.model, weeks) for one in view.board.best_first if one.pooled.total]
    return rendered(
        "weeks",
        charts=[chart for chart in charts if chart.marks],
        width=WIDTH,
        height=HEIGHT,
        middle=_height(0.5),
        first=_day(weeks[0].monday),
        last=_day(weeks[-1].monday),
        texts=view.texts,
    )


def _chart(view: BoardView, model: ModelKey, weeks: Sequence[Week]) -> _Chart:
    known = [(week, week.rates[model]) for week in weeks if model in week.rates]
    voted = [(week, found) for week, found in known if found.record.decisive]
    marks = [_mark(_place(week, weeks), found) for week, found in voted]
    return _Chart(
        name=view.name(model),
        marks=marks,
        line=" ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks),
        spoken=_spoken(view.board, model, voted, view.texts),
    )


def _place(week: Week, weeks: Sequence[Week]) -> float:
    """Return where a week stands: weeks without a vote have their room too."""
    first, last = weeks[0].monday, weeks[-1].monday
    return _EDGE + (WIDTH - 2 * _EDGE) * (week.monday - first) / (last - first)


def _mark(x: float, found: ClusteredRate) -> _Mark:
    interval = found.interval
    whisker = (_height(interval.high), _height(interval.low)) if interval else None
    return _Mark(x, _height(found.record.rate or 0.0), whisker)


def _height(rate: float) -> float:
    return _EDGE + (HEIGHT - 2 * _EDGE) * (1 - rate)


def _spoken(
    board: Board, model: ModelKey, voted: Sequence[tuple[Week, ClusteredRate]], texts: Texts
) -> str:
    """Return the first and the last week in words."""
    if not voted:
        return ""
    (first, before), (last, after) = voted[0], voted[-1]
    return texts["leaderboard.time.chart"].format(
        model=board.names.get(model, model),
        weeks=count(len(voted)),
        first=_day(first.monday),
        before=percent(before.record.rate),
        last=_day(last.monday),
        after=percent(after.record.rate),
    )


def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()
