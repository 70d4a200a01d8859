"""Bradley-Terry ratings: a dot and a whisker for each model, a range of ranks, or why neither."""

from dataclasses import replace

from markupsafe import Markup, escape

from arena.domain.conversation import ModelKey
from arena.services.board.details import RatedBoard
from arena.statistics.connectivity import Standing
from arena.statistics.ratings import Rating, few_annotators
from arena.statistics.thresholds import Scope
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.differences import differences
from arena.web.leaderboard.parts.numbers import A_NUMBER, NONE, count, waiting
from arena.web.leaderboard.parts.ranks import A_RANGE, rank_cell, rating_marks
from arena.web.leaderboard.parts.scale import Scale, scale_of
from arena.web.leaderboard.parts.sections import panel, paragraphs
from arena.web.leaderboard.parts.table import (
    Cell,
    Row,
    figure_cell,
    legend,
    named_columns,
    table_of,
    text_cell,
)
from arena.web.leaderboard.view import BoardView

_NO_AXIS = Markup('<span class="lb-axis"></span>')
"""Keeps the room of one."""
_COLUMNS = (
    *("model", "rank", "elo", "elo_interval", "strip", "decisive"),
    *("rated_annotators", "rated_prompts"),
)
"""The last two are of all comparisons: ratings count ties, rates do not."""


def ratings_tab(view: BoardView) -> Markup:
    """Return the table, what it rests on, and which models have no rating at all."""
    texts = view.texts
    notes = paragraphs([texts["leaderboard.ratings_note"], *_notes(view)])
    rated = panel(texts["leaderboard.ratings"], notes, _table(view), legend(_COLUMNS, texts))
    return rated + differences(view)


def _table(view: BoardView) -> Markup:
    ends = _ends(view.rated) if view.rated else []
    scale = scale_of(ends)
    rows = _rated(view, view.rated, scale) if view.rated else _waiting_rows(view)
    axis = scale.axis if ends else _NO_AXIS
    columns = [
        replace(column, under=axis if name == "strip" else NOTHING)
        for name, column in zip(_COLUMNS, named_columns(_COLUMNS, view.texts), strict=True)
    ]
    return table_of("ratings", columns, rows, view.texts)


def _rated(view: BoardView, rated: RatedBoard, scale: Scale) -> list[Row]:
    shown = sorted(rated.ratings.ratings, key=_sure_first)
    return [_row(view, rating, scale) for rating in shown]


def _waiting_rows(view: BoardView) -> list[Row]:
    """Return as many rows as there will be, so that nothing moves."""
    ordered = [result.model for result in view.board.best_first]
    likes = (A_RANGE, "1,000", "1,000–1,100", "", "1,000", A_NUMBER, A_NUMBER)
    empty = [Cell(waiting(view, like)) for like in likes]
    empty[3] = Cell(Markup('<span class="lb-strip"></span>'))
    return [Row([text_cell(view.name(model)), *empty]) for model in ordered]


def _notes(view: BoardView) -> list[str]:
    if view.rated is None:
        return [view.texts["leaderboard.computing"]] if view.pending else []
    ratings, texts = view.rated.ratings, view.texts
    notes = []
    if any(rating.is_uneven for rating in ratings.ratings):
        notes.append(texts["leaderboard.ratings_sides"])
    if ratings.scope is Scope.NONE and ratings.ratings:
        notes.append(texts["leaderboard.ratings_naive"])
    if few_annotators(ratings) and _ends(view.rated):
        notes.append(texts["leaderboard.ratings_prompts"])
    if ratings.prior is not None:
        notes.append(texts["leaderboard.ratings_unrated"])
    return notes


def _ends(rated: RatedBoard) -> list[float]:
    return [
        end
        for rating in rated.ratings.ratings
        if rating.interval is not None
        for end in (rating.interval.low, rating.interval.high)
    ]


def _sure_first(rating: Rating) -> tuple[bool, float, ModelKey]:
    return rating.from_prior, -rating.elo, rating.model


def _row(view: BoardView, rating: Rating, scale: Scale) -> Row:
    votes = (
        figure_cell(count(rating.decisive), rating.decisive),
        *(
            figure_cell(NONE if number is None else count(number), number)
            for number in (rating.annotators, rating.prompts)
        ),
    )
    name = text_cell(view.name(rating.model))
    if rating.standing is not Standing.RATED:
        return Row([name, *_unsure(view, rating), *votes], faint=True)
    return Row([name, *_sure(view, rating, scale), *votes])


def _sure(view: BoardView, rating: Rating, scale: Scale) -> tuple[Cell, ...]:
    interval, rank = rating.interval, rank_cell(view, rating)
    elo = figure_cell(f"{rating.elo:,.0f}", rating.elo)
    if interval is None:
        return (rank, elo, figure_cell(NONE), figure_cell(""))
    ends = f"{interval.low:,.0f}–{interval.high:,.0f}"
    return (
        rank,
        elo,
        Cell(escape(ends) + rating_marks(view, rating), interval.high - interval.low),
        Cell(scale.strip(rating.elo, interval.low, interval.high), rating.elo),
    )


def _unsure(view: BoardView, rating: Rating) -> tuple[Cell, ...]:
    """Return a word where a number would look sure: a rating from the prior is not shown."""
    name = rating.standing.name.lower()
    told = Markup('<span class="lb-standing" title="{}">{}</span>').format(
        view.texts[f"leaderboard.standing_help.{name}"], view.texts[f"leaderboard.standing.{name}"]
    )
    rough = figure_cell(NONE)
    if rating.standing is Standing.TOO_FEW and rating.decisive:
        rough = figure_cell(f"({rating.elo:,.0f})", rating.elo)
    return (figure_cell(NONE), rough, figure_cell(NONE), Cell(told))
