"""Whether drifts over time are found, and none where there is none.

`python -m tests.endurance.drifting_models` prints the table.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from arena.domain.verdict import Verdict
from arena.statistics.bradley_terry import ELO
from arena.statistics.comparisons import Comparisons
from arena.statistics.over_time import FOUR_WEEKS, over_time
from tests.endurance.simulated_boards import Campaign, Floats

SEED = 20_261_130
BOARDS = 1000
FIVE = (0.6, 0.3, 0.0, -0.3, -0.6)


@dataclass(frozen=True, slots=True)
class DriftingCampaign:
    """A campaign over `days`, in which the first model gains `drift` in log-odds in 28 of them.

    Annotators come one after the other, each on a few days in a row; what they and prompts prefer
    differs by `annotator_sd`.
    """

    annotators: int
    votes: int
    drift: float = 0.0
    days: float = 84.0
    annotator_sd: float = 0.0
    strengths: tuple[float, ...] = FIVE

    def board(self, random: np.random.Generator) -> tuple[Comparisons, Floats]:
        """One campaign's votes, and the day of each."""
        campaign = Campaign(
            self.annotators, self.votes, annotator_sd=self.annotator_sd, strengths=self.strengths
        )
        board = campaign.board(random)
        begun = random.uniform(0, self.days - 5, self.annotators)
        days = begun[board.annotator] + random.uniform(0, 5, len(board))
        taste = random.normal(0, self.annotator_sd / np.sqrt(2), (self.annotators, 5))
        worth = np.array(self.strengths) + taste[board.annotator]
        worth[:, 0] += self.drift * (days - self.days / 2) / FOUR_WEEKS
        rows = np.arange(len(board))
        better = random.random(len(board)) < special.expit(
            worth[rows, board.a] - worth[rows, board.b]
        )
        outcome = np.where(better, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        return replace(board, outcome=outcome), days

    @property
    def change(self) -> float:
        """The drift in Elo points."""
        return ELO * self.drift


CAMPAIGNS = {
    "40 annotators x 50": DriftingCampaign(40, 50),
    "40 annotators x 50, sd .5": DriftingCampaign(40, 50, annotator_sd=0.5),
    "12 annotators x 150, sd .5": DriftingCampaign(12, 150, annotator_sd=0.5),
    "60 annotators x 50, drift .2": DriftingCampaign(60, 50, drift=0.2),
    "60 annotators x 50, sd .3, drift .2": DriftingCampaign(60, 50, drift=0.2, annotator_sd=0.3),
}


@dataclass(frozen=True, slots=True)
class Drifting:
    """Shares of boards: the first model's interval held its drift, it was found, another was."""

    held: float
    found: float
    false: float


def drifting(campaign: DriftingCampaign, boards: int) -> Drifting:
    """Of seeded boards. What others seem to drift against the first is not counted as false."""
    rows = []
    for random in np.random.default_rng(SEED).spawn(boards):
        first, *others = over_time(*campaign.board(random)).drifts
        assert first.bounds is not None
        rows.append(
            (
                first.bounds.low <= campaign.change <= first.bounds.high,
                first.is_significant,
                any(other.is_significant for other in others),
            )
        )
    return Drifting(*np.mean(rows, axis=0).tolist())


def main(boards: int) -> None:
    """Print the table as Markdown, in percent."""
    print(f"| {boards} boards | interval holds | first model drifts | another does |")
    print("|---|---|---|---|")
    for name, campaign in CAMPAIGNS.items():
        found = drifting(campaign, boards)
        shares = (f"{100 * share:.1f} %" for share in (found.held, found.found, found.false))
        print(f"| {name} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
