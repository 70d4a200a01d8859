"""Which pairs of models are known well enough, by the statistics that boards show."""

from collections.abc import Collection, Iterator

from arena.domain.campaign import StopRules
from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import ClusteredRate, pair_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.joint_blocks import joint_blocks
from arena.statistics.pair_quality import ANNOTATOR_BLOCK, PROMPT_BLOCK
from arena.statistics.pair_votes import PairVotes, votes_of_pairs
from arena.statistics.sequential import Lead
from arena.statistics.sequential_blocks import prompt_blocks, verdict_of_blocks
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope
from arena.statistics.win_rate import State

PairOfModels = frozenset[ModelKey]
"""Two models in no order."""

_PERCENT = 100


def judged_enough(
    comparisons: Comparisons, stop: StopRules, *, people: int
) -> frozenset[PairOfModels]:
    """Return the pairs that `half_width` or `anytime_verdict` stops.

    `people` are the annotators that the campaign expects, 0 where it does not say. From
    `Thresholds.clusters` on, or where nobody knows, a pair waits for what holds for annotators like
    these: else the first few who came would decide for all. Rows must be in the order of casting.
    """
    few = 0 < people < DEFAULT_THRESHOLDS.clusters
    return frozenset((*_narrow(comparisons, stop, few=few), *_settled(comparisons, stop, few=few)))


def _narrow(comparisons: Comparisons, stop: StopRules, *, few: bool) -> Iterator[PairOfModels]:
    """Yield the pairs whose interval is as narrow as wanted."""
    if stop.half_width is None or not len(comparisons):
        return
    scopes = {Scope.ANNOTATORS_AND_PROMPTS, *([Scope.PROMPTS] if few else [])}
    for pair, rate in pair_rates(comparisons).items():
        if _is_narrow(rate, stop.half_width / _PERCENT, scopes):
            yield frozenset((pair.model, pair.opponent))


def _is_narrow(rate: ClusteredRate, half_width: float, scopes: Collection[Scope]) -> bool:
    return (
        rate.interval is not None
        and rate.state is not State.TOO_FEW
        and rate.scope in scopes
        and rate.interval.half_width <= half_width
    )


def _settled(comparisons: Comparisons, stop: StopRules, *, few: bool) -> Iterator[PairOfModels]:
    """Yield the pairs with an anytime-valid verdict."""
    if not stop.anytime_verdict:
        return
    for votes in votes_of_pairs(comparisons):
        if _is_settled(votes, few=few):
            yield frozenset((votes.pair.model, votes.pair.opponent))


def _is_settled(votes: PairVotes, *, few: bool) -> bool:
    blocks = (
        prompt_blocks(votes, size=PROMPT_BLOCK)
        if few
        else joint_blocks(votes, size=ANNOTATOR_BLOCK)
    )
    return verdict_of_blocks(blocks).lead is not Lead.OPEN
