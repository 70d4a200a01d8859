"""Differences of ratings, with intervals that hold for all of them at once."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from markupsafe import Markup, escape

from arena.domain.conversation import ModelKey
from arena.services.board.details import RatedBoard
from arena.statistics.ranking import Difference
from arena.statistics.ratings import few_annotators
from arena.statistics.sides import Sides
from arena.statistics.win_rate import Pair
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, marks, percent, waiting
from arena.web.leaderboard.parts.sections import panel, paragraphs
from arena.web.leaderboard.parts.table import Cell, Row, figure_cell, legend, table, text_cell
from arena.web.leaderboard.view import PANELS_AT_ONCE, BoardView

_COLUMNS = ("higher", "lower", "difference", "difference_interval", "expected", "apart")
_ODDS = 400
"""Elo points that are odds of ten to one."""


def differences(view: BoardView) -> Markup:
    """Return all where models are few, else those of one with all, or of neighbours."""
    rated, texts = view.rated, view.texts
    if rated is None and not view.pending:
        return NOTHING
    found = _chosen(view, rated) if rated else ()
    rows = [_row(view, rated, *one) for one in found] if rated else _waiting_rows(view)
    heading = texts["leaderboard.differences"]
    if not rows:
        return panel(heading, paragraphs([texts["leaderboard.differences_none"]]))
    lines = [texts["leaderboard.differences_hint"], texts[f"leaderboard.{_which(view)}"]]
    return panel(
        heading,
        paragraphs(lines),
        table("differences", _COLUMNS, rows, texts),
        legend(_COLUMNS, texts),
    )


def _which(view: BoardView) -> str:
    if view.query.baseline is not None:
        return "differences_of_one"
    few = len(view.board.names) <= PANELS_AT_ONCE
    return "differences_all" if few else "differences_next"


def _pairs(view: BoardView, ranked: Sequence[ModelKey]) -> Iterator[Pair]:
    """Return whose differences are shown, of models from the best to the worst."""
    baseline = view.query.baseline
    if baseline is not None:
        return (Pair(baseline, other) for other in ranked if other != baseline)
    few = len(view.board.names) <= PANELS_AT_ONCE
    return map(Pair._make, combinations(ranked, 2) if few else pairwise(ranked))


def _chosen(view: BoardView, rated: RatedBoard) -> Iterator[tuple[Pair, Difference]]:
    found = rated.ratings.differences.by_pair()
    ratings = sorted(rated.ratings.ratings, key=lambda one: (-one.elo, one.model))
    ranked = [one.model for one in ratings if one.rank is not None]
    return ((pair, found[pair]) for pair in _pairs(view, ranked) if pair in found)


def _waiting_rows(view: BoardView) -> list[Row]:
    """Return as many rows as there will be, unless models turn out to have no rank."""
    ranked = [result.model for result in view.board.best_first]
    likes = ("+100", "+100 … +200", "50.0 %", view.texts["leaderboard.apart.open"])
    waits = [Cell(waiting(view, like)) for like in likes]
    names = ((view.name(key) for key in pair) for pair in _pairs(view, ranked))
    return [Row([*map(text_cell, pair), *waits]) for pair in names]


def _row(view: BoardView, rated: RatedBoard, pair: Pair, found: Difference) -> Row:
    few = NOTHING
    if few_annotators(rated.ratings):
        few = marks(("†", view.texts["leaderboard.scope_of.prompts"]))
    word = view.texts[f"leaderboard.apart.{_verdict(rated, pair, found)}"]
    told = Markup("<b>{}</b>{}").format(word, few) if found.is_significant else escape(word)
    expected = 1 / (1 + 10 ** (-found.difference / _ODDS))
    return Row(
        [
            text_cell(view.name(pair.model)),
            text_cell(view.name(pair.opponent)),
            figure_cell(_signed(found.difference), found.difference),
            _ends(found, few),
            figure_cell(percent(expected), expected),
            Cell(told, word),
        ]
    )


def _ends(found: Difference, few: Markup) -> Cell:
    if found.low is None or found.high is None:
        return figure_cell(NONE)
    ends = escape(f"{_signed(found.low)} … {_signed(found.high)}")
    return Cell(ends + few, found.high - found.low)


def _verdict(rated: RatedBoard, pair: Pair, found: Difference) -> str:
    if found.is_significant:
        return "told_apart"
    if found.low is None:
        return "too_few"
    sides = {one.model: one.sides for one in rated.ratings.ratings}
    uneven = any(sides[key] not in (None, Sides.BOTH) for key in pair)
    return "one_order" if uneven else "open"


def _signed(points: float) -> str:
    """Return points with a true minus sign, and no sign for what rounds to nothing."""
    return f"{points:+,.0f}".replace("-", "−") if round(points) else "0"
