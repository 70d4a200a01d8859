"""How much of what was voted is counted, in one line that unfolds to the numbers behind it."""

from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from arena.domain.board import EXCLUDING_FLAGS
from arena.web.leaderboard.parts.numbers import count, undecided
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView


class _Line(NamedTuple):
    """A number under its words; `part` of the number above it that is not set in."""

    words: str
    number: str
    part: bool = False


def counted(view: BoardView) -> Markup:
    """Return the line for a board on which anything was found, counted or not."""
    return rendered("counted", said=counted_words(view), lines=list(_lines(view)), texts=view.texts)


def counted_words(view: BoardView) -> str:
    """Return how many comparisons count, what was left out, and what rates rest on."""
    board, texts = view.board, view.texts
    return texts["leaderboard.counted"].format(
        counted=count(board.comparisons),
        found=count(board.comparisons + board.left_out),
        left_out=_left_out(view),
        decisive=count(board.side.decisive),
        undecided=undecided(_ties(view), _both_bad(view), texts),
    )


def _left_out(view: BoardView) -> str:
    """Return the reasons with their numbers, which may overlap."""
    texts = view.texts
    words = [
        texts["leaderboard.counted.reason"].format(**line._asdict()) for line in _reasons(view)
    ]
    words = words or [texts["leaderboard.counted.nothing"]]
    if view.board.filter.include_flagged and (flagged := view.board.flagged.total):
        words.append(texts["leaderboard.flagged_included"].format(flagged=count(flagged)))
    return texts["leaderboard.list_separator"].join(words)


def _reasons(view: BoardView) -> Iterator[_Line]:
    board, texts = view.board, view.texts
    for kind in EXCLUDING_FLAGS:
        if number := board.excluded[kind]:
            yield _Line(texts[f"leaderboard.reason.{kind.value}"], count(number), part=True)
    if not board.counts_suspects and (number := board.suspect_votes.comparisons):
        yield _Line(texts["leaderboard.counted.one_address"], count(number), part=True)


def _lines(view: BoardView) -> Iterator[_Line]:
    board, texts = view.board, view.texts

    def line(name: str, number: int, *, part: bool = False) -> _Line:
        return _Line(texts[f"leaderboard.counted.{name}"], count(number), part)

    yield line("found", board.comparisons + board.left_out)
    yield line("left_out", board.left_out)
    yield from _reasons(view)
    yield line("counted", board.comparisons)
    yield line("decisive", board.side.decisive, part=True)
    yield line("ties", _ties(view), part=True)
    yield line("both_bad", _both_bad(view), part=True)
    yield line("void", board.void_battles)


def _ties(view: BoardView) -> int:
    return sum(one.record.ties for one in view.board.pairs) // 2


def _both_bad(view: BoardView) -> int:
    return sum(one.record.both_bad for one in view.board.pairs) // 2
