"""Shares with their intervals, for the terminal and for documents."""

from typing import Any, Final

from arena.statistics.intervals import Interval

NONE: Final = "-"
"""Stands where there is no number."""


def percent(share: float | None) -> str:
    """`63.4 %`, or a dash where there is nothing to say."""
    return NONE if share is None else f"{100 * share:.1f} %"


def bounds(interval: Interval | None) -> str:
    """`52.1-73.0`, in percent, or a dash where there is no interval."""
    return f"{100 * interval.low:.1f}-{100 * interval.high:.1f}" if interval else NONE


def share_document(share: float | None, interval: Interval | None) -> dict[str, Any]:
    """Return a share and both ends of its interval, from 0 to 1; None where unknown."""
    return {
        "share": share,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
