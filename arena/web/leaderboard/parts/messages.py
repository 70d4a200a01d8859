"""Sentences in place of numbers: an empty board, a failure, an address that makes no sense."""

from html import escape

from arena.domain.board import BoardFilter
from arena.web.leaderboard.parts.numbers import count
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.view import BoardView, Progress, Texts


def message(title: str, *sentences: str) -> str:
    """What stands where a board would be."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in sentences)
    return f'<section class="lb-empty" role="status"><h2>{escape(title)}</h2>{lines}</section>'


def empty(view: BoardView) -> str:
    """Why nothing was counted."""
    board, texts, board_filter = view.board, view.texts, view.board.filter
    if board.flagged.total:
        sentence = texts["leaderboard.all_flagged"].format(flagged=count(board.flagged.total))
        return message(texts["leaderboard.none_counted"], sentence)
    if board_filter != BoardFilter(include_flagged=board_filter.include_flagged):
        return message(texts["leaderboard.none_counted"], texts["leaderboard.no_match"])
    return message(texts["leaderboard.no_votes"], texts["leaderboard.no_votes_hint"])


def failed(view: BoardView) -> str:
    """What is there stays; what is missing is said."""
    if view.progress is not Progress.FAILED:
        return ""
    missing = "failed" if view.rated is None else "agreement_failed"
    sentence = escape(view.texts[f"leaderboard.{missing}"])
    return f'<p class="lb-failed" role="alert">{sentence}</p>'


def faults(query: BoardQuery, texts: Texts) -> str:
    """Which parts of the address were left out because they could not be read."""
    if not query.faults:
        return ""
    fields = texts["leaderboard.list_separator"].join(
        texts[f"leaderboard.filter.{name}"] for name in query.faults
    )
    sentence = texts["leaderboard.bad_address"].format(fields=fields)
    return f'<p class="lb-failed" role="alert">{escape(sentence)}</p>'
