"""How often the fit of Bradley-Terry is called bad: `python -m tests.endurance.goodness`."""

import sys
from dataclasses import dataclass, replace

import numpy as np

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons
from arena.statistics.goodness_of_fit import goodness_of_fit
from tests.endurance.simulated_boards import Campaign

SEED = 20_261_130
BOARDS = 1000
LEVEL = 0.05
SIX = (0.6, 0.3, 0.0, 0.0, -0.3, -0.6)


@dataclass(frozen=True, slots=True)
class CircularCampaign:
    """A campaign in which the first model loses to the third as often as it would have won."""

    campaign: Campaign

    def board(self, random: np.random.Generator) -> Comparisons:
        """One campaign's votes, those between these two turned round."""
        board = self.campaign.board(random)
        turned = ((board.a == 0) & (board.b == 2)) | ((board.a == 2) & (board.b == 0))
        mirrored = np.array([verdict.mirrored.number for verdict in Verdict])
        return replace(board, outcome=np.where(turned, mirrored[board.outcome], board.outcome))


NULL = {
    "30 annotators x 60, sd .5": Campaign(30, 60, annotator_sd=0.5, strengths=SIX),
    "200 annotators x 10": Campaign(200, 10, strengths=SIX),
    "10 annotators x 200, sd .7": Campaign(10, 200, annotator_sd=0.7, strengths=SIX),
    "20 annotators on 100 prompts, both sd .5": Campaign(
        20, 100, 100, annotator_sd=0.5, prompt_sd=0.5, strengths=SIX
    ),
    "60 annotators x 600/n, sd .5": Campaign(60, 600, annotator_sd=0.5, strengths=SIX, zipf=True),
}
PLANTED = CircularCampaign(Campaign(30, 100, annotator_sd=0.5, strengths=SIX))


def false_alarms(campaign: Campaign | CircularCampaign, boards: int) -> float:
    """Return the share of seeded boards whose fit is called bad at the level of 5 %."""
    found = [
        goodness_of_fit(campaign.board(random))
        for random in np.random.default_rng(SEED).spawn(boards)
    ]
    return float(np.mean([one is not None and (one.p or 1.0) < LEVEL for one in found]))


def main(boards: int) -> None:
    """Print the table as Markdown, in percent."""
    print(f"| {boards} boards | called bad |\n|---|---|")
    for name, campaign in NULL.items():
        print(f"| {name} | {100 * false_alarms(campaign, boards):.1f} % |", flush=True)
    planted = 100 * false_alarms(PLANTED, boards)
    print(f"| the first loses to the third by .6 log-odds, 30 annotators x 100 | {planted:.1f} % |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
