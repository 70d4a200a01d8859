"""What stopping at a narrow interval costs: `python -m tests.endurance.narrow_intervals`.

How often the interval at the moment of stopping holds the rate among all annotators and prompts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import ClusteredRate, pair_rates
from arena.statistics.comparisons import Comparisons
from arena.statistics.thresholds import Scope
from arena.statistics.win_rate import Pair, State
from tests.endurance.watched_campaigns import SEED, Watched, World

CAMPAIGNS = 600
LOOK_EVERY = 20
_PAIR = Pair(ModelKey("a"), ModelKey("b"))

PLANS = {
    "20 annotators x 60, own prompts": Watched(20, 60, annotator_sd=0.5),
    "20 annotators on 60 prompts": Watched(20, 60, 60, annotator_sd=0.5, prompt_sd=0.5),
    "40 annotators x 30 of 200 prompts": Watched(40, 30, 200, annotator_sd=0.5, prompt_sd=0.5),
}
RATES = (0.5, 0.7)
HALF_WIDTHS = (0.10, 0.07, 0.05)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Median votes of campaigns, and shares: of those that stopped early, and of intervals that
    held the rate, where the campaign ended and with all votes.
    """

    votes: float
    early: float
    held: float
    held_by_all: float


def rates_at_looks(comparisons: Comparisons) -> Iterator[tuple[int, ClusteredRate]]:
    """Yield the rate after every so many votes, and with all."""
    number = len(comparisons)
    for seen in (*range(LOOK_EVERY, number, LOOK_EVERY), number):
        rows = np.arange(number) < seen
        yield seen, pair_rates(comparisons.where(rows))[_PAIR]


def is_enough(rate: ClusteredRate, half_width: float) -> bool:
    """Whether the stop rule of a campaign with at least eight annotators ends the pair."""
    return (
        rate.interval is not None
        and rate.state is not State.TOO_FEW
        and rate.scope is Scope.ANNOTATORS_AND_PROMPTS
        and rate.interval.half_width <= half_width
    )


def holds(rate: ClusteredRate, truth: float) -> bool:
    """Whether the interval holds the true rate."""
    return rate.interval is not None and rate.interval.low <= truth <= rate.interval.high


def stopped(watched: Watched, half_widths: tuple[float, ...], campaigns: int) -> list[Stopped]:
    """Simulate campaigns once, and end them at each of the half-widths."""
    ends: list[list[tuple[bool, int, bool, bool]]] = [[] for _ in half_widths]
    for random in np.random.default_rng(SEED).spawn(campaigns):
        looks = list(rates_at_looks(_comparisons(watched, random)))
        last = looks[-1]
        for place, width in enumerate(half_widths):
            seen, rate = next((look for look in looks if is_enough(look[1], width)), last)
            early = seen < last[0]
            ends[place].append(
                (early, seen, holds(rate, watched.rate), holds(last[1], watched.rate))
            )
    return [_summary(end) for end in ends]


def _summary(ends: list[tuple[bool, int, bool, bool]]) -> Stopped:
    early, votes, held, held_by_all = zip(*ends, strict=True)
    means = (float(np.mean(column)) for column in (early, held, held_by_all))
    return Stopped(float(np.median(votes)), *means)


def _comparisons(watched: Watched, random: np.random.Generator) -> Comparisons:
    votes = watched.campaign(World.BOTH, random)
    won, lost = Verdict.A_BETTER.number, Verdict.B_BETTER.number
    none = np.zeros(len(votes), np.int64)
    outcome = np.where(votes.score > 0, won, lost)
    return Comparisons(
        (_PAIR.model, _PAIR.opponent), none, none + 1, outcome, votes.annotator, votes.prompt
    )


def main() -> None:
    """Print the table as Markdown."""
    print(
        "| campaign | true rate | half-width | stopped early | votes | held | held by all votes |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, plan in PLANS.items():
        for rate in RATES:
            watched = Watched(
                plan.annotators,
                plan.votes,
                plan.prompts,
                annotator_sd=plan.annotator_sd,
                prompt_sd=plan.prompt_sd,
                rate=rate,
            )
            found = stopped(watched, HALF_WIDTHS, CAMPAIGNS)
            for width, one in zip(HALF_WIDTHS, found, strict=True):
                cells = (f"{width:.0%}", f"{one.early:.0%}", f"{one.votes:.0f}")
                held = (f"{one.held:.1%}", f"{one.held_by_all:.1%}")
                print(f"| {name} | {rate:.0%} | {' | '.join((*cells, *held))} |", flush=True)


if __name__ == "__main__":
    main()
