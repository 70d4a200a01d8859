"""Whether an interval with a judge's help holds: `python -m tests.endurance.judged_campaigns`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from arena.statistics.prediction_powered import Judged, Outcomes, PoweredRate, powered_rate

BOARDS: Final = 1000
SEED: Final = 20_261_130


@dataclass(frozen=True, slots=True)
class JudgedWorld:
    """Two models, people who vote on some comparisons, and a judge who judges all of them.

    `skill` is how much of a prompt's difference the judge sees, from 0 to 1, `bias` what it adds
    for the first model, in log-odds. People and prompts differ by their standard deviations.
    """

    centre: float = 0.4
    annotator_sd: float = 0.5
    prompt_sd: float = 1.5
    tie: float = 0.2
    people: int = 20
    each: int = 15
    others: int = 2000
    skill: float = 1.0
    bias: float = 0.6

    def truth(self) -> float:
        """The rate of people at large on prompts at large."""
        random = np.random.default_rng(SEED)
        noise = random.normal(0, np.hypot(self.annotator_sd, self.prompt_sd), 2_000_000)
        return float(expit(self.centre + noise).mean())

    def boards(self, number: int) -> Iterator[Judged]:
        """So many boards, each with prompts and people of its own."""
        for random in np.random.default_rng(SEED).spawn(number):
            yield self._board(random)

    def _board(self, random: np.random.Generator) -> Judged:
        labelled, total = self.people * self.each, self.people * self.each + self.others
        worth = self.centre + random.normal(0, self.prompt_sd, total)
        annotator = np.repeat(np.arange(self.people), self.each)
        taste = random.normal(0, self.annotator_sd, self.people)[annotator]
        people = self._outcomes(worth[:labelled] + taste, random)
        judge = self._outcomes(self.skill * (worth - self.centre) * 2 + self.bias, random)
        prompts = np.arange(total)
        return Judged(
            people=people,
            judge=Outcomes(judge.wins[:labelled], judge.decisive[:labelled]),
            annotator=annotator,
            prompt=prompts[:labelled],
            others=Outcomes(judge.wins[labelled:], judge.decisive[labelled:]),
            other_prompt=prompts[labelled:],
        )

    def _outcomes(self, worth: np.ndarray, random: np.random.Generator) -> Outcomes:
        decisive = (random.random(len(worth)) >= self.tie).astype(float)
        wins = (random.random(len(worth)) < expit(worth)) * decisive
        return Outcomes(wins, decisive)


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of intervals that hold the truth, with the judge and without, and their widths."""

    powered: float
    alone: float
    width: float
    width_alone: float
    weight: float


def held(world: JudgedWorld, boards: int) -> Held:
    """Count over so many boards."""
    truth = world.truth()
    found = [powered_rate(judged) for judged in world.boards(boards)]

    def holds(one: PoweredRate, *, alone: bool) -> bool:
        interval = one.alone_interval if alone else one.interval
        assert interval is not None
        return interval.low <= truth <= interval.high

    def width(one: PoweredRate, *, alone: bool) -> float:
        interval = one.alone_interval if alone else one.interval
        assert interval is not None
        return interval.high - interval.low

    return Held(
        float(np.mean([holds(one, alone=False) for one in found])),
        float(np.mean([holds(one, alone=True) for one in found])),
        float(np.mean([width(one, alone=False) for one in found])),
        float(np.mean([width(one, alone=True) for one in found])),
        float(np.mean([one.weight for one in found])),
    )


WORLDS: Final[Mapping[str, JudgedWorld]] = {
    "a good judge who likes the first model": JudgedWorld(),
    "a judge who sees nothing": JudgedWorld(skill=0.0),
    "people who differ much": JudgedWorld(annotator_sd=1.0),
    "few comparisons of people": JudgedWorld(people=12, each=8),
    "no others": JudgedWorld(others=40),
}


def main() -> None:
    """Print the table."""
    print("| world | holds, with the judge | people alone | width | alone | weight |")
    print("|---|---|---|---|---|---|")
    for name, world in WORLDS.items():
        one = held(world, BOARDS)
        print(
            f"| {name} | {one.powered:.1%} | {one.alone:.1%} | {one.width:.3f} "
            f"| {one.width_alone:.3f} | {one.weight:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
