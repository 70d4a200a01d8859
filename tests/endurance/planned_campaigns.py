"""Whether plans keep their promise: `python -m tests.endurance.planned_campaigns`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import ClusteredRate, pair_rates
from arena.statistics.comparisons import Comparisons, renumbered
from arena.statistics.pair_plans import pair_plan
from arena.statistics.people_needed import fewest
from arena.statistics.planning import decisive_votes_for_rate
from arena.statistics.vote_spread import Layout, Spread, even_layout
from arena.statistics.win_rate import Pair

Floats = NDArray[np.float64]

SEED = 20_261_129
MODELS = (ModelKey("a"), ModelKey("b"))


@dataclass(frozen=True, slots=True)
class World:
    """Two models among people at large: the first wins `rate` of decisive votes.

    People and prompts differ by these standard deviations, in log-odds; everybody casts `each`
    votes, and `per_prompt` votes fall on a prompt.
    """

    rate: float
    annotator_sd: float = 0.0
    prompt_sd: float = 0.0
    each: int = 10
    per_prompt: int = 1

    @property
    def spread(self) -> Spread:
        """The variances that the standard deviations make."""
        nodes, weights = hermegauss(60)
        weights = weights / weights.sum()
        by_annotator = self._chances(nodes[:, None], nodes[None, :]) @ weights
        by_prompt = self._chances(nodes[None, :], nodes[:, None]) @ weights
        return Spread(
            float(weights @ (by_annotator - self.rate) ** 2),
            float(weights @ (by_prompt - self.rate) ** 2),
        )

    def _chances(self, annotator: Floats, prompt: Floats) -> Floats:
        chances: Floats = expit(
            self._centre + self.annotator_sd * annotator + self.prompt_sd * prompt
        )
        return chances

    @property
    def _centre(self) -> float:
        nodes, weights = hermegauss(60)
        weights = weights / weights.sum()
        sd = np.hypot(self.annotator_sd, self.prompt_sd)
        return float(brentq(lambda c: weights @ expit(c + sd * nodes) - self.rate, -9, 9))

    def rates(self, people: int, each: int, campaigns: int, seed: int) -> Iterator[ClusteredRate]:
        """What boards show of so many campaigns with so many people."""
        centre = self._centre
        for random in np.random.default_rng([SEED, seed]).spawn(campaigns):
            yield pair_rates(self._board(people, each, centre, random))[Pair(*MODELS)]

    def _board(
        self, people: int, each: int, centre: float, random: np.random.Generator
    ) -> Comparisons:
        n = people * each
        annotator = np.repeat(np.arange(people), each)
        # Votes of one person are on different prompts, and everybody's are spread over all.
        prompt = np.arange(n) % max(n // self.per_prompt, 1)
        worth = (
            centre
            + random.normal(0, self.annotator_sd, people)[annotator]
            + random.normal(0, self.prompt_sd, n)[prompt]
        )
        # The first model stands on either side in turn.
        later = np.arange(n) % 2
        won = (random.random(n) < expit(worth)) == (later == 0)
        outcome = np.where(won, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        return Comparisons(MODELS, later, 1 - later, outcome, annotator, renumbered(prompt))


def share_significant(rates: Iterable[ClusteredRate]) -> float:
    """Share of boards that tell the two apart."""
    return float(np.mean([rate.is_significant for rate in rates]))


def people_for(world: World) -> int | None:
    """People that the world's campaign needs, its spread being known."""
    return fewest(world.rate, world.spread, lambda people: layout(world, people, world.each))


def each_for(world: World, people: int) -> int | None:
    """Votes that each of so many people has to cast, if any number does."""
    return fewest(world.rate, world.spread, lambda each: layout(world, people, each))


def each_by_design_effect(world: World, people: int) -> int:
    """The same by the design effect at `world.each` votes each, which grows with them: the plan
    that promises too much."""
    pilot = layout(world, people, world.each)
    alone = world.rate * (1 - world.rate) / pilot.votes
    effect = world.spread.variance(pilot, world.rate) / alone
    return round(decisive_votes_for_rate(world.rate) * effect / people)


def layout(world: World, people: int, each: int) -> Layout:
    """How so many people's votes are laid out."""
    return even_layout(people, each, prompts=max(people * each // world.per_prompt, 1))


@dataclass(frozen=True, slots=True)
class Piloted:
    """What came of plans made of pilots.

    `people` are the quartiles of those that were planned, at the true rate; `kept` is the share of
    new campaigns that these told apart. `kept_by_own_rate` is that of plans at the pilot's own
    rate, as the page has them, of the share `open` of pilots that were not told apart themselves.
    """

    people: tuple[float, float, float]
    kept: float
    open: float
    kept_by_own_rate: float


def piloted(world: World, people: int, pilots: int) -> Piloted:
    """Plan by pilots of so many people and draw one new campaign for each plan."""
    planned, kept, by_own = [], [], []
    for number, pilot in enumerate(world.rates(people, world.each, pilots, seed=2)):
        assert pilot.spread is not None
        assert pilot.layout is not None
        more = fewest(world.rate, pilot.spread, partial(pilot.layout.with_others, each=world.each))
        assert more is not None
        planned.append(people + more)
        kept.append(share_significant(world.rates(people + more, world.each, 1, 1000 + number)))
        plan = pair_plan(pilot)
        if plan.others is not None:
            total = min(people + plan.others.people, _MOST_DRAWN)
            by_own.append(share_significant(world.rates(total, world.each, 1, 100_000 + number)))
    low, middle, high = np.percentile(planned, [25, 50, 75]).tolist()
    return Piloted(
        (low, middle, high), float(np.mean(kept)), len(by_own) / pilots, float(np.mean(by_own))
    )


_MOST_DRAWN = 2000
"""Larger campaigns find the rates here in any case, and take long."""

NEW_PEOPLE = {
    "60 %, nobody differs": World(0.6),
    "60 %, annotator sd .7": World(0.6, 0.7),
    "60 %, annotator sd .7, many votes": World(0.6, 0.7, each=50),
    "60 %, annotator sd 1.2": World(0.6, 1.2),
    "65 %, annotator sd .7": World(0.65, 0.7, each=5),
    "55 %, annotator sd .7": World(0.55, 0.7, each=20),
    "70 %, annotator sd .7": World(0.7, 0.7, each=3),
    "60 %, both sd .7, own prompts": World(0.6, 0.7, 0.7),
    "60 %, both sd .7, 5 votes a prompt": World(0.6, 0.7, 0.7, 10, 5),
    "60 %, both sd .7, 10 votes a prompt": World(0.6, 0.7, 0.7, 20, 10),
    "60 %, prompt sd .7, 10 votes a prompt": World(0.6, 0.0, 0.7, 20, 10),
    "40 %, both sd .7, 3 votes a prompt": World(0.4, 0.7, 0.7, 10, 3),
    "65 %, annotator sd .7 and prompt sd 1, 15 votes a prompt": World(0.65, 0.7, 1.0, 20, 15),
}
SAME_PEOPLE = {
    "60 %, annotator sd .7": (World(0.6, 0.7), 30),
    "60 %, annotator sd .7, few people": (World(0.6, 0.7), 10),
    "65 %, annotator sd .7": (World(0.65, 0.7, each=5), 15),
    "65 %, annotator sd 1": (World(0.65, 1.0), 15),
    "60 %, both sd .7, 5 votes a prompt": (World(0.6, 0.7, 0.7, 10, 5), 32),
    "55 %, annotator sd .7": (World(0.55, 0.7), 40),
}
PILOTS = {
    "60 %, annotator sd .7": World(0.6, 0.7),
    "60 %, both sd .7, 5 votes a prompt": World(0.6, 0.7, 0.7, 10, 5),
    "60 %, annotator sd 1": World(0.6, 1.0, each=20),
    "58 %, nobody differs": World(0.58),
}
SIZES = (8, 15, 30)
CAMPAIGNS = 2000
ENDLESS = 1000
"""Votes each that stand for any number of them."""


def main() -> None:
    """Print three tables as Markdown."""
    print("| true rate | votes each | people | told apart |\n|---|---|---|---|")
    for name, world in NEW_PEOPLE.items():
        people = people_for(world)
        assert people is not None
        kept = share_significant(world.rates(people, world.each, CAMPAIGNS, seed=1))
        print(f"| {name} | {world.each} | {people} | {kept:.1%} |", flush=True)
    print("\n| true rate | people | votes each | told apart | by the design effect | told apart |")
    print("|---|---|---|---|---|---|")
    for name, (world, people) in SAME_PEOPLE.items():
        print(f"| {name} | {people} | {_same_people(world, people)} |", flush=True)
    print(
        "\n| true rate | pilot | people planned, half of plans | told apart | not told apart yet |"
    )
    print("|---|---|---|---|---|")
    for name, world in PILOTS.items():
        for size in SIZES:
            print(f"| {name} | {size} x {world.each} | {_pilots(world, size)} |", flush=True)


def _same_people(world: World, people: int) -> str:
    each, naive = each_for(world, people), each_by_design_effect(world, people)
    kept, promised = (
        share_significant(world.rates(people, votes, CAMPAIGNS // 2, seed=3))
        for votes in (each or ENDLESS, naive)
    )
    shown = f"{each}" if each else f"never; drawn with {ENDLESS}"
    return f"{shown} | {kept:.1%} | {naive} | {promised:.1%}"


def _pilots(world: World, size: int) -> str:
    found = piloted(world, size, CAMPAIGNS // 2)
    low, _, high = found.people
    own = f"{found.open:.0%} of pilots, then {found.kept_by_own_rate:.1%}"
    return f"{low:.0f} to {high:.0f} | {found.kept:.1%} | {own}"


if __name__ == "__main__":
    main()
