"""Single annotators, for admins alone: the service gives nobody else any."""

from markupsafe import Markup

from arena.services.board.quality import AnnotatorReport, BoardQuality
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.sections import panel, paragraphs, stacked
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

_COLUMNS = (
    *(
        "annotator",
        "comparisons",
        "seconds",
        "tie_share",
        "left_share",
        "with_others",
        "with_itself",
    ),
    "failed_checks",
)


def annotator_table(view: BoardView, found: BoardQuality) -> Markup:
    """Return a row for each annotator, or nothing for readers who are no admins."""
    if found.annotators is None:
        return NOTHING
    texts = view.texts
    rows = [_row(report) for report in found.annotators]
    return panel(
        texts["leaderboard.annotators"],
        paragraphs([texts["leaderboard.annotators_hint"]]),
        table("annotators", _COLUMNS, rows, texts),
        legend(_COLUMNS, texts),
    )


def _row(report: AnnotatorReport) -> Row:
    quality, both = report.quality, report.consistency.same_sides + report.consistency.exchanged
    seconds, checks = quality.median_seconds, quality.checks
    return Row(
        [
            text_cell(report.name),
            figure_cell(count(quality.votes), quality.votes),
            figure_cell(NONE if seconds is None else f"{seconds:,.0f} s", seconds),
            figure_cell(percent(quality.tie_share), quality.tie_share),
            _share(quality.side.share, bounds(quality.side.interval), quality.side.decisive),
            _share(quality.others.share, "", quality.others.items),
            _share(both.share, "", both.pairs),
            figure_cell(f"{count(quality.failed_checks)} / {count(checks)}" if checks else NONE),
        ]
    )


def _share(share: float | None, interval: str, number: int) -> Cell:
    if share is None:
        return figure_cell(NONE)
    below = f"{interval} · n {count(number)}" if interval else f"n {count(number)}"
    return Cell(stacked(percent(share), below), share)
