"""A sentence on whether pooled rate, mean over opponents and rating agree on the best models."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.statistics.orders import first_of, orders_differ
from arena.statistics.win_rate import ModelResult, State
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.sections import paragraphs
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import BoardView

_TABS = (Tab.RATES, Tab.MATRIX, Tab.RATINGS)
_FEWEST_MODELS = 3
"""Two models are in the same order by whatever one counts."""
_UNKNOWN = "…"


def orders(view: BoardView) -> Markup:
    """Return the sentence for a tab on which all models are ordered, about those with enough votes.

    The rates are known with the counts; while the rating is not, its place is kept.
    """
    readable = [one for one in view.board.models if one.pooled.state is not State.TOO_FEW]
    if view.query.tab not in _TABS or len(readable) < _FEWEST_MODELS:
        return NOTHING
    return _sentence(view, readable)


def _sentence(view: BoardView, results: Sequence[ModelResult]) -> Markup:
    """Return the sentence on one line; what it follows from unfolds below."""
    pooled, mean, rating = _measures(view, results)
    known = [pooled, mean, *([rating] if rating else [])]
    if not orders_differ(known):
        key = "alike" if rating or not view.pending else "alike_so_far"
        return paragraphs([view.texts[f"leaderboard.orders.{key}"]], "lb-orders")
    why = view.texts["leaderboard.orders.differ_why"].format(
        pooled=_first(view, pooled), mean=_first(view, mean), rating=_first(view, rating)
    )
    return Markup(
        '<details class="lb-orders" id="orders"><summary>{}</summary><p>{}</p></details>'
    ).format(view.texts["leaderboard.orders.differ"], why)


def _measures(
    view: BoardView, results: Sequence[ModelResult]
) -> tuple[Mapping[ModelKey, float], ...]:
    """Return pooled rates, means and finite ratings by model; no ratings while they are unknown."""
    pooled = {one.model: one.pooled.rate for one in results if one.pooled.rate is not None}
    mean = {
        one.model: one.mean_over_opponents for one in results if one.mean_over_opponents is not None
    }
    rated = view.rated.ratings.ratings if view.rated else ()
    finite = {one.model: one.elo for one in rated if not one.from_prior}
    return pooled, mean, {model: finite[model] for model in pooled if model in finite}


def _first(view: BoardView, measure: Mapping[ModelKey, float]) -> str:
    names = map(view.name, first_of(measure))
    return view.texts["leaderboard.list_separator"].join(names) or _UNKNOWN
