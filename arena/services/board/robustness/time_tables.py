"""Change over time as tables: drifts, and rates by week."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

from arena.domain.conversation import ModelKey
from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable, headings
from arena.statistics.over_time import Drift, OverTime, Week

_EPOCH = date(1970, 1, 1)
_DRIFTS = headings(
    model=ValueKind.MODEL,
    answered=ValueKind.WORD,
    drift=ValueKind.CHANGE,
    drift_p=ValueKind.P_VALUE,
)
_WEEKS = headings(
    week=ValueKind.DAY,
    model=ValueKind.MODEL,
    wins=ValueKind.COUNT,
    losses=ValueKind.COUNT,
    rate=ValueKind.RATE,
)


def time_tables(found: OverTime, remote: Collection[ModelKey]) -> Iterator[ValueTable]:
    """Yield the drift of every model, the largest first, and wins by week, newest first."""
    drifts = sorted(found.drifts, key=lambda one: (-abs(one.change), one.model))
    yield ValueTable(
        "drift", _DRIFTS, tuple(_drift(one, remote) for one in drifts), tuple(_notes(found))
    )
    rows = (row for week in reversed(found.weeks) for row in _week(week))
    yield ValueTable("weeks", _WEEKS, tuple(rows), ())


def _notes(found: OverTime) -> Iterator[Note]:
    if not found.drifts:
        yield Note("drift_unknown", {})
        return
    changed = [one for one in found.drifts if one.is_significant]
    if not changed:
        yield Note("drift_none", {"weeks": len(found.weeks)})
    for one in changed:
        yield Note("drift_found", {"first": one.model, "drift_elo": one.change, "p": one.p})


def _drift(found: Drift, remote: Collection[ModelKey]) -> tuple[Any, ...]:
    answered = "remote" if found.model in remote else "here"
    return (found.model, answered, Estimate(found.change, found.bounds), found.p)


def _week(week: Week) -> Iterator[tuple[Any, ...]]:
    monday = _EPOCH + timedelta(days=week.monday)
    for model, rate in sorted(week.rates.items()):
        record = rate.record
        if record.decisive:
            counts = (record.wins, record.losses)
            yield (monday.isoformat(), model, *counts, Estimate(rate.rate, rate.interval))
