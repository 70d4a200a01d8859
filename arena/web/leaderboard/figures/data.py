"""The numbers of a figure as CSV, a row for each bar."""

import csv
from io import StringIO

from arena.services.exports.formats import guarded
from arena.statistics.clustered_rates import ClusteredRate
from arena.web.leaderboard.figures.content import FigureBar, FigureContent

_COLUMNS = (
    *("model", "model_name", "opponent", "opponent_name", "wins", "losses", "ties", "both_bad"),
    *("rate", "low", "high", "interval", "holds", "deff", "annotators", "prompts", "state"),
    *("shown_first", "sides", "p_value", "p_holm", "told_apart", "note"),
)


def figure_data(content: FigureContent) -> bytes:
    """Return the CSV in UTF-8; shares from 0 to 1, empty where there is no number.

    `note` repeats the caption.
    """
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    note = guarded(" / ".join(content.caption))
    for panel in content.panels:
        ours = (guarded(panel.key), guarded(panel.title))
        for bar in panel.bars:
            writer.writerow((*ours, guarded(bar.key), guarded(bar.name), *_numbers(bar), note))
    return file.getvalue().encode()


def _numbers(bar: FigureBar) -> tuple[object, ...]:
    record, found = bar.record, bar.found
    counts = (record.wins, record.losses, record.ties, record.both_bad)
    interval = found.interval if found else None
    return (
        *counts,
        record.rate,
        interval.low if interval else None,
        interval.high if interval else None,
        interval.method if interval else None,
        found.label if found else None,
        found.deff if found else None,
        found.annotators if found else None,
        found.prompts if found else None,
        bar.state.value if bar.state else None,
        *_verdict(found),
    )


def _verdict(found: ClusteredRate | None) -> tuple[object, ...]:
    """Return the value as the export of pairs has it."""
    if found is None:
        return (None,) * 5
    adjusted, apart = found.adjusted, "true" if found.is_significant else "false"
    sides = found.sides.value if found.sides else None
    if adjusted is None:
        return (found.earlier, sides, None, None, apart)
    return (found.earlier, sides, found.p, adjusted.p, apart)
