"""How often watched verdicts call a pair settled: `python -m tests.endurance.watched_campaigns`.

Once where models are equal, in each world that a verdict may be about, and once where they are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import expon, norm

from arena.domain.conversation import ModelKey
from arena.statistics.comparisons import Numbers
from arena.statistics.joint_blocks import joint_blocks
from arena.statistics.pair_quality import ANNOTATOR_BLOCK, PROMPT_BLOCK
from arena.statistics.pair_votes import PairVotes
from arena.statistics.sequential import ALPHA, Claim, log_e_of_votes
from arena.statistics.sequential_blocks import (
    Blocks,
    annotator_blocks,
    prompt_blocks,
)
from arena.statistics.win_rate import Pair
from tests.endurance.evidence_paths import evidence_of_blocks

Floats = NDArray[np.float64]

SEED = 20_261_129
CAMPAIGNS = 1000
THRESHOLD = -log(ALPHA)
_GRID = (np.arange(400) + 0.5) / 400
_PAIR = Pair(ModelKey("a"), ModelKey("b"))


class World(Enum):
    """Among whom the two models are as good as the rate says, and whom its verdict speaks of."""

    FIXED = Claim.THOSE_WHO_VOTED
    ANNOTATORS = Claim.LIKE_THESE_ANNOTATORS
    PROMPTS = Claim.LIKE_THESE_PROMPTS
    BOTH = Claim.LIKE_BOTH


@dataclass(frozen=True, slots=True)
class Watched:
    """`annotators` cast `votes` each on prompts drawn from `prompts`, or with None on their own.

    Votes come in random order. Tastes and topics differ by these standard deviations in log-odds,
    like a normal distribution or, if `lopsided`, like an exponential one: a few strong tastes
    against many weak ones.
    """

    annotators: int
    votes: int
    prompts: int | None = None
    annotator_sd: float = 0.0
    prompt_sd: float = 0.0
    rate: float = 0.5
    lopsided: bool = False

    def campaign(self, world: World, random: np.random.Generator) -> PairVotes:
        """The votes of one campaign, in order; the first model's rate is right in that world."""
        annotator, prompt = self._design(random)
        number = self.prompts or len(prompt)
        taste = self.annotator_sd * self._standard(random.random(self.annotators))
        topic = self.prompt_sd * self._standard(random.random(number))
        centre = self._centre(world, taste, topic)
        won = random.random(len(annotator)) < expit(centre + taste[annotator] + topic[prompt])
        score = np.where(won, 1, -1)
        return PairVotes(_PAIR, np.arange(len(score)), score, annotator, prompt)

    def _design(self, random: np.random.Generator) -> tuple[Numbers, Numbers]:
        annotator = np.repeat(np.arange(self.annotators), self.votes)
        prompt = np.arange(len(annotator))
        if self.prompts is not None:
            each = np.argsort(random.random((self.annotators, self.prompts)), axis=1)
            prompt = each[:, : self.votes].ravel()
        order = random.permutation(len(annotator))
        return annotator[order], prompt[order]

    def _standard(self, share: Floats) -> Floats:
        """Quantiles of an effect with mean 0 and standard deviation 1."""
        return np.asarray(expon.ppf(share) - 1 if self.lopsided else norm.ppf(share))

    def _centre(self, world: World, taste: Floats, topic: Floats) -> float:
        """Log-odds that make the mean chance right: among these, or among all like them."""
        every = self._standard(_GRID)
        tastes = taste if world in (World.FIXED, World.PROMPTS) else self.annotator_sd * every
        topics = topic if world in (World.FIXED, World.ANNOTATORS) else self.prompt_sd * every
        if self.prompts is None and self.prompt_sd == 0:
            topics = np.zeros(1)
        both = np.add.outer(tastes, topics)
        return float(brentq(lambda c: float(expit(c + both).mean()) - self.rate, -9, 9, xtol=1e-6))


def settled(votes: PairVotes) -> Mapping[Claim, bool]:
    """Whether each verdict ever calls the pair settled while votes come in one by one."""
    wins = np.cumsum(votes.score > 0)
    losses = np.arange(1, len(votes) + 1) - wins
    by_blocks = (
        annotator_blocks(votes, size=ANNOTATOR_BLOCK),
        prompt_blocks(votes, size=PROMPT_BLOCK),
        joint_blocks(votes, size=ANNOTATOR_BLOCK),
    )
    return {
        Claim.THOSE_WHO_VOTED: bool((log_e_of_votes(wins, losses) >= THRESHOLD).any()),
        **{blocks.claim: _ever(blocks) for blocks in by_blocks},
    }


def _ever(blocks: Blocks) -> bool:
    if not len(blocks.scores):
        return False
    return bool((evidence_of_blocks(blocks.scores).log_e >= THRESHOLD).any())


def shares(watched: Watched, world: World, campaigns: int) -> Mapping[Claim, float]:
    """Share of campaigns in which each verdict ever calls the pair settled."""
    found = [
        settled(watched.campaign(world, random))
        for random in np.random.default_rng(SEED).spawn(campaigns)
    ]
    return {claim: float(np.mean([one[claim] for one in found])) for claim in Claim}


FEW_PEOPLE = Watched(10, 50, annotator_sd=0.7)
MANY_PEOPLE = Watched(100, 5, annotator_sd=0.7)
FEW_PROMPTS = Watched(100, 20, 20, prompt_sd=1.0)
CROSSED = Watched(30, 40, 40, annotator_sd=0.7, prompt_sd=0.7)
SPREAD_OUT = Watched(50, 40, 200, annotator_sd=0.7, prompt_sd=0.7)

EQUAL: Mapping[str, tuple[Watched, tuple[World, ...]]] = {
    "10 annotators x 50, own prompts, annotator sd .7": (FEW_PEOPLE, tuple(World)),
    "100 annotators x 5, own prompts, annotator sd .7": (MANY_PEOPLE, tuple(World)),
    "100 annotators on 20 prompts, prompt sd 1": (FEW_PROMPTS, tuple(World)),
    "30 annotators on 40 prompts, both sd .7": (CROSSED, tuple(World)),
    "50 annotators x 40 of 200 prompts, both sd .7": (SPREAD_OUT, tuple(World)),
    "the same, lopsided": (replace(SPREAD_OUT, lopsided=True), (World.BOTH,)),
    "30 annotators on 40 prompts, both sd .7, lopsided": (
        replace(CROSSED, lopsided=True),
        (World.BOTH,),
    ),
}

UNEQUAL: Mapping[str, Watched] = {
    "50 annotators x 10, own prompts": Watched(50, 10),
    "100 annotators x 10, own prompts": Watched(100, 10),
    "100 annotators on 20 prompts": Watched(100, 20, 20),
    "50 annotators on 50 prompts": Watched(50, 50, 50),
    "50 annotators x 40 of 200 prompts": Watched(50, 40, 200),
    "60 annotators x 40 of 300 prompts": Watched(60, 40, 300),
}
RATES = (0.6, 0.7, 0.8)


def unequal(watched: Watched, rate: float) -> Watched:
    """The same where people and prompts differ and the first model is better."""
    return replace(watched, annotator_sd=0.7, prompt_sd=0.7, rate=rate)


def main() -> None:
    """Print both tables as Markdown."""
    head = " | ".join(claim.value for claim in Claim)
    print(f"| campaign | equal among | {head} |\n|---|---|" + "---|" * len(Claim))
    for name, (watched, worlds) in EQUAL.items():
        for world in worlds:
            found = shares(watched, world, CAMPAIGNS)
            cells = " | ".join(_cell(found[claim], bold=claim is world.value) for claim in Claim)
            print(f"| {name} | {world.value.value} | {cells} |", flush=True)
    print(
        "\n| campaign | bets | "
        + " | ".join(f"true {r:.0%}" for r in RATES)
        + " |\n|---|---|"
        + "---|" * len(RATES)
    )
    for name, watched in UNEQUAL.items():
        first = unequal(watched, 0.6).campaign(World.BOTH, np.random.default_rng(SEED))
        bets = len(joint_blocks(first, size=ANNOTATOR_BLOCK).scores)
        both = (
            shares(unequal(watched, rate), World.BOTH, CAMPAIGNS // 2)[Claim.LIKE_BOTH]
            for rate in RATES
        )
        print(f"| {name} | {bets} | {' | '.join(f'{share:.1%}' for share in both)} |", flush=True)


def _cell(share: float, *, bold: bool) -> str:
    return f"**{share:.1%}**" if bold else f"{share:.1%}"


if __name__ == "__main__":
    main()
