"""Single annotators, for admins alone: the service gives nobody else any."""

from html import escape

from arena.services.board.quality import AnnotatorReport, BoardQuality
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.table import Cell, Row, legend, table, text_cell
from arena.web.leaderboard.view import BoardView

_COLUMNS = (
    *("annotator", "votes", "seconds", "tie_share", "left_share", "with_others", "with_itself"),
    "failed_checks",
)


def annotator_table(view: BoardView, found: BoardQuality) -> str:
    """Nothing for readers who are no admins."""
    if found.annotators is None:
        return ""
    texts = view.texts
    rows = [_row(report) for report in found.annotators]
    return (
        f'<section class="lb-panel"><h2>{escape(texts["leaderboard.annotators"])}</h2>'
        f'<p class="lb-note">{escape(texts["leaderboard.annotators_hint"])}</p>'
        f"{table('annotators', _COLUMNS, rows, texts)}{legend(_COLUMNS, texts)}</section>"
    )


def _row(report: AnnotatorReport) -> Row:
    quality, both = report.quality, report.consistency.same_sides + report.consistency.exchanged
    seconds, checks = quality.median_seconds, quality.checks
    return Row(
        [
            text_cell(report.name),
            Cell(count(quality.votes), quality.votes),
            Cell(NONE if seconds is None else f"{seconds:,.0f} s", seconds),
            Cell(percent(quality.tie_share), quality.tie_share),
            _share(quality.side.share, bounds(quality.side.interval), quality.side.decisive),
            _share(quality.others.share, "", quality.others.items),
            _share(both.share, "", both.pairs),
            Cell(f"{count(quality.failed_checks)} / {count(checks)}" if checks else NONE),
        ]
    )


def _share(share: float | None, interval: str, number: int) -> Cell:
    if share is None:
        return Cell(NONE)
    below = f"{interval} · n {count(number)}" if interval else f"n {count(number)}"
    return Cell(f"{percent(share)}<small>{below}</small>", share)
