"""The figure of WizardLM-2: a stacked bar win | lose for each opponent, with what it is worth."""

from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair, PairResult, Record, State
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import (
    amount,
    bounds,
    count,
    short_caveats,
    state_mark,
    whole_percents,
)
from arena.web.leaderboard.parts.table import Cell
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

_LINE = Markup('<i style="left:{:.2f}%;width:{:.2f}%"></i>')


class _Side(NamedTuple):
    """One part of a bar, `width` in percent."""

    kind: str
    width: float
    label: int


@dataclass(frozen=True, slots=True)
class _Bar:
    """A row of the figure; without a decisive vote it has no sides.

    `whisker` is the left end and the width of the interval, in percent of the bar.
    """

    opponent: str
    address: str
    spoken: str
    sides: tuple[_Side, ...]
    whisker: tuple[float, float] | None
    decisive: str
    state: Markup
    caveats: str
    faint: bool


def bars(view: BoardView, pairs: tuple[PairResult, ...]) -> Markup:
    """Return the bars in the order of the pairs, and a legend."""
    shown = [_bar(view, pair) for pair in pairs]
    return rendered("bars", bars=shown, pending=view.pending, texts=view.texts)


def bar_cell(record: Record, found: ClusteredRate | None) -> Cell:
    """Return the bar of a row, with its whisker and the line at one half; numbers stand beside."""
    if record.rate is None:
        return Cell(Markup('<span class="lb-rate-bar lb-empty-bar"></span>'))
    ends = _whisker(found)
    return Cell(
        Markup(
            '<span class="lb-rate-bar" aria-hidden="true"><b style="width:{:.2f}%"></b>{}<u></u>'
            "</span>"
        ).format(100 * record.rate, _LINE.format(*ends) if ends else NOTHING),
        record.rate,
    )


def _bar(view: BoardView, pair: PairResult) -> _Bar:
    record, found = pair.record, view.pair(Pair(pair.model, pair.opponent))
    state = view.state(record, found)
    return _Bar(
        opponent=view.name(pair.opponent),
        address=view.query.seen_from(pair.opponent).address,
        spoken=_spoken(view, pair, found),
        sides=_sides(record),
        whisker=_whisker(found) if record.decisive else None,
        decisive=count(record.decisive),
        state=state_mark(state, view),
        caveats=short_caveats(found, view.texts),
        faint=state is State.TOO_FEW,
    )


def _sides(record: Record) -> tuple[_Side, ...]:
    if record.rate is None:
        return ()
    win, lose = whole_percents(record)
    sides = (_Side("win", 100 * record.rate, win), _Side("lose", 100 - 100 * record.rate, lose))
    return tuple(side for side in sides if side.width)


def _whisker(found: ClusteredRate | None) -> tuple[float, float] | None:
    if found is None or found.interval is None:
        return None
    low, high = 100 * found.interval.low, 100 * found.interval.high
    return low, high - low


def _spoken(view: BoardView, pair: PairResult, found: ClusteredRate | None) -> str:
    texts, record = view.texts, pair.record
    opponent = view.name(pair.opponent)
    if record.rate is None:
        return texts["leaderboard.bar_empty"].format(opponent=opponent)
    win, lose = whole_percents(record)
    said = texts["leaderboard.bar"].format(
        opponent=opponent, win=win, lose=lose, decisive=amount("decisive", record.decisive, texts)
    )
    if found is None or found.interval is None:
        return said
    interval = texts["leaderboard.bar_interval"].format(bounds=bounds(found.interval))
    return texts["leaderboard.list_separator"].join((said, interval))
