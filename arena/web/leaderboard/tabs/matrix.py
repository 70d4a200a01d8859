"""Who beats whom, as a heat map: a row's model against the model of each column."""

from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.statistics.win_rate import Pair, PairResult, State
from arena.web.leaderboard.parts.numbers import bounds, caveats, count, percent, whole_percents
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

_STEPS = 10


class _Square(NamedTuple):
    """A cell of the map.

    `said` is read out by the page's script; thousands of titles would be heavy.
    """

    shade: str
    label: str = ""
    said: str = ""


def matrix_tab(view: BoardView) -> Markup:
    """Return the map, which scrolls under its heads, with its key and a line to read cells out."""
    order = [result.model for result in view.board.best_first]
    pairs = {Pair(pair.model, pair.opponent): pair for pair in view.board.pairs}
    return rendered(
        "matrix",
        texts=view.texts,
        steps=range(_STEPS + 1),
        names=[view.name(model) for model in order],
        rows=[_row(view, model, order, pairs) for model in order],
    )


def _row(
    view: BoardView, model: ModelKey, order: list[ModelKey], pairs: Mapping[Pair, PairResult]
) -> tuple[str, list[_Square]]:
    squares = [_square(view, model, other, pairs.get(Pair(model, other))) for other in order]
    return view.name(model), squares


def _square(view: BoardView, model: ModelKey, other: ModelKey, pair: PairResult | None) -> _Square:
    if model == other:
        return _Square("self")
    if pair is None:
        return _Square("never")
    record = pair.record
    if record.rate is None:
        return _Square("few", "·", _said(view, pair))
    few = view.state(record, view.pair(Pair(model, other))) is State.TOO_FEW
    shade = "few" if few else f"h{round(_STEPS * record.rate)}"
    return _Square(shade, str(whole_percents(record)[0]), _said(view, pair))


def _said(view: BoardView, pair: PairResult) -> str:
    """Return a square in words, without the names, which stand in its row and column."""
    record, texts = pair.record, view.texts
    found = view.pair(Pair(pair.model, pair.opponent))
    said = texts["leaderboard.matrix_cell"].format(
        rate=percent(record.rate),
        wins=count(record.wins),
        losses=count(record.losses),
        ties=count(record.ties + record.both_bad),
    )
    if found is not None and found.interval is not None:
        less = caveats(found, texts)
        words = [said, f"95 %: {bounds(found.interval)}{f' ({less})' if less else ''}"]
        if found.is_significant:
            words.append(texts["leaderboard.apart.told_apart"])
        return " · ".join(words)
    few = view.state(record, found) is State.TOO_FEW
    return f"{said} · {texts['leaderboard.state.too_few']}" if few else said
