"""Who beats whom, as a heat map: a row's model against the model of each column."""

from html import escape

from arena.domain.conversation import ModelKey
from arena.statistics.win_rate import Pair, PairResult, State
from arena.web.leaderboard.parts.numbers import bounds, caveats, count, percent, whole_percents
from arena.web.leaderboard.view import BoardView

_STEPS = 10


def matrix_tab(view: BoardView) -> str:
    """The map in a box that scrolls under its heads, its key, and a line that reads a cell out."""
    texts = view.texts
    return (
        f'<section class="lb-panel"><h2>{escape(texts["leaderboard.matrix"])}</h2>'
        f'<p class="lb-note">{escape(texts["leaderboard.matrix_hint"])}</p>{_key(view)}'
        f'<p class="lb-readout" id="matrix-readout" role="status">'
        f"{escape(texts['leaderboard.matrix_readout'])}</p>{_map(view)}</section>"
    )


def _key(view: BoardView) -> str:
    texts = view.texts
    swatches = "".join(f'<i class="h{step}"></i>' for step in range(_STEPS + 1))
    return (
        f'<p class="lb-legend"><span>0 % {swatches} 100 %</span>'
        f'<span><i class="few"></i>{escape(texts["leaderboard.matrix_few"])}</span>'
        f'<span><i class="never"></i>{escape(texts["leaderboard.matrix_never"])}</span></p>'
    )


def _map(view: BoardView) -> str:
    order = [result.model for result in view.board.best_first]
    pairs = {Pair(pair.model, pair.opponent): pair for pair in view.board.pairs}
    names = [escape(view.name(key)) for key in order]
    head = "".join(f'<th scope="col" title="{name}"><span>{name}</span></th>' for name in names)
    rows = "".join(_row(view, model, order, pairs) for model in order)
    corner = escape(view.texts["leaderboard.matrix_corner"])
    return (
        '<div class="lb-box lb-tall" id="matrix-box" tabindex="0" role="region" '
        f'aria-label="{escape(view.texts["leaderboard.matrix"])}">'
        '<table class="lb-matrix" id="matrix">'
        f"<thead><tr><td>{corner}</td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(
    view: BoardView, model: ModelKey, order: list[ModelKey], pairs: dict[Pair, PairResult]
) -> str:
    cells = "".join(_cell(view, model, other, pairs.get(Pair(model, other))) for other in order)
    name = escape(view.name(model))
    return f'<tr><th scope="row" title="{name}">{name}</th>{cells}</tr>'


def _cell(view: BoardView, model: ModelKey, other: ModelKey, pair: PairResult | None) -> str:
    """`data-said` is read out by the page's script; thousands of titles would be heavy."""
    if model == other:
        return '<td class="self"></td>'
    if pair is None:
        return '<td class="never"></td>'
    record = pair.record
    if record.rate is None:
        return f'<td class="few" data-said="{escape(_said(view, pair))}">·</td>'
    found = view.pair(Pair(model, other))
    few = view.state(record, found) is State.TOO_FEW
    shade = "few" if few else f"h{round(_STEPS * record.rate)}"
    said = escape(_said(view, pair))
    return f'<td class="{shade}" data-said="{said}">{whole_percents(record)[0]}</td>'


def _said(view: BoardView, pair: PairResult) -> str:
    """Without the names, which the heads of row and column hold."""
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
        if found.told_apart:
            words.append(texts["leaderboard.apart.told_apart"])
        return " · ".join(words)
    few = view.state(record, found) is State.TOO_FEW
    return f"{said} · {texts['leaderboard.state.too_few']}" if few else said
