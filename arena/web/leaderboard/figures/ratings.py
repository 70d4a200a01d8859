"""What the figure of ratings says."""

from dataclasses import dataclass
from datetime import date

from arena.statistics.connectivity import Standing
from arena.statistics.ratings import Rating
from arena.statistics.thresholds import Scope
from arena.web.leaderboard.figures.notes import Shown, count_notes, scopes_words
from arena.web.leaderboard.parts.numbers import count
from arena.web.leaderboard.parts.ranks import rank_words
from arena.web.leaderboard.view import BoardView

_UNEVEN = " ‡"
"""As on the page, beside ranks that one order of sides limits."""


@dataclass(frozen=True, slots=True)
class RatingRow:
    """A rated model; `ranks` are those that it may have, in words."""

    name: str
    rating: Rating
    ranks: str


@dataclass(frozen=True, slots=True)
class RatingsContent:
    """The rated models, best first, and what is said of all of them."""

    rows: tuple[RatingRow, ...]
    title: str
    subtitle: str
    caption: tuple[str, ...]
    whisker: str


def ratings_content(view: BoardView, today: date) -> RatingsContent | None:
    """Return what the figure shows; None where no model has a rating."""
    if view.rated is None:
        return None
    texts, ratings = view.texts, view.rated.ratings
    rated = [one for one in ratings.ratings if one.standing is Standing.RATED]
    if not rated:
        return None
    rows = tuple(
        RatingRow(view.name(one.model), one, rank_words(one) + _UNEVEN * one.is_uneven)
        for one in sorted(rated, key=lambda one: (-one.elo, one.model))
    )
    unrated = len(ratings.ratings) - len(rated)
    scopes = {ratings.scope} - {Scope.NONE}
    notes = (
        scopes_words(scopes, texts),
        texts["leaderboard.ratings_note"],
        texts["leaderboard.ratings_sides"] if any(one.is_uneven for one in rated) else "",
        texts["leaderboard.figure.unrated"].format(number=count(unrated)) if unrated else "",
    )
    return RatingsContent(
        rows=rows,
        title=texts["leaderboard.figure.of_ratings"],
        subtitle=texts["leaderboard.figure.subtitle_ratings"],
        caption=(
            *filter(None, notes),
            *count_notes(view, Shown(pairs=view.board.pairs, rates=()), today),
        ),
        whisker=texts["leaderboard.figure.whisker_ratings"],
    )
