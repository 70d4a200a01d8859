"""Sentences in place of numbers: an empty board, a failure, an address that makes no sense."""

from markupsafe import Markup

from arena.domain.board import BoardFilter
from arena.web.common.markup import NOTHING, joined
from arena.web.leaderboard.parts.numbers import count
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.view import BoardView, Progress, Texts


def message(title: str, *sentences: str) -> Markup:
    """Return what stands where a board would be."""
    lines = (Markup("<p>{}</p>").format(line) for line in sentences)
    return Markup('<section class="lb-empty" role="status"><h2>{}</h2>{}</section>').format(
        title, joined(lines)
    )


def alarm(sentence: str) -> Markup:
    """Return a sentence about what is missing; screen readers read it at once."""
    return Markup('<p class="lb-failed" role="alert">{}</p>').format(sentence)


def empty(view: BoardView) -> Markup:
    """Return why nothing was counted."""
    board, texts, board_filter = view.board, view.texts, view.board.filter
    if board.flagged.total:
        sentence = texts["leaderboard.all_flagged"].format(flagged=count(board.flagged.total))
        return message(texts["leaderboard.none_counted"], sentence)
    if board_filter != BoardFilter(include_flagged=board_filter.include_flagged):
        return message(texts["leaderboard.none_counted"], texts["leaderboard.no_match"])
    return message(texts["leaderboard.no_votes"], texts["leaderboard.no_votes_hint"])


def failed(view: BoardView) -> Markup:
    """Return what is missing when statistics have failed; what is there stays."""
    if view.progress is not Progress.FAILED:
        return NOTHING
    missing = "failed" if view.rated is None else "agreement_failed"
    return alarm(view.texts[f"leaderboard.{missing}"])


def faults(query: BoardQuery, texts: Texts) -> Markup:
    """Return which parts of the address were left out because they could not be read."""
    if not query.faults:
        return NOTHING
    fields = texts["leaderboard.list_separator"].join(
        texts[f"leaderboard.filter.{name}"] for name in query.faults
    )
    return alarm(texts["leaderboard.bad_address"].format(fields=fields))
