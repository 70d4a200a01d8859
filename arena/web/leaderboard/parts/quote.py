"""One sentence about the board that can be quoted as it stands: never a rate without its worth."""

from collections.abc import Mapping

from markupsafe import Markup

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.intervals import Interval
from arena.statistics.win_rate import ModelResult, Pair, PairResult, Record, State
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.parts.numbers import amount, count, percent
from arena.web.leaderboard.parts.top import Top, top_of
from arena.web.leaderboard.view import BoardView

_HALF = 0.5
_LEAST_RANKED = 2


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
    """Return whether the best model is known, and what the first does against its runner-up.

    Where these two have not met often enough, each is told against all of its opponents together.
    Empty where no model has enough votes.
    """
    top = top_of(view)
    if not top.models:
        return ""
    first, *others = top.models
    if not others:
        said = _of_all(view, first)
    elif (pair := _pair(view, first, others[0])) is not None:
        said = view.texts["leaderboard.quote.first"].format(said=_of_pair(view, pair))
    else:
        said = _of_both(view, first, others[0])
    return view.texts["leaderboard.quote.whole"].format(top=_known(view, top), said=said).strip()


def _known(view: BoardView, top: Top) -> str:
    """Return how many models may be the best; empty where no two have ranks."""
    texts = view.texts
    if view.pending:
        return texts["leaderboard.quote.top_pending"]
    if top.ranked < _LEAST_RANKED:
        return ""
    name = "top_alone" if top.may_be_first == 1 else "top_open"
    return texts[f"leaderboard.quote.{name}"].format(
        model=view.name(top.models[0].model),
        first=count(top.may_be_first),
        ranked=count(top.ranked),
    )


def _pair(view: BoardView, first: ModelResult, second: ModelResult) -> PairResult | None:
    """Return what the two did against each other; None where that has too few votes to be read."""
    met = {pair.opponent: pair for pair in view.board.pairs_of(first.model)}
    pair = met.get(second.model)
    found = view.pair(Pair(first.model, second.model))
    if pair is None or view.state(pair.record, found) is State.TOO_FEW:
        return None
    return pair


def _of_both(view: BoardView, first: ModelResult, second: ModelResult) -> str:
    """Return the rates of two models that have not met often enough, each against all."""
    apart = view.texts["leaderboard.quote.apart"]
    return apart.format(first=_of_one(view, first), second=_of_one(view, second))


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
    """Return what a model does against all of its opponents together, as a sentence."""
    found = view.pooled(result.model)
    name = "all" if found and found.interval else "all_counted"
    return _sentence(view, name, result.pooled, found, {"model": view.name(result.model)})


def _of_one(view: BoardView, result: ModelResult) -> str:
    """Return the same as part of a sentence."""
    found = view.pooled(result.model)
    name = "one" if found and found.interval else "one_counted"
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
