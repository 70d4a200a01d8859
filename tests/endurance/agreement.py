"""How often the interval of alpha holds the truth: `python -m tests.endurance.agreement`."""

from collections.abc import Sequence
from dataclasses import dataclass

import evalica
import numpy as np
import pandas as pd

from arena.statistics.agreement import judged_items
from arena.statistics.comparisons import Comparisons
from arena.statistics.krippendorff import krippendorff
from tests.endurance.simulated_agreement import Judging

SEED = 20_261_129
BOARDS = 2000
BOOTSTRAPPED = 100
"""Boards for which evalica's bootstrap of pairs is computed beside it."""

EVEN = ((3, 2.0),)
ALIKE = ((2, 2.0), (12, 2.0))
HARDER = ((2, 3.0), (12, 0.3))
HARD_OR_EASY = ((5, 6.0), (5, 0.1))
REQUIRED = {
    "3 votes an item": Judging(EVEN),
    "5 votes an item": Judging(((5, 2.0),)),
    "2 or 12 votes, alike": Judging(ALIKE),
    "2 or 12 votes, the 12 harder": Judging(HARDER),
}
OTHERS = {
    "3 votes, 20 prompts": Judging(EVEN, prompts=20),
    "3 votes, 300 prompts": Judging(EVEN, prompts=300),
    "2 or 12, alike, 20 prompts": Judging(ALIKE, prompts=20),
    "2 or 12, the 12 harder, 20 prompts": Judging(HARDER, prompts=20),
    "2 or 12, the 12 harder, 300 prompts": Judging(HARDER, prompts=300),
    "2 or 20, one in ten has 20 and is a toss-up": Judging(((2, 6.0), (20, 0.1)), (0.9, 0.1)),
    "3 votes, nearly all agree": Judging(((3, 12.0),), ties=0.02),
    "3 votes, nobody agrees": Judging(((3, 0.0),), ties=0.3),
    "5 items on each of 60 prompts": Judging(EVEN, items=5),
    "5 items on each of 60 prompts, prompt sd 2": Judging(ALIKE, items=5, prompt_sd=2.0),
    "5 items on each of 60 prompts, that are hard or easy": Judging(
        HARD_OR_EASY, items=5, alike=True
    ),
    "5 items on each of 20 prompts, that are hard or easy": Judging(
        HARD_OR_EASY, prompts=20, items=5, alike=True
    ),
}
OTHER_PEOPLE = {
    "10 people with sd .7, 60 prompts: other people": Judging(
        ((5, 2.0),), people=10, people_sd=0.7
    ),
    "30 people with sd 1, 200 prompts: other people": Judging(EVEN, prompts=200, people_sd=1.0),
}
OUT_OF_SCOPE = {
    "6 items on each of 4 prompts, prompt sd 3: other prompts": Judging(
        ((5, 0.5),), prompts=4, items=6, prompt_sd=3.0
    ),
    "5 people with sd 2, 200 prompts: other people": Judging(
        EVEN, prompts=200, people=5, people_sd=2.0
    ),
}
"""What «for these prompts only» and «for the annotators who voted» warn of."""


@dataclass(frozen=True, slots=True)
class AlphaCoverage:
    """Shares of boards whose interval held the truth, was above it, below it; and its mean width.

    `pairs` is the share held by evalica's bootstrap of pairs, on fewer boards.
    """

    truth: float
    covered: float
    above: float
    below: float
    width: float
    pairs: float


def alpha_coverage(judging: Judging, boards: int, *, bootstrapped: int = 0) -> AlphaCoverage:
    """Of the interval as shown, on so many boards of one world."""
    of_truth, *generators = np.random.default_rng(SEED).spawn(boards + 1)
    truth = judging.truth(of_truth)
    drawn = [judging.board(random) for random in generators]
    found = [krippendorff(judged_items(board).table) for board in drawn]
    above = _share([alpha.low > truth for alpha in found])
    below = _share([alpha.high < truth for alpha in found])
    return AlphaCoverage(
        truth=truth,
        covered=1 - above - below,
        above=above,
        below=below,
        width=float(np.mean([alpha.high - alpha.low for alpha in found])),
        pairs=_share([_pairs_hold(board, truth) for board in drawn[:bootstrapped]]),
    )


def _share(held: Sequence[bool]) -> float:
    return sum(held) / len(held) if held else float("nan")


def _pairs_hold(board: Comparisons, truth: float) -> bool:
    item = board.prompt * len(board.models) + board.a
    votes = pd.DataFrame({"who": board.annotator, "item": item, "said": board.outcome})
    ratings = votes.pivot_table(index="who", columns="item", values="said")
    found = evalica.alpha_bootstrap(ratings, n_resamples=200, random_state=0)
    return bool(found.low <= truth <= found.high)


def main() -> None:
    """Print the table as Markdown."""
    print("| board | alpha | held | above | below | width | pairs drawn |")
    print("|---|---|---|---|---|---|---|")
    for name, judging in (REQUIRED | OTHERS | OTHER_PEOPLE | OUT_OF_SCOPE).items():
        seen = alpha_coverage(judging, BOARDS, bootstrapped=BOOTSTRAPPED)
        held = f"{seen.covered:.3f} | {seen.above:.3f} | {seen.below:.3f}"
        print(f"| {name} | {seen.truth:.3f} | {held} | {seen.width:.3f} | {seen.pairs:.2f} |")


if __name__ == "__main__":
    main()
