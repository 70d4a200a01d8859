"""What a figure says, in words and numbers, before anything is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from arena.domain.conversation import ModelKey
from arena.services.board.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, PairResult, Record, State
from arena.web.leaderboard.figures.style import FigureChoice
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
class FigurePanel:
    """A model against its opponents, weakest result first."""

    key: ModelKey
    title: str
    bars: tuple[FigureBar, ...]


@dataclass(frozen=True, slots=True)
class FigureContent:
    """One panel or several, and what is said of all of them."""

    panels: tuple[FigurePanel, ...]
    subtitle: str
    caption: tuple[str, ...]
    win: str
    lose: str
    whisker: str
    decisive: str
    nothing: str


def figure_content(
    view: BoardView, today: date, choice: FigureChoice | None = None
) -> FigureContent | None:
    """Return what a figure shows: by default the model that the page is seen from.

    None if no model was chosen or none of those chosen has an opponent to show.
    """
    baseline, texts = view.query.baseline, view.texts
    choice = choice or FigureChoice(models=(baseline,) if baseline else ())
    met = {model: view.board.pairs_of(model) for model in choice.models}
    shown = {model: _shown(pairs, choice) for model, pairs in met.items()}
    panels = {model: pairs for model, pairs in shown.items() if pairs}
    if not panels:
        return None
    return FigureContent(
        panels=tuple(
            FigurePanel(model, view.name(model), tuple(_bar(view, pair) for pair in pairs))
            for model, pairs in panels.items()
        ),
        subtitle=texts["leaderboard.figure.subtitle"],
        caption=_caption(view, panels, sum(map(len, met.values())), choice, today),
        win=texts["leaderboard.win"],
        lose=texts["leaderboard.lose"],
        whisker=texts["leaderboard.whisker"],
        decisive=texts["leaderboard.column.decisive"],
        nothing=texts["leaderboard.no_decisive"],
    )


def _shown(pairs: Iterable[PairResult], choice: FigureChoice) -> tuple[PairResult, ...]:
    return tuple(
        pair
        for pair in pairs
        if not choice.opponents or pair.opponent in choice.opponents
        if pair.record.decisive >= choice.least
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


def _caption(
    view: BoardView,
    panels: Mapping[ModelKey, tuple[PairResult, ...]],
    met: int,
    choice: FigureChoice,
    today: date,
) -> tuple[str, ...]:
    """Return the notes; a pair that two panels show is counted once."""
    texts, pairs = view.texts, tuple(pair for shown in panels.values() for pair in shown)
    records = {frozenset((pair.model, pair.opponent)): pair.record for pair in pairs}.values()
    counted = texts["leaderboard.figure.counted"].format(
        comparisons=amount("comparisons", sum(one.total for one in records), texts),
        decisive=amount("decisive", sum(one.decisive for one in records), texts),
        people=_people(view, tuple(panels), met - len(pairs)),
        ties=amount("ties", sum(one.ties for one in records), texts),
        both_bad=count(sum(one.both_bad for one in records)),
        votes=amount("votes", view.board.votes, texts),
        date=today.isoformat(),
    )
    words = (
        _about_intervals(view, pairs),
        _about_sides(view, pairs),
        _about_opponents(met - len(pairs), choice, texts),
    )
    return (*filter(None, words), chosen_words(view.board, tuple(panels), texts), counted)


def _about_opponents(left_out: int, choice: FigureChoice, texts: Texts) -> str:
    """Return how many rows the choice left out; empty if none."""
    if not left_out:
        return ""
    key = "few" if choice.least else "chosen"
    return texts[f"leaderboard.figure.opponents_{key}"].format(
        number=count(left_out), least=count(choice.least)
    )


def _people(view: BoardView, models: Sequence[ModelKey], left_out: int) -> str:
    """Return whose the decisive comparisons are, and on how many prompts; empty if unknown.

    That is known of all opponents of one model.
    """
    found, texts = view.pooled(models[0]), view.texts
    if found is None or len(models) > 1 or left_out:
        return ""
    return texts["leaderboard.figure.people"].format(
        annotators=amount("annotators", found.annotators, texts),
        prompts=amount("prompts", found.prompts, texts),
    )


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


def chosen_words(board: Board, models: Sequence[ModelKey], texts: Texts) -> str:
    """Return the filter in words, with the flagged comparisons of a model, or of the board."""
    board_filter = board.filter
    words = filter_words(board_filter, texts)
    words = words or [texts["leaderboard.all_votes"]]
    included = "included" if board_filter.include_flagged else "left_out"
    flagged = texts[f"leaderboard.figure.flagged_{included}"]
    of_model = board.flagged.total_of_model.get(models[0], 0)
    words.append(
        flagged.format(flagged=count(of_model if len(models) == 1 else board.flagged.total))
    )
    if board.suspect_votes.comparisons:
        known = "counted" if board.counts_suspects else "left_out"
        sentence = texts[f"leaderboard.figure.one_address_{known}"]
        words.append(sentence.format(votes=count(board.suspect_votes.votes)))
    return " · ".join(words)
