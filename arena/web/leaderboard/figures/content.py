"""What a figure says, in words and numbers, before anything is drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair, PairResult, Record, State
from arena.web.leaderboard.figure_style import FigureChoice, FigureSubject
from arena.web.leaderboard.figures.notes import Shown, count_notes, rate_notes
from arena.web.leaderboard.parts.numbers import short_caveats, signs
from arena.web.leaderboard.view import BoardView


@dataclass(frozen=True, slots=True)
class FigureBar:
    """One opponent, or a model against all.

    `found` is None where only counts are known, `state` where nobody knows.
    `worth` is the state in words, `few` what keeps the interval from being what it seems, `marks`
    the signs for that.
    """

    key: ModelKey
    name: str
    record: Record
    found: ClusteredRate | None
    state: State | None
    worth: str
    few: str
    marks: str = ""


@dataclass(frozen=True, slots=True)
class FigurePanel:
    """A model against its opponents, weakest result first, or without a key all models."""

    key: ModelKey | None
    title: str
    bars: tuple[FigureBar, ...]


@dataclass(frozen=True, slots=True)
class FigureContent:
    """One panel or several, or the rows of a matrix, and what is said of all of them."""

    subject: FigureSubject
    panels: tuple[FigurePanel, ...]
    title: str
    subtitle: str
    caption: tuple[str, ...]
    win: str
    lose: str
    whisker: str
    nothing: str
    few: str


def figure_content(
    view: BoardView, today: date, choice: FigureChoice | None = None
) -> FigureContent | None:
    """Return what a figure shows: by default the model that the page is seen from.

    None if no model was chosen or none of those chosen has an opponent to show.
    """
    baseline = view.query.baseline
    choice = choice or FigureChoice(models=(baseline,) if baseline else ())
    met = {model: view.board.pairs_of(model) for model in choice.models}
    shown = {model: _shown(pairs, choice) for model, pairs in met.items()}
    panels = {model: pairs for model, pairs in shown.items() if pairs}
    if not panels:
        return None
    rows = [pair for pairs in panels.values() for pair in pairs]
    return _content(
        view,
        subject=FigureSubject.MODELS,
        subtitle=view.texts["leaderboard.figure.subtitle"],
        panels=[_panel(view, model, pairs) for model, pairs in panels.items()],
        caption=rate_notes(
            view,
            Shown(
                pairs=rows,
                rates=[view.pair(Pair(one.model, one.opponent)) for one in rows],
                models=tuple(panels),
                left_out=sum(map(len, met.values())) - len(rows),
                least=choice.least,
            ),
            today,
        ),
    )


def rates_content(view: BoardView, today: date) -> FigureContent | None:
    """Return what the figure of all models shows, best first; None without a comparison."""
    results = [one for one in view.board.best_first if one.pooled.total]
    if not results:
        return None
    rates = [view.pooled(one.model) for one in results]
    bars = tuple(
        _bar(view, one.model, one.pooled, found) for one, found in zip(results, rates, strict=True)
    )
    return _content(
        view,
        subject=FigureSubject.RATES,
        subtitle=view.texts["leaderboard.figure.subtitle_rates"],
        panels=[FigurePanel(None, view.texts["leaderboard.figure.of_rates"], bars)],
        caption=rate_notes(view, Shown(pairs=view.board.pairs, rates=rates), today),
    )


def matrix_content(view: BoardView, today: date) -> FigureContent | None:
    """Return what the figure of all pairs shows: a panel for each row; None without a pair."""
    pairs_of = {one.model: view.board.pairs_of(one.model) for one in view.board.best_first}
    panels = [_panel(view, model, pairs) for model, pairs in pairs_of.items() if pairs]
    if not panels:
        return None
    return _content(
        view,
        subject=FigureSubject.MATRIX,
        subtitle=view.texts["leaderboard.figure.subtitle_matrix"],
        panels=panels,
        caption=count_notes(view, Shown(pairs=view.board.pairs, rates=()), today),
    )


def _content(
    view: BoardView,
    *,
    subject: FigureSubject,
    subtitle: str,
    panels: Sequence[FigurePanel],
    caption: tuple[str, ...],
) -> FigureContent:
    texts = view.texts
    return FigureContent(
        subject=subject,
        panels=tuple(panels),
        subtitle=subtitle,
        caption=caption,
        win=texts["leaderboard.win"],
        lose=texts["leaderboard.lose"],
        whisker=texts["leaderboard.whisker"],
        nothing=texts["leaderboard.no_decisive"],
        few=texts["leaderboard.matrix_few"],
        title=texts[f"leaderboard.figure.of_{subject.value}"],
    )


def _panel(view: BoardView, model: ModelKey, pairs: Sequence[PairResult]) -> FigurePanel:
    bars = tuple(
        _bar(view, one.opponent, one.record, view.pair(Pair(one.model, one.opponent)))
        for one in pairs
    )
    return FigurePanel(model, view.name(model), bars)


def _shown(pairs: Iterable[PairResult], choice: FigureChoice) -> tuple[PairResult, ...]:
    return tuple(
        pair
        for pair in pairs
        if not choice.opponents or pair.opponent in choice.opponents
        if pair.record.decisive >= choice.least
    )


def _bar(view: BoardView, key: ModelKey, record: Record, found: ClusteredRate | None) -> FigureBar:
    state = view.state(record, found)
    return FigureBar(
        key=key,
        name=view.name(key),
        record=record,
        found=found,
        state=state,
        worth=view.texts[f"leaderboard.state.{state.name.lower()}"] if state else "",
        few=short_caveats(found, view.texts),
        marks=signs(found, view.texts),
    )
