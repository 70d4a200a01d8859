"""Simulated annotators."""

from random import Random

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from demo_campaign.annotators import SPREAD, TIE, SimulatedAnnotator


def _annotator(seed: int = 1) -> SimulatedAnnotator:
    return SimulatedAnnotator(Caller(AnnotatorId(1), "One", AccountRole.ANNOTATOR), Random(seed))


def test_ranks_follow_perceived_lengths_and_close_ones_are_ties() -> None:
    annotator = _annotator()
    assert annotator._ranks([1.0, 5.0, 5.0 - TIE / 2, 3.0]) == (3, 1, 1, 2)
    assert annotator._ranks([2.0, 2.0]) == (1, 1)


def test_the_longer_of_two_replies_wins_as_often_as_the_error_allows() -> None:
    annotator, wins = _annotator(), 0
    for _ in range(2000):
        longer, shorter = annotator._length("a" * 200), annotator._length("a" * 100)
        wins += longer > shorter
    expected = 0.793  # the normal distribution at log(201 / 101) / (SPREAD * sqrt(2))
    assert SPREAD == 0.6
    assert abs(wins / 2000 - expected) < 0.03
