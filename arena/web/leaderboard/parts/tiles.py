"""The board in five figures: votes, decisive share, annotators, prompts, agreement."""

from typing import NamedTuple

from markupsafe import Markup, escape

from arena.services.board.details import Turnout
from arena.statistics.concentration import FEWEST
from arena.web.leaderboard.parts.numbers import NONE, amount, count, missing, percent
from arena.web.leaderboard.parts.sections import ROOM
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import BoardView

_A_COUNT, _AN_ALPHA, _ALPHA_BOUNDS = "100", "0.30", "0.25–0.35"


class Tile(NamedTuple):
    """A figure under its title, with a line below that keeps its room; `hint` explains a link."""

    name: str
    title: str
    figure: Markup
    below: str = ROOM
    address: str = ""
    hint: str = ""


def tiles(view: BoardView) -> tuple[Tile, ...]:
    """Return the tiles of a board with votes; what is still to come keeps its room."""
    return (_votes(view), _decisive(view), *_turnout(view), _agreement(view))


def _votes(view: BoardView) -> Tile:
    models = amount("models", len(view.board.names), view.texts)
    return Tile("votes", _title(view, "votes"), escape(count(view.board.votes)), models)


def _decisive(view: BoardView) -> Tile:
    decisive, comparisons = view.board.side.decisive, view.board.comparisons
    below = view.texts["leaderboard.tile.of"].format(part=count(decisive), whole=count(comparisons))
    share = Markup("{:.0f} %").format(100 * decisive / comparisons)
    return Tile("decisive", _title(view, "decisive"), share, below)


def _turnout(view: BoardView) -> tuple[Tile, ...]:
    found = view.turnout
    people, prompts = (found.annotators, found.prompts) if found else (None, None)
    return (
        Tile(
            "annotators",
            _title(view, "annotators"),
            _number(view, people),
            _each(view, people, "each_annotator"),
            address=view.query.seen_as(Tab.QUALITY).address,
            hint=_who_voted(view, found),
        ),
        Tile("prompts", _title(view, "prompts"), _number(view, prompts), _each(view, prompts)),
    )


def _who_voted(view: BoardView, found: Turnout | None) -> str:
    """Return how much the few cast who voted most; nothing while nobody knows."""
    if found is None:
        return ""
    if found.concentration is None:
        return view.texts["leaderboard.tile.few_voted"].format(fewest=FEWEST)
    shares = found.concentration
    return view.texts["leaderboard.tile.who_voted"].format(
        largest=percent(shares.largest), first_five=percent(shares.first_five)
    )


def _number(view: BoardView, number: int | None) -> Markup:
    if number is None:
        return missing(view, _A_COUNT, comes=not view.complete)
    return escape(count(number))


def _each(view: BoardView, number: int | None, name: str = "each") -> str:
    """Return how many votes that is for each, on average."""
    if not number:
        return ROOM
    votes = amount("votes", round(view.board.votes / number), view.texts)
    return view.texts[f"leaderboard.tile.{name}"].format(votes=votes)


def _agreement(view: BoardView) -> Tile:
    figure, below = missing(view, _AN_ALPHA, comes=not view.complete), ROOM
    if not view.complete:
        below = missing(view, _ALPHA_BOUNDS, comes=True)
    found = view.agreement
    if found is not None and found.alpha is not None:
        figure = escape(f"{found.alpha.value:.2f}")
        below = escape(f"{found.alpha.low:.2f}–{found.alpha.high:.2f}")
    elif found is not None:
        figure, below = escape(NONE), escape(view.texts["leaderboard.tile.no_alpha"])
    return Tile(
        "agreement",
        _title(view, "agreement"),
        figure,
        below,
        address=view.query.seen_as(Tab.QUALITY).address,
        hint=view.texts["leaderboard.quality_help.agreement"],
    )


def _title(view: BoardView, name: str) -> str:
    return view.texts[f"leaderboard.tile.{name}"]
