"""The numbers of a figure as CSV, a row for each bar, pair or rating."""

import csv
from collections.abc import Iterator
from io import StringIO

from arena.services.exports.formats import guarded
from arena.statistics.clustered_rates import ClusteredRate
from arena.web.leaderboard.figures.content import FigureBar, FigureContent, FigurePanel
from arena.web.leaderboard.figures.ratings import RatingRow, RatingsContent
from arena.web.leaderboard.figures.subjects import AnyContent

_COLUMNS = (
    *("model", "model_name", "opponent", "opponent_name", "wins", "losses", "ties", "both_bad"),
    *("rate", "low", "high", "interval", "holds", "deff", "annotators", "prompts", "state"),
    *("shown_first", "sides", "p_value", "p_holm", "told_apart", "note"),
)


_RATING_COLUMNS = (
    *("model", "model_name", "elo", "elo_low", "elo_high", "rank_best", "rank_worst"),
    *("decisive", "annotators", "prompts", "note"),
)


def figure_data(content: AnyContent) -> bytes:
    """Return the CSV in UTF-8; shares from 0 to 1, empty where there is no number.

    `note` repeats the caption. Where all models are shown together, `opponent` is empty.
    """
    file = StringIO()
    writer = csv.writer(file)
    note = guarded(" / ".join(content.caption))
    if isinstance(content, RatingsContent):
        writer.writerow(_RATING_COLUMNS)
        writer.writerows((*_rating(row), note) for row in content.rows)
    else:
        writer.writerow(_COLUMNS)
        writer.writerows((*row, note) for row in _rows(content))
    return file.getvalue().encode()


def _rows(content: FigureContent) -> Iterator[tuple[object, ...]]:
    for panel in content.panels:
        for bar in panel.bars:
            yield (*_names(panel, bar), *_numbers(bar))


def _names(panel: FigurePanel, bar: FigureBar) -> tuple[object, ...]:
    theirs = (guarded(bar.key), guarded(bar.name))
    if panel.key is None:
        return (*theirs, None, None)
    return (guarded(panel.key), guarded(panel.title), *theirs)


def _rating(row: RatingRow) -> tuple[object, ...]:
    rating = row.rating
    interval, rank = rating.interval, rating.rank
    return (
        guarded(rating.model),
        guarded(row.name),
        rating.elo,
        interval.low if interval else None,
        interval.high if interval else None,
        rank.best if rank else None,
        rank.worst if rank else None,
        rating.decisive,
        rating.annotators,
        rating.prompts,
    )


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
