"""The ranks that a model may have, with what limits them: beside its rate and its rating."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from arena.domain.conversation import ModelKey
from arena.statistics.ratings import Rating, few_annotators
from arena.web.leaderboard.parts.numbers import NONE, marks, order_words, waiting
from arena.web.leaderboard.parts.table import Cell, figure_cell
from arena.web.leaderboard.view import BoardView

A_RANGE = "10–20"
"""What ranks to come are like."""


def ratings_of(view: BoardView) -> Mapping[ModelKey, Rating]:
    """Return the ratings by model; none while they are unknown."""
    return {one.model: one for one in view.rated.ratings.ratings} if view.rated else {}


def rank_cell(view: BoardView, rating: Rating | None) -> Cell:
    """Return the first and the last rank that a model may have."""
    if view.rated is None:
        return Cell(waiting(view, A_RANGE))
    if rating is None or rating.rank is None:
        return figure_cell(NONE)
    return Cell(escape(rank_words(rating)) + rating_marks(view, rating), rating.rank.best)


def rank_words(rating: Rating | None) -> str:
    """Return the same as text, without marks."""
    rank = rating.rank if rating else None
    if rank is None:
        return NONE
    return str(rank.best) if rank.best == rank.worst else f"{rank.best}–{rank.worst}"


def rating_marks(view: BoardView, rating: Rating) -> Markup:
    """Return for whom rank and interval hold, and that the model stood on one side too often."""
    few = bool(view.rated and few_annotators(view.rated.ratings))
    scope = view.texts["leaderboard.scope_of.prompts"] if few else ""
    return marks(("†", scope), ("‡", order_words(rating.sides, view.texts)))
