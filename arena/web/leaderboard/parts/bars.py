"""The figure of WizardLM-2: a stacked bar win | lose for each opponent, with what it is worth."""

from html import escape

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair, PairResult, State
from arena.web.leaderboard.parts.numbers import (
    amount,
    bounds,
    count,
    short_caveats,
    state_mark,
    whole_percents,
)
from arena.web.leaderboard.view import BoardView, Texts


def bars(view: BoardView, pairs: tuple[PairResult, ...]) -> str:
    """The bars in the order of the pairs, and a legend."""
    rows = "".join(_bar(view, pair) for pair in pairs)
    return f'<div class="lb-figure">{_legend(view)}<ul class="lb-bars">{rows}</ul></div>'


def _legend(view: BoardView) -> str:
    texts = view.texts
    win, lose = escape(texts["leaderboard.win"]), escape(texts["leaderboard.lose"])
    whisker = escape(texts["leaderboard.whisker"])
    return (
        f'<p class="lb-legend"><span><i class="lb-win"></i>{win}</span>'
        f'<span><i class="lb-lose"></i>{lose}</span>'
        f'<span><i class="lb-whisker-key"></i>{whisker}</span>'
        f"<span>{escape(texts['leaderboard.bar_number'])}</span>{_waiting(view)}</p>"
    )


def _waiting(view: BoardView) -> str:
    if not view.pending:
        return ""
    return f'<span class="lb-computing">{escape(view.texts["leaderboard.computing"])}</span>'


def _bar(view: BoardView, pair: PairResult) -> str:
    record, found = pair.record, view.pair(Pair(pair.model, pair.opponent))
    state = view.state(record, found)
    opponent = view.name(pair.opponent)
    address = escape(view.query.seen_from(pair.opponent).address)
    faint = " lb-faint" if state is State.TOO_FEW else ""
    return (
        f'<li><a class="lb-opponent" href="{address}" data-board>{escape(opponent)}</a>'
        f'<span class="lb-bar{faint}" role="img" aria-label="{escape(_spoken(view, pair, found))}">'
        f"{_inside(pair, found, view.texts)}</span>"
        f'<span class="lb-worth"><b>n = {count(record.decisive)}</b> {state_mark(state, view)}'
        f"<small>{escape(short_caveats(found, view.texts))}</small></span></li>"
    )


def _inside(pair: PairResult, found: ClusteredRate | None, texts: Texts) -> str:
    rate = pair.record.rate
    if rate is None:
        return f'<span class="lb-none">{escape(texts["leaderboard.no_decisive"])}</span>'
    win, lose = whole_percents(pair.record)
    sides = _side("win", 100 * rate, win) + _side("lose", 100 - 100 * rate, lose)
    return sides + _whisker(found)


def _side(kind: str, width: float, label: int) -> str:
    """One part of a bar, `width` in percent."""
    if not width:
        return ""
    return f'<span class="lb-{kind}" style="width:{width:.2f}%">{label}</span>'


def _whisker(found: ClusteredRate | None) -> str:
    if found is None or found.interval is None:
        return ""
    low, high = 100 * found.interval.low, 100 * found.interval.high
    return f'<i class="lb-whisker" style="left:{low:.2f}%;width:{high - low:.2f}%"></i>'


def _spoken(view: BoardView, pair: PairResult, found: ClusteredRate | None) -> str:
    texts, record = view.texts, pair.record
    opponent = view.name(pair.opponent)
    if record.rate is None:
        return texts["leaderboard.bar_empty"].format(opponent=opponent)
    win, lose = whole_percents(record)
    said = texts["leaderboard.bar"].format(
        opponent=opponent, win=win, lose=lose, decisive=amount("decisive", record.decisive, texts)
    )
    if found is None or found.interval is None:
        return said
    interval = texts["leaderboard.bar_interval"].format(bounds=bounds(found.interval))
    return texts["leaderboard.list_separator"].join((said, interval))
