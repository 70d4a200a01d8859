"""Who leads a board: the first by rank and its runner-up, and how many may be the best."""

from collections.abc import Sequence
from typing import NamedTuple

from arena.statistics.ratings import Rating
from arena.statistics.win_rate import ModelResult, State
from arena.web.leaderboard.parts.ranks import ratings_of
from arena.web.leaderboard.view import BoardView


class Top(NamedTuple):
    """The models with enough votes in the order of their ranks, of equal ones by pooled rate.

    `may_be_first` of `ranked` models have 1 among their ranks; 0 of 0 while ranks are unknown.
    """

    models: Sequence[ModelResult]
    may_be_first: int
    ranked: int


def top_of(view: BoardView) -> Top:
    """Return who leads; by pooled rate alone while ranks are unknown."""
    readable = [one for one in view.board.best_first if one.pooled.state is not State.TOO_FEW]
    ratings = ratings_of(view)
    ordered = sorted(readable, key=lambda one: _ranked_first(ratings.get(one.model)))
    ranks = [rating.rank for rating in ratings.values() if rating.rank]
    return Top(ordered, sum(rank.best == 1 for rank in ranks), len(ranks))


def _ranked_first(rating: Rating | None) -> tuple[bool, int, int]:
    rank = rating.rank if rating else None
    return (False, rank.best, rank.worst) if rank else (True, 0, 0)
