"""What a reader must know before relying on a board, each by a rule on its numbers."""

from collections.abc import Iterator
from itertools import pairwise

from arena.services.report.facts import ReportFacts
from arena.services.report.prose import Sentence, counted, percent
from arena.statistics.clustered_rates import uneven_pairs
from arena.statistics.thresholds import DEFAULT_THRESHOLDS
from arena.statistics.win_rate import State

_MUCH = 0.25
"""Share of the ballots from which on one annotator may decide the result; or twice an equal one."""


def limitations(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield the limitations that a board has; the last holds for every board."""
    yield from _people(facts)
    yield from _items(facts)
    yield from _sides(facts)
    yield from _opponents(facts)
    yield from _few(facts)
    yield from _stopping(facts)
    yield Sentence(
        "Rates hold for prompts, languages and opponents like those that were judged, and for "
        "nothing else."
    )


def _people(facts: ReportFacts) -> Iterator[Sentence]:
    each, least = facts.casting.votes_each, DEFAULT_THRESHOLDS.clusters
    if 0 < len(each) < least:
        whom = "that annotator" if len(each) == 1 else f"those {len(each)}"
        yield Sentence(
            f"With fewer than {least} annotators, results hold for {whom} only: other people may "
            "well decide otherwise."
        )
    if len(each) > 1 and each[0] / sum(each) > max(_MUCH, 2 / len(each)):
        yield Sentence(f"One annotator cast {percent(each[0] / sum(each))} of the ballots.")


def _items(facts: ReportFacts) -> Iterator[Sentence]:
    least = DEFAULT_THRESHOLDS.clusters
    if 0 < facts.casting.prompts < least:
        yield Sentence(
            f"With fewer than {least} prompts no interval can be given: results hold for these "
            "prompts only."
        )
    if facts.annotators > 1 and not facts.board.agreement.shared_items:
        yield Sentence(
            "No item was judged by two annotators, so how much of a verdict is the annotator's "
            "own taste is unknown."
        )


def _sides(facts: ReportFacts) -> Iterator[Sentence]:
    if uneven := len(uneven_pairs(facts.board.rates)):
        yield Sentence(
            f"{counted(uneven, 'pair')} {'was' if uneven == 1 else 'were'} shown in one order, or "
            "mostly: a preference for one side of the screen cannot be told from a better model "
            "there."
        )


def _opponents(facts: ReportFacts) -> Iterator[Sentence]:
    board = facts.board.board
    met = [len(board.pairs_of(result.model)) for result in board.models]
    if met and max(met) > min(met):
        yield Sentence(
            f"Models met between {min(met)} and {max(met)} opponents: pooled rates of models with "
            "different opponents are not comparable, ratings allow for it."
        )
    if reordered := _reordered(facts):
        yield Sentence(
            f"{reordered[0]} has the higher pooled rate, {reordered[1]} the higher mean over "
            "opponents: they met some opponents more often than others."
        )


def _reordered(facts: ReportFacts) -> tuple[str, str] | None:
    """Return the first neighbours by pooled rate whom the mean over opponents puts otherwise."""
    means = {
        result.model: result.mean_over_opponents
        for result in facts.board.board.best_first
        if result.mean_over_opponents is not None
    }
    for better, worse in pairwise(means):
        if means[better] < means[worse]:
            return facts.board.board.names[better], facts.board.board.names[worse]
    return None


def _few(facts: ReportFacts) -> Iterator[Sentence]:
    rates = facts.board.rates.pairs.items()
    once = [rate for pair, rate in rates if pair.model < pair.opponent]
    if few := sum(rate.state is State.TOO_FEW for rate in once):
        yield Sentence(
            f"{few:,} of {counted(len(once), 'pair')} {'has' if few == 1 else 'have'} too few "
            "votes, annotators or prompts; their rates should not be read."
        )
    if unrated := [one.model for one in facts.board.ratings.ratings if one.from_prior]:
        yield Sentence(
            f"{counted(len(unrated), 'rating')} {'rests' if len(unrated) == 1 else 'rest'} on a "
            f"weak prior, since the votes alone give none: {facts.board.ratings.prior}."
        )
    if mixed := len(facts.board.board.mixed):
        yield Sentence(
            f"{counted(mixed, 'model')} answered in several configurations, which are counted "
            "together."
        )


def _stopping(facts: ReportFacts) -> Iterator[Sentence]:
    if facts.work is None:
        return
    if facts.work.campaign.stop.anytime_verdict:
        yield Sentence(
            "Pairs were stopped at a verdict: it holds, but the rate of such a pair leans towards "
            "the winner."
        )
    if facts.work.campaign.overlap_on_disagreement:
        yield Sentence(
            "Items on which annotators disagreed have more ballots than others, which draws rates "
            "towards 50 %."
        )
