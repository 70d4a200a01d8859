"""Rates with weighted annotators: `python -m tests.endurance.careless_annotators`.

Some annotators vote at random. How often the interval of the weighted rate holds what all but them
would say, and how much nearer to it the rate comes.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np

from arena.domain.verdict import Verdict
from arena.statistics.annotator_weights import weighted_rates
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import Comparisons
from tests.endurance.simulated_boards import Campaign

SEED = 20_261_130
BOARDS = 1000
THREE = (0.8, 0.0, -0.8)


@dataclass(frozen=True, slots=True)
class CarelessCampaign:
    """A campaign of which the last `careless` annotators decide by a coin."""

    campaign: Campaign
    careless: int

    def board(self, random: np.random.Generator) -> Comparisons:
        """One campaign's votes."""
        board = self.campaign.board(random)
        coin = random.random(len(board)) < 0.5
        tossed = np.where(coin, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        random_votes = board.annotator >= self.campaign.annotators - self.careless
        return replace(board, outcome=np.where(random_votes, tossed, board.outcome))

    @property
    def truth(self) -> float:
        """The rate of the first model by those who read."""
        return float(self.campaign.true_rates[0, 1:].mean())


CAMPAIGNS = {
    "equal models, 30 x 60": CarelessCampaign(Campaign(30, 60, strengths=(0.0,) * 3), 0),
    "equal models, 30 x 60, sd .5, 10 careless": CarelessCampaign(
        Campaign(30, 60, annotator_sd=0.5, strengths=(0.0,) * 3), 10
    ),
    "unequal models, 30 x 60, sd .3": CarelessCampaign(
        Campaign(30, 60, annotator_sd=0.3, strengths=THREE), 0
    ),
    "unequal models, 30 x 60, sd .3, 10 careless": CarelessCampaign(
        Campaign(30, 60, annotator_sd=0.3, strengths=THREE), 10
    ),
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """Shares of intervals that held the rate by those who read, and mean distances from it."""

    plain: float
    weighted: float
    plain_off: float
    weighted_off: float


def weighed(campaign: CarelessCampaign, boards: int) -> Weighed:
    """Of the first model on seeded boards."""
    held, off = [], []
    truth, first = campaign.truth, campaign.campaign.models[0]
    for random in np.random.default_rng(SEED).spawn(boards):
        board = campaign.board(random)
        plain, found = pooled_rates(board)[first], weighted_rates(board)
        assert found is not None
        weighted = found.rates[first]
        assert plain.interval is not None
        assert weighted.interval is not None
        assert plain.rate is not None
        bounds = (plain.interval, weighted.interval)
        held.append([one.low <= truth <= one.high for one in bounds])
        off.append([plain.rate - truth, weighted.rate - truth])
    plain_held, weighted_held = np.mean(held, axis=0).tolist()
    plain_off, weighted_off = np.mean(off, axis=0).tolist()
    return Weighed(plain_held, weighted_held, plain_off, weighted_off)


def main(boards: int) -> None:
    """Print the table as Markdown, in percent."""
    print(f"| {boards} boards | plain holds | weighted holds | plain off | weighted off |")
    print("|---|---|---|---|---|")
    for name, campaign in CAMPAIGNS.items():
        found = weighed(campaign, boards)
        shares = f"{100 * found.plain:.1f} % | {100 * found.weighted:.1f} %"
        off = f"{100 * found.plain_off:+.1f} | {100 * found.weighted_off:+.1f}"
        print(f"| {name} | {shares} | {off} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
