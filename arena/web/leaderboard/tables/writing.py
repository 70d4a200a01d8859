"""Writes the table of models: every number as CSV, and what a paper prints as LaTeX or Markdown."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from arena.services.exports.board_table import models_csv
from arena.services.report.latex_text import latex
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import ModelResult
from arena.web.leaderboard.parts.numbers import NONE, bounds, count, percent
from arena.web.leaderboard.parts.ranks import rank_words, ratings_of
from arena.web.leaderboard.parts.scope import scope_line
from arena.web.leaderboard.view import BoardView

_PRINTED = (
    *("rank", "model", "pooled", "interval", "wins", "losses", "ties", "both_bad"),
    *("annotators", "state"),
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|])")
_WORDS = ("model", "state")
"""Columns that begin on the left; numbers end on the right."""


def table_csv(view: BoardView) -> bytes:
    """Return the export `leaderboard` of this board; empty without its statistics."""
    return b"".join(models_csv(view.detailed)) if view.detailed else b""


def table_latex(view: BoardView) -> bytes:
    r"""Return a `tabular` with the rules of the package booktabs, its scope in a comment."""
    columns = "".join("l" if name in _WORDS else "r" for name in _PRINTED)
    lines = [
        f"% {scope_line(view)}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *_latex_rows([_heads(view)]),
        r"\midrule",
        *_latex_rows(_rows(view)),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return _text(lines)


def table_markdown(view: BoardView) -> bytes:
    """Return a table of GitHub's Markdown with its scope below."""
    dashes = (":--" if name in _WORDS else "--:" for name in _PRINTED)
    rows = [_heads(view), dashes, *([_of_markdown(cell) for cell in row] for row in _rows(view))]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return _text([*lines, "", _of_markdown(scope_line(view))])


WRITERS: Mapping[str, Callable[[BoardView], bytes]] = {
    "csv": table_csv,
    "tex": table_latex,
    "md": table_markdown,
}
"""By the end of the address."""


def _heads(view: BoardView) -> list[str]:
    return [view.texts[f"leaderboard.column.{name}"] for name in _PRINTED]


def _rows(view: BoardView) -> Iterator[list[str]]:
    ratings = ratings_of(view)
    for result in view.board.best_first:
        record, found = result.pooled, view.pooled(result.model)
        numbers = (record.wins, record.losses, record.ties, record.both_bad)
        yield [
            rank_words(ratings.get(result.model)),
            view.name(result.model),
            percent(record.rate),
            bounds(found.interval if found else None),
            *map(count, numbers),
            count(found.annotators) if found else NONE,
            _state(view, result, found),
        ]


def _state(view: BoardView, result: ModelResult, found: ClusteredRate | None) -> str:
    state = view.state(result.pooled, found)
    return view.texts[f"leaderboard.state.{state.name.lower()}"] if state else NONE


def _latex_rows(rows: Iterator[list[str]] | Sequence[list[str]]) -> Iterator[str]:
    for row in rows:
        yield " & ".join(map(latex, row)) + r" \\"


def _of_markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
