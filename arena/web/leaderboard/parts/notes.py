"""What stands above and below every tab: what is odd about the votes, and how to read them."""

from markupsafe import Markup

from arena.statistics.clustered_rates import uneven_pairs
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, count
from arena.web.leaderboard.parts.sections import paragraphs
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import BoardView

_VERDICTS = (Tab.RATES, Tab.HEAD_TO_HEAD, Tab.MATRIX, Tab.RATINGS)
"""Tabs on which two models are compared."""


def odd_votes(view: BoardView) -> Markup:
    """Return what sets the votes of this board apart; nothing where nothing does."""
    return _informed(view) + _address(view)


def _informed(view: BoardView) -> Markup:
    """Return that pairs were drawn by votes, which is why W/(W+L) is not the rate of a model."""
    if not view.board.informed:
        return NOTHING
    sentence = view.texts["leaderboard.informed"].format(comparisons=count(view.board.informed))
    return Markup('<p class="lb-summary" id="board-informed">{}</p>').format(sentence)


def _address(view: BoardView) -> Markup:
    """Return what is said of votes from one address, with a link to the other board."""
    found, texts, counted = view.board.suspect_votes, view.texts, view.board.counts_suspects
    if not found.comparisons:
        return NOTHING
    key = "counted" if counted else "left_out"
    sentence = texts[f"leaderboard.one_address.{key}"].format(
        votes=count(found.votes), annotators=count(found.annotators)
    )
    other = view.query.with_suspects(counted=not counted).address
    return Markup(
        '<p class="lb-warning" role="status">{} <a href="{}" data-board>{}</a></p>'
    ).format(sentence, other, texts[f"leaderboard.one_address.{key}_link"])


def notes(view: BoardView) -> Markup:
    """Return how to read rates and intervals, and warnings about this board."""
    board, texts = view.board, view.texts
    lines = [texts["leaderboard.note.rate"], texts["leaderboard.note.interval"]]
    if view.query.tab in _VERDICTS:
        lines += [texts["leaderboard.note.sides"], _uneven(view)]
        lines.append(texts["leaderboard.note.told_apart"])
    if board.mixed:
        models = texts["leaderboard.list_separator"].join(map(view.name, board.mixed))
        lines.append(texts["leaderboard.note.mixed"].format(models=models))
    return paragraphs(lines)


def _uneven(view: BoardView) -> str:
    """Return a short line, which is one line before the numbers are known too."""
    pairs = models = "…" if view.pending else NONE
    if view.rated is not None:
        pairs = count(len(uneven_pairs(view.rated.rates)))
        models = count(sum(one.is_uneven for one in view.rated.ratings.ratings))
    return view.texts["leaderboard.note.uneven"].format(pairs=pairs, models=models)
