"""Two frozen boards side by side: ranks, rates, and how far they moved."""

from collections.abc import Mapping
from typing import Any

from arena.services.board.snapshots.reading import BoardSnapshot
from arena.services.board.snapshots.tables import best_first, rank_of, rate_of, ratings_of
from arena.services.board.value_tables import Estimate, Note, ValueKind, ValueTable, headings
from arena.statistics.rate_changes import CountedRate, change_bounds

_COMPARED = headings(
    model=ValueKind.MODEL,
    earlier_rank=ValueKind.RANK,
    later_rank=ValueKind.RANK,
    earlier_rate=ValueKind.RATE,
    later_rate=ValueKind.RATE,
    rate_change=ValueKind.RATE_CHANGE,
    votes_added=ValueKind.COUNT,
)

_Rows = Mapping[str, Mapping[str, Any]]


def comparison_table(earlier: BoardSnapshot, later: BoardSnapshot) -> ValueTable:
    """Return every model of both, best in the later one first.

    A change has an interval where the earlier votes are among the later ones: with the same limits.
    """
    same = earlier.head.limits == later.head.limits
    before, after = (_by_model(one) for one in (earlier, later))
    ranks = tuple(map(ratings_of, (earlier, later)))
    models = [*after, *(key for key in before if key not in after)]
    changes = {key: _change(before.get(key), after.get(key), nested=same) for key in models}
    rows = tuple(
        (
            key,
            *(rank_of(one.get(key, {})) for one in ranks),
            *(_rate(one, key) for one in (before, after)),
            *changes[key],
        )
        for key in models
    )
    known = any(change.bounds for change, _ in changes.values())
    notes = (_about_votes(earlier, later), Note(_about_changes(same=same, known=known), {}))
    return ValueTable("compared", _COMPARED, rows, notes)


def _by_model(snapshot: BoardSnapshot) -> _Rows:
    return {row["model"]: row for row in best_first(snapshot)}


def _rate(rows: _Rows, key: str) -> Estimate:
    return rate_of(rows[key], "pooled_rate", "pooled_") if key in rows else Estimate(None)


def _change(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, nested: bool
) -> tuple[Estimate, int | None]:
    if before is None or after is None:
        return Estimate(None), None
    if before["pooled_rate"] is None or after["pooled_rate"] is None:
        return Estimate(None), after["decisive"] - before["decisive"]
    bounds = change_bounds(_counted(before), _counted(after)) if nested else None
    change = after["pooled_rate"] - before["pooled_rate"]
    return Estimate(change, bounds), after["decisive"] - before["decisive"]


def _counted(row: Mapping[str, Any]) -> CountedRate:
    return CountedRate(
        wins=row["wins"],
        losses=row["losses"],
        deff=row["deff"],
        annotators=row["annotators"],
        prompts=row["prompts"],
    )


def _about_votes(earlier: BoardSnapshot, later: BoardSnapshot) -> Note:
    figures = {
        "earlier": earlier.head.number,
        "earlier_votes": earlier.head.votes,
        "later": later.head.number,
        "later_votes": later.head.votes,
    }
    return Note("compared_votes", figures)


def _about_changes(*, same: bool, known: bool) -> str:
    if not same:
        return "compared_limits"
    return "compared_intervals" if known else "compared_no_intervals"
