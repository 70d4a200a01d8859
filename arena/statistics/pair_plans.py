"""How many more votes would tell the models of each pair apart."""

from collections.abc import Mapping

from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates
from arena.statistics.planning import MoreVotes, Outlook, missing_votes
from arena.statistics.told_apart import LEVEL
from arena.statistics.win_rate import Pair, State


def pair_plans(rates: ClusteredRates) -> Mapping[Pair, MoreVotes]:
    """A plan for both orders of every pair that met."""
    return {pair: pair_plan(rate) for pair, rate in rates.pairs.items()}


def pair_plan(rate: ClusteredRate) -> MoreVotes:
    """What is missing, by the pair's own rate, tie rate and design effect.

    Two models are told apart as `ClusteredRate.told_apart` says: the allowance for all pairs of
    the board goes into what is missing too. Too few annotators, prompts or votes for an interval
    are too few for a plan.
    """
    record = rate.record
    if rate.interval is None or rate.deff is None or rate.state is State.TOO_FEW:
        return MoreVotes(Outlook.TOO_FEW, None, None)
    if rate.adjusted is None:
        return MoreVotes(Outlook.ONE_ORDER, None, None)
    if rate.told_apart:
        return MoreVotes(Outlook.TOLD_APART, 0, 0)
    return missing_votes(
        record.wins,
        record.losses,
        tie_rate=record.tie_rate or 0.0,
        design_effect=rate.deff,
        confidence=1 - LEVEL / rate.adjusted.pairs,
    )
