"""What stands above and below every tab: how much was counted, and how to read it."""

from markupsafe import Markup

from arena.domain.board import EXCLUDING_FLAGS
from arena.statistics.clustered_rates import uneven_pairs
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.sections import paragraphs
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import BoardView

_VERDICTS = (Tab.RATES, Tab.HEAD_TO_HEAD, Tab.MATRIX, Tab.RATINGS)
"""Tabs on which two models are compared."""


def summary(view: BoardView) -> Markup:
    """Return votes, comparisons, models, and what was left out for which flag."""
    board, texts = view.board, view.texts
    counts = texts["leaderboard.summary"].format(
        votes=count(board.votes),
        comparisons=count(board.comparisons),
        models=count(len(board.names)),
    )
    return Markup('<p class="lb-summary">{} {}</p>{}{}').format(
        counts, _left_out(view), _informed(view), _address(view)
    )


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


def _left_out(view: BoardView) -> str:
    flagged, texts = view.board.flagged, view.texts
    if not flagged.total:
        return texts["leaderboard.none_flagged"]
    reasons = texts["leaderboard.list_separator"].join(
        f"{texts[f'leaderboard.reason.{kind.value}']} {count(number)}"
        for kind in EXCLUDING_FLAGS
        if (number := flagged.by_reason[kind])
    )
    key = "flagged_included" if view.board.filter.include_flagged else "flagged_left_out"
    return texts[f"leaderboard.{key}"].format(flagged=count(flagged.total), reasons=reasons)


def notes(view: BoardView) -> Markup:
    """Return how to read rates and intervals, and warnings about this board."""
    board, texts = view.board, view.texts
    lines = [texts["leaderboard.note.rate"], texts["leaderboard.note.interval"]]
    if board.side.interval is not None and view.query.tab is not Tab.QUALITY:
        share, ends = percent(board.side.share), bounds(board.side.interval)
        lines.append(texts["leaderboard.note.side"].format(share=share, bounds=ends))
    if view.query.tab in _VERDICTS:
        lines += [_sides(view), texts["leaderboard.note.told_apart"]]
    if board.mixed:
        models = texts["leaderboard.list_separator"].join(map(view.name, board.mixed))
        lines.append(texts["leaderboard.note.mixed"].format(models=models))
    return paragraphs(lines)


def _sides(view: BoardView) -> str:
    """Return a line as long before the number is known as after: nothing below may move."""
    pairs = "…" if view.pending else NONE
    if view.rated is not None:
        pairs = count(len(uneven_pairs(view.rated.rates)))
    return view.texts["leaderboard.note.sides"].format(pairs=pairs)
