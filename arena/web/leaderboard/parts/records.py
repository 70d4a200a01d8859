"""Cells that say what was counted, and how sure the rate is: the same for pairs and for models."""

from markupsafe import Markup

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Record, State
from arena.web.leaderboard.parts.numbers import (
    A_NUMBER,
    AN_INTERVAL,
    bounds,
    count,
    marked_bounds,
    percent,
    state_mark,
    waiting,
)
from arena.web.leaderboard.parts.table import Cell, figure_cell
from arena.web.leaderboard.view import BoardView

COUNTED = ("wins", "losses", "ties", "both_bad", "tie_rate", "decisive")
"""Columns of `counted`."""
CLUSTERS = ("annotators", "prompts", "state")
"""Columns of `clusters`."""

_ORDER = {None: -1, State.TOO_FEW: 0, State.PRELIMINARY: 1, State.ESTABLISHED: 2}


def rate_cell(rate: float | None) -> Cell:
    """Return a rate alone; its interval goes beside it."""
    return figure_cell(percent(rate), rate)


def interval_cell(found: ClusteredRate | None, view: BoardView) -> Cell:
    """Return an honest interval, or none: a naive one never takes its place."""
    if found is None:
        return Cell(waiting(view, AN_INTERVAL))
    if found.interval is None:
        return figure_cell(bounds(None))
    html = Markup('<span title="{}">{}</span>').format(
        method(found, view), marked_bounds(found, view.texts)
    )
    return Cell(html, found.interval.half_width)


def method(found: ClusteredRate, view: BoardView) -> str:
    """Return how an interval was computed, and for whom it holds."""
    return view.texts["leaderboard.method"].format(
        scope=view.texts[f"leaderboard.scope_of.{found.scope.name.lower()}"],
        deff=f"{found.deff:.1f}",
        effective=count(round(found.effective or 0)),
    )


def counted(record: Record) -> tuple[Cell, ...]:
    """Return W, L, T, both bad, tie rate and decisive votes."""
    numbers = (record.wins, record.losses, record.ties, record.both_bad)
    return (
        *(figure_cell(count(number), number) for number in numbers),
        figure_cell(percent(record.tie_rate), record.tie_rate),
        figure_cell(count(record.decisive), record.decisive),
    )


def clusters(record: Record, found: ClusteredRate | None, view: BoardView) -> tuple[Cell, ...]:
    """Return annotators, prompts and state."""
    state = view.state(record, found)
    shown = Cell(state_mark(state, view), _ORDER[state])
    if found is None:
        return (*[Cell(waiting(view, A_NUMBER))] * 2, shown)
    numbers = (found.annotators, found.prompts)
    return (*(figure_cell(count(number), number) for number in numbers), shown)
