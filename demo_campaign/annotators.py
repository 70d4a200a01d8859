"""Annotators that are simulated: they like long replies, and err."""

from collections.abc import Sequence
from itertools import pairwise
from math import log1p
from random import Random

from arena.domain.accounts import Caller
from arena.domain.evaluation import Attention, CampaignBallot, ItemView
from arena.services.campaigns.evaluation.evaluations import CampaignEvaluations

SPREAD = 0.6
"""Standard deviation of an annotator's error, in units of the logarithm of a reply's length."""

TIE = 0.15
"""Replies whose perceived lengths differ by less, in the same units, get the same rank."""


class SimulatedAnnotator:
    """Judges by length with an error of its own; it never learns which model answered."""

    def __init__(self, caller: Caller, random: Random) -> None:
        self.caller = caller
        self._random = random

    def judge_next(self, evaluations: CampaignEvaluations, campaign: str) -> bool:
        """Judge one item; return whether there was one."""
        item = evaluations.next(self.caller, campaign)
        if not isinstance(item, ItemView):
            return False
        ballot = CampaignBallot(ranks=self._ranks([self._length(one) for one in _replies(item)]))
        shown = item.battle.shown
        evaluations.judge(self.caller, item.assignment_id, shown, ballot, Attention())
        return True

    def _length(self, text: str) -> float:
        """Return the logarithm of a length as this annotator perceives it."""
        return log1p(len(text)) + self._random.gauss(0, SPREAD)

    def _ranks(self, lengths: Sequence[float]) -> tuple[int, ...]:
        """Return a rank for each reply, 1 for the longest; close ones share a rank."""
        order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
        ranks, rank = {order[0]: 1}, 1
        for better, worse in pairwise(order):
            rank += lengths[better] - lengths[worse] >= TIE
            ranks[worse] = rank
        return tuple(ranks[place] for place in range(len(lengths)))


def judge_all(
    annotators: Sequence[SimulatedAnnotator], evaluations: CampaignEvaluations, campaign: str
) -> int:
    """Let everybody judge in turn until nobody has anything left; return the number of ballots."""
    for annotator in annotators:
        if campaign not in evaluations.campaigns(annotator.caller):
            raise RuntimeError(f"{annotator.caller.name} takes no part in {campaign}")
        evaluations.begin(annotator.caller, campaign, {})
    ballots, left = 0, list(annotators)
    while left:
        left = [one for one in left if one.judge_next(evaluations, campaign)]
        ballots += len(left)
    return ballots


def _replies(item: ItemView) -> list[str]:
    return [
        "".join(turn.replies[slot] for turn in item.battle.turns)
        for slot in range(item.battle.slots)
    ]
