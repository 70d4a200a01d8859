"""One sentence about the board that can be quoted as it stands: never a rate without its worth."""

from collections.abc import Mapping

from markupsafe import Markup

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.intervals import Interval
from arena.statistics.win_rate import ModelResult, Pair, PairResult, Record, State
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import amount, percent
from arena.web.leaderboard.view import BoardView

_HALF = 0.5


def quote(view: BoardView) -> Markup:
    """Return the sentence in a paragraph with a button that copies it; nothing without a rate."""
    sentence = quoted(view)
    if not sentence:
        return NOTHING
    texts = view.texts
    return Markup(
        '<p class="lb-quote"><q id="quote">{}</q> '
        '<button type="button" id="copy-quote" data-copy="quote" data-done="{}">{}</button></p>'
    ).format(sentence, texts["leaderboard.copied"], texts["leaderboard.copy"])


def quoted(view: BoardView) -> str:
    """Return what the best model does against the best that it met; empty where votes are few.

    Where no such pair has enough votes the sentence is about all of its opponents together.
    """
    readable = [one for one in view.board.best_first if one.pooled.state is not State.TOO_FEW]
    if not readable:
        return ""
    pair = _pair(view, readable)
    if pair is None:
        return _of_all(view, readable[0])
    return _of_pair(view, pair)


def _pair(view: BoardView, readable: list[ModelResult]) -> PairResult | None:
    """Return the best model with the best opponent that it met often enough."""
    best, *opponents = (one.model for one in readable)
    met = {pair.opponent: pair for pair in view.board.pairs_of(best)}
    for opponent in opponents:
        pair = met.get(opponent)
        found = view.pair(Pair(best, opponent))
        if pair is not None and view.state(pair.record, found) is not State.TOO_FEW:
            return pair
    return None


def _of_pair(view: BoardView, pair: PairResult) -> str:
    """Return the sentence from the side of the winner."""
    record, names = pair.record, (pair.model, pair.opponent)
    if (record.rate or 0.0) < _HALF:
        record, names = record.mirrored, (pair.opponent, pair.model)
    found = view.pair(Pair(*names))
    model, opponent = map(view.name, names)
    return _sentence(view, _verb(found), record, found, {"model": model, "opponent": opponent})


def _verb(found: ClusteredRate | None) -> str:
    if found is None or found.interval is None:
        return "counted"
    if found.rate == _HALF:
        return "level"
    return "beats" if found.interval.low > _HALF else "ahead"


def _of_all(view: BoardView, result: ModelResult) -> str:
    found = view.pooled(result.model)
    name = "all" if found and found.interval else "all_counted"
    return _sentence(view, name, result.pooled, found, {"model": view.name(result.model)})


def _sentence(
    view: BoardView,
    name: str,
    record: Record,
    found: ClusteredRate | None,
    names: Mapping[str, str],
) -> str:
    """Return the sentence; the state is the one that the board knows so far."""
    texts, state = view.texts, view.state(record, found)
    return texts[f"leaderboard.quote.{name}"].format(
        **names,
        rate=percent(record.rate),
        bounds=_whole(found.interval) if found else "",
        decisive=amount("decisive", record.decisive, texts),
        annotators=amount("annotators", found.annotators, texts) if found else "",
        state=texts[f"leaderboard.state.{state.name.lower()}"] if state else "…",
    )


def _whole(interval: Interval | None) -> str:
    return f"{100 * interval.low:.0f}–{100 * interval.high:.0f}" if interval else ""
