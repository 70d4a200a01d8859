"""Whether plans keep their promise: `python -m tests.endurance.planned_campaigns`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import ClusteredRate, pair_rates
from arena.statistics.comparisons import Comparisons, Outcome, renumbered
from arena.statistics.people_needed import fewest
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
        won = random.random(n) < expit(worth)
        outcome = np.where(won, int(Outcome.A_BETTER), int(Outcome.B_BETTER))
        first = np.zeros(n, np.int64)
        return Comparisons(MODELS, first, first + 1, outcome, annotator, renumbered(prompt))


def told_apart(rates: Iterator[ClusteredRate]) -> float:
    """Share of boards whose interval leaves out one half."""
    return float(
        np.mean(
            [
                rate.interval is not None and not rate.interval.low <= 0.5 <= rate.interval.high
                for rate in rates
            ]
        )
    )


def planned(world: World) -> int | None:
    """People that the world's campaign needs, its spread being known."""
    return fewest(world.rate, world.spread, lambda people: layout(world, people))


def layout(world: World, people: int) -> Layout:
    """How so many people's votes are laid out."""
    prompts = max(people * world.each // world.per_prompt, 1)
    return even_layout(people, world.each, prompts=prompts)
