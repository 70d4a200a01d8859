"""The content of a report, before it is written as a page or as LaTeX."""

from collections.abc import Iterator
from dataclasses import dataclass

from arena.services.report.facts import ReportFacts
from arena.services.report.figures import PlacedFigure, ReportFigureOf, placed_figures
from arena.services.report.methods import methods
from arena.services.report.prose import Section, Sentence, bounds, counted, percent, section
from arena.services.report.sources import cited
from arena.services.report.tables import Table, tables_of
from arena.statistics.win_rate import State

MOST_SHOWN = 6
"""Figures in the text: those of the best models, as many as WizardLM-2's has panels, and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContents:
    """A report. `figures` are all, best model first; `shown` those in the text."""

    title: str
    subtitle: str
    results: Section
    methods: tuple[Section, ...]
    tables: tuple[Table, ...]
    figures: tuple[PlacedFigure, ...]
    sources: tuple[str, ...]

    @property
    def shown(self) -> tuple[PlacedFigure, ...]:
        """The figures that stand in the text."""
        return self.figures[:MOST_SHOWN]


def contents_of(facts: ReportFacts, figure_of: ReportFigureOf) -> ReportContents:
    """Return everything that a report of these facts says and shows."""
    results = section("Results", _results(facts))
    said = (results, *methods(facts))
    return ReportContents(
        title=facts.title,
        subtitle="A blind evaluation of language models by people: win:loss rates without ties",
        results=results,
        methods=said[1:],
        tables=tables_of(facts.board),
        figures=placed_figures(facts.board, figure_of, facts.made_at.date()),
        sources=cited(said),
    )


def _results(facts: ReportFacts) -> Iterator[Sentence]:
    board, best = facts.board, facts.board.board.best_first
    first = board.rates.pooled.get(best[0].model) if best else None
    if first is None or first.rate is None:
        yield Sentence("No comparison is decisive, so there is no rate.")
        return
    if first.state is State.TOO_FEW:
        yield Sentence("The votes are too few to say which model is best.")
        return
    interval = first.interval
    within = f", 95 % interval {bounds(interval.low, interval.high)}" if interval else ""
    yield Sentence(
        f"{board.board.names[best[0].model]} has the highest win rate, {percent(first.rate)} of "
        f"{counted(first.decisive, 'decisive comparison')}{within} ({first.state.value})."
    )
    apart = [
        pair
        for pair, found in board.rates.pairs.items()
        if found.is_significant and found.rate and found.rate > 0.5
    ]
    beaten = sum(pair.model == best[0].model for pair in apart)
    yield Sentence(
        f"It is told apart from {counted(beaten, 'opponent')} in direct comparison."
        if beaten
        else "It is told apart from no opponent in direct comparison."
    )
