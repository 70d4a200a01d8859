"""How rates, intervals and ratings were computed, by the labels that the board gives them."""

from collections import Counter
from collections.abc import Iterator

from arena.services.report.facts import ReportFacts
from arena.services.report.prose import Sentence, counted
from arena.statistics.clustered_rates import METHODS
from arena.statistics.connectivity import Standing
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope
from arena.statistics.tie_models import Ties
from arena.statistics.win_rate import State

_CLUSTERED = ("cameron2011", "bell2002", "korn1998")


def certainty(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield what rates and ratings are, and how their intervals were found."""
    yield Sentence(
        "The win rate is wins / (wins + losses), without ties; ties and replies that are both bad "
        "are shown beside it.",
        ("wizardlm2",),
    )
    if informed := facts.board.board.informed:
        yield Sentence(
            f"The pairs of {counted(informed, 'comparison')} were drawn where the votes so far "
            "told least, with a known probability; in rates and tie rates of models over all "
            "opponents each comparison is weighted by the inverse of it, so that they are what "
            "even drawing would give.",
            ("chiang2024", "hajek1971"),
        )
    yield from _intervals(facts)
    yield from _ratings(facts)


def _intervals(facts: ReportFacts) -> Iterator[Sentence]:
    rates = facts.board.rates.pairs.items()
    once = [rate for pair, rate in rates if pair.model < pair.opponent]
    found = Counter(rate.scope for rate in once if rate.interval is not None)
    if not found:
        yield Sentence("No pair has votes enough for an interval.")
        return
    yield Sentence(
        "Intervals are Wilson's at 95 %, with the effective number of votes and Student's t in "
        "place of the number of votes and the normal quantile, since votes of one annotator, and "
        "on one prompt, are alike.",
        ("wilson1927", *_CLUSTERED),
    )
    for scope, number in found.items():
        held = {rate.label for rate in once if rate.scope is scope and rate.interval is not None}
        words = held.pop() if len(held) == 1 else "for those annotators only who voted on the pair"
        yield Sentence(
            f"{counted(number, 'pair')} of {len(once):,} {'has' if number == 1 else 'have'} an "
            f"interval of the kind “{METHODS[scope]}”, which holds {words}."
        )
    states = Counter(rate.state for rate in once)
    limits = DEFAULT_THRESHOLDS
    yield Sentence(
        f"Of all {counted(len(once), 'pair')}, {_are(states[State.ESTABLISHED])} established "
        f"(half-width of at most {100 * limits.half_width:g} points, {limits.clusters} annotators "
        f"and prompts or more), {_are(states[State.PRELIMINARY])} preliminary, and "
        f"{states[State.TOO_FEW]:,} have too few votes."
    )


def _ratings(facts: ReportFacts) -> Iterator[Sentence]:
    ratings = facts.board.ratings
    if not any(one.standing is Standing.RATED for one in ratings.ratings):
        yield Sentence("No model has a rating with an interval: there are too few votes.")
        return
    davidson = ratings.ties is Ties.DAVIDSON
    ties = "read by Davidson's model" if davidson else "read as half a win of either side"
    yield Sentence(
        "Ratings are those of a Bradley-Terry model with mean 1000, of which 400 points are odds "
        f"of 10 to 1, fitted to all comparisons at once, with ties {ties}; their intervals are "
        "clustered likewise.",
        ("bradley1952", *(("davidson1970",) if davidson else ()), "liang1986"),
    )
    if ratings.scope is not Scope.NONE and ratings.label:
        yield Sentence(f"They hold {ratings.label}.")


def multiplicity(facts: ReportFacts) -> Iterator[Sentence]:
    """Yield how many pairs were tested and how many are told apart."""
    rates = facts.board.rates.pairs.items()
    tested = [rate for pair, rate in rates if pair.model < pair.opponent and rate.adjusted]
    if not tested:
        yield Sentence("No two models were tested for a difference.")
        return
    apart = sum(rate.is_significant for rate in tested)
    if len(tested) == 1:
        yield Sentence(
            "One pair was tested, so nothing is adjusted for multiple comparisons; its models are "
            f"{'told apart' if apart else 'not told apart'} at the 5 % level."
        )
        return
    yield Sentence(
        f"{len(tested):,} pairs were tested, with p-values adjusted for all of them by Holm's "
        f"method: {_are(apart)} told apart at the 5 % "
        "level.",
        ("holm1979",),
    )


def _are(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'}" if number else "none is"
