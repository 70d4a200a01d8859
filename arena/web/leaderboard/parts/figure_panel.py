"""The panel of the figure: what it shows and how it looks, a preview, and the file to keep."""

from typing import NamedTuple

from markupsafe import Markup

from arena.domain.board import FILTER_FIELDS
from arena.domain.board_fields import written
from arena.domain.conversation import ModelKey
from arena.web.leaderboard.figure_style import (
    MOST_PANELS,
    FigureStyle,
    FigureSubject,
    FigureWidth,
)
from arena.web.leaderboard.parts.downloads import FIGURE, KINDS
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

_REFUSALS = ("no_votes", "bad_query", "too_many_models", "failed")
"""Reasons without a figure that have a sentence; the last is said of any other."""


class _Model(NamedTuple):
    """A model that can be chosen, as a panel or as an opponent."""

    key: ModelKey
    name: str
    chosen: bool


def figure_panel(view: BoardView) -> Markup:
    """Return the panel, a plain form whose fields are those of a figure's address.

    Chosen at first is the model that is looked at, or the best one.
    """
    met = [one.model for one in view.board.best_first if view.board.pairs_of(one.model)]
    chosen = view.query.baseline if view.query.baseline in met else next(iter(met), None)
    limits = [
        (one.name, value) for one in FILTER_FIELDS for value in written(one, view.query.filter)
    ]
    return rendered(
        "figure",
        asked=view.query.address,
        models=[_Model(model, view.name(model), model == chosen) for model in met],
        most=MOST_PANELS,
        limits=limits,
        subjects=list(FigureSubject),
        style=FigureStyle(),
        widths=list(FigureWidth),
        files={kind.upper(): f"{FIGURE}.{kind}" for kind in KINDS},
        refusals={name: view.texts[f"leaderboard.figure.refused_{name}"] for name in _REFUSALS},
        texts=view.texts,
    )
