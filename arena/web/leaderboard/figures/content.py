"""What a figure says, in words and numbers, before anything is drawn."""

from dataclasses import dataclass
from datetime import date

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, PairResult, Record, State
from arena.web.leaderboard.parts.numbers import amount, count, short_caveats, sides_words
from arena.web.leaderboard.parts.scope import filter_words
from arena.web.leaderboard.view import BoardView, Texts


@dataclass(frozen=True, slots=True)
class FigureBar:
    """One opponent. `found` is None where only counts are known; `state` where nobody knows.

    `worth` is the state in words, `few` what keeps the interval from being what it seems.
    """

    key: ModelKey
    name: str
    record: Record
    found: ClusteredRate | None
    state: State | None
    worth: str
    few: str


@dataclass(frozen=True, slots=True)
class FigureContent:
    """A model against its opponents, weakest result first."""

    key: ModelKey
    title: str
    subtitle: str
    bars: tuple[FigureBar, ...]
    caption: tuple[str, ...]
    win: str
    lose: str
    whisker: str
    decisive: str
    nothing: str


def figure_content(view: BoardView, today: date) -> FigureContent | None:
    """Return what a figure shows; None if no model was chosen or the one chosen has no vote."""
    baseline, texts = view.query.baseline, view.texts
    pairs = view.board.pairs_of(baseline) if baseline else ()
    if baseline is None or not pairs:
        return None
    return FigureContent(
        key=baseline,
        title=view.name(baseline),
        subtitle=texts["leaderboard.figure.subtitle"],
        bars=tuple(_bar(view, pair) for pair in pairs),
        caption=_caption(view, pairs, today),
        win=texts["leaderboard.win"],
        lose=texts["leaderboard.lose"],
        whisker=texts["leaderboard.whisker"],
        decisive=texts["leaderboard.column.decisive"],
        nothing=texts["leaderboard.no_decisive"],
    )


def _bar(view: BoardView, pair: PairResult) -> FigureBar:
    found = view.pair(Pair(pair.model, pair.opponent))
    state = view.state(pair.record, found)
    return FigureBar(
        key=pair.opponent,
        name=view.name(pair.opponent),
        record=pair.record,
        found=found,
        state=state,
        worth=view.texts[f"leaderboard.state.{state.name.lower()}"] if state else "",
        few=short_caveats(found, view.texts),
    )


def _caption(view: BoardView, pairs: tuple[PairResult, ...], today: date) -> tuple[str, ...]:
    texts, votes = view.texts, sum(pair.record.total for pair in pairs)
    counted = texts["leaderboard.figure.counted"].format(
        comparisons=amount("comparisons", votes, texts),
        decisive=amount("decisive", sum(pair.record.decisive for pair in pairs), texts),
        votes=amount("votes", view.board.votes, texts),
        date=today.isoformat(),
    )
    words = (_about_intervals(view, pairs), _about_sides(view, pairs))
    return (*filter(None, words), chosen_words(view.board, pairs[0].model, texts), counted)


def _about_sides(view: BoardView, pairs: tuple[PairResult, ...]) -> str:
    """Return what the words beside a bar of one order mean; empty without such a bar."""
    found = (view.pair(Pair(pair.model, pair.opponent)) for pair in pairs)
    uneven = any(sides_words(one, view.texts) for one in found)
    return view.texts["leaderboard.figure.sides"] if uneven else ""


def _about_intervals(view: BoardView, pairs: tuple[PairResult, ...]) -> str:
    """Return what the whiskers are, of all that appear."""
    if view.rated is None:
        return view.texts["leaderboard.figure.no_intervals"]
    scopes = {
        found.scope
        for pair in pairs
        if (found := view.pair(Pair(pair.model, pair.opponent))) and found.interval
    }
    key = {
        frozenset(): "none",
        frozenset({Scope.PROMPTS}): "prompts",
        frozenset({Scope.ANNOTATORS_AND_PROMPTS}): "both",
    }.get(frozenset(scopes), "mixed")
    return view.texts[f"leaderboard.figure.intervals_{key}"]


def chosen_words(board: Board, model: ModelKey, texts: Texts) -> str:
    """Return the filter in words, with the flagged comparisons of a model."""
    board_filter = board.filter
    words = filter_words(board_filter, texts)
    words = words or [texts["leaderboard.all_votes"]]
    included = "included" if board_filter.include_flagged else "left_out"
    flagged = texts[f"leaderboard.figure.flagged_{included}"]
    words.append(flagged.format(flagged=count(board.flagged.total_of_model.get(model, 0))))
    if board.suspect_votes.comparisons:
        known = "counted" if board.counts_suspects else "left_out"
        sentence = texts[f"leaderboard.figure.one_address_{known}"]
        words.append(sentence.format(votes=count(board.suspect_votes.votes)))
    return " · ".join(words)
