"""Whether a campaign finds a preference that was planted.

`python -m tests.endurance.planted_preference` prints the table.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import exp
from pathlib import Path
from random import Random

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.optimize import brentq
from scipy.special import expit

from arena.domain.board import BoardFilter
from arena.domain.campaign import ProtocolKind
from arena.domain.conversation import ModelKey
from arena.services.board.details import detailed_board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair
from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers

CAMPAIGNS = 200
SEED = 20_261_130
Found = tuple[float, float, float]
"""Rate, and the low and the high end of its interval."""

PREFERRED, OTHERS = ModelKey("m0"), tuple(ModelKey(f"m{one}") for one in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Planted:
    """A campaign of four models of which the first wins `rate` of decisive comparisons.

    People and prompts differ in how they like it by these standard deviations, in log-odds.
    """

    kind: ProtocolKind
    rate: float = 0.7
    prompts: int = 30
    overlap: int = 2
    people: int = 20
    annotator_sd: float = 0.5
    prompt_sd: float = 0.5

    @property
    def centre(self) -> float:
        """The log-odds around which people and prompts vary, so that the mean rate is `rate`."""
        nodes, weights = hermegauss(60)
        spread = (self.annotator_sd**2 + self.prompt_sd**2) ** 0.5

        def excess(centre: float) -> float:
            chances = expit(centre + spread * nodes)
            return float(weights @ chances / weights.sum()) - self.rate

        return float(brentq(excess, -10, 10))


@dataclass(frozen=True, slots=True)
class Covered:
    """Of the intervals of the planted pairs: how many there were, and how many hold the truth."""

    intervals: int
    holding: int
    mean: float


def found_in(planted: Planted, seed: int, *, folder: Path) -> list[Found]:
    """Run one campaign through the services; return rate, low and high of each planted pair."""
    database = Database(f"sqlite:///{folder / f'{planted.kind}-{seed}.sqlite3'}")
    migrate(database)
    try:
        _judged(CampaignDesk(database, random=Random(f"{seed} desk")), planted, seed)
        rates = detailed_board(database, BoardFilter(campaign=NAME)).rates.pairs
        return [_shown(rates[Pair(PREFERRED, other)]) for other in OTHERS]
    finally:
        database.close()


def _shown(found: ClusteredRate) -> Found:
    assert found.rate is not None
    assert found.interval is not None
    return found.rate, found.interval.low, found.interval.high


def _judged(desk: CampaignDesk, planted: Planted, seed: int) -> None:
    """Let people judge until nothing is left, one item each in turn."""
    desk.open(planned(models=4, judged=planted.prompts, kind=planted.kind, overlap=planted.overlap))
    random = Random(f"{seed} people")
    centre = planted.centre
    liking = [random.gauss(0, planted.annotator_sd) for _ in range(planted.people)]
    suiting = {number: random.gauss(0, planted.prompt_sd) for number in range(planted.prompts + 1)}
    people = desk.people(planted.people)
    left = list(zip(people, liking, strict=True))
    ranked = planted.kind is ProtocolKind.ALL_AT_ONCE
    while left:
        busy = []
        for caller, own in left:
            item = desk.next(caller)
            if item is None:
                continue
            busy.append((caller, own))
            number = int(item.battle.turns[0].prompt.split()[1].rstrip(","))
            strength = exp(centre + own + suiting[number])
            judge = prefers({PREFERRED: strength}, random, ranked=ranked)
            desk.judge(caller, item, judge(item, models_shown(item)))
            desk.clock.pass_by(seconds=30)
        left = busy


def coverage(planted: Planted, campaigns: int, *, processes: int = 1) -> Covered:
    """Run so many seeded campaigns, and count the intervals that hold the planted rate."""
    with tempfile.TemporaryDirectory() as name:
        run = partial(found_in, planted, folder=Path(name))
        seeds = range(SEED, SEED + campaigns)
        found = [one for pairs in _runs(run, seeds, processes) for one in pairs]
    holding = sum(low <= planted.rate <= high for _, low, high in found)
    mean = float(np.mean([rate for rate, _, _ in found]))
    return Covered(len(found), holding, mean)


def _runs(run: Callable[[int], list[Found]], seeds: range, processes: int) -> Iterator[list[Found]]:
    if processes == 1:
        yield from map(run, seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(run, seeds, chunksize=5)


WORLDS: Mapping[str, Planted] = {
    f"{kind.value}, annotators and prompts sd .5": Planted(kind) for kind in ProtocolKind
}


def main() -> None:
    """Print the table."""
    print("| campaign | intervals | hold the planted .7 | mean rate |")
    print("|---|---|---|---|")
    for name, planted in WORLDS.items():
        found = coverage(planted, CAMPAIGNS, processes=2)
        share = found.holding / found.intervals
        print(f"| {name} | {found.intervals} | {share:.1%} | {found.mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
