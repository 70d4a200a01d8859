"""Whether the interval of a change holds, as votes are added to those of a snapshot.

`python -m tests.endurance.moving_rates` prints the table.
"""

import sys
from dataclasses import dataclass

import numpy as np

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.rate_changes import CountedRate, change_bounds
from tests.endurance.drifting_models import SEED, DriftingCampaign

BOARDS = 1000


@dataclass(frozen=True, slots=True)
class MovingCampaign:
    """A campaign that was frozen after a `part` of its votes, and at its end.

    With `newcomers` those who voted late are others than those who voted early; else all go on.
    """

    annotators: int
    votes: int
    annotator_sd: float = 0.0
    part: float = 0.5
    newcomers: bool = True

    def rates(self, random: np.random.Generator) -> tuple[ClusteredRate, ClusteredRate]:
        """The pooled rates of one model in both."""
        drifting = DriftingCampaign(self.annotators, self.votes, annotator_sd=self.annotator_sd)
        board, days = drifting.board(random)
        moment = days if self.newcomers else random.random(len(board))
        earlier = moment < np.quantile(moment, self.part)
        model: ModelKey = board.models[0]
        return pooled_rates(board.where(earlier))[model], pooled_rates(board)[model]


CAMPAIGNS = {
    "40 annotators x 50, half": MovingCampaign(40, 50),
    "40 annotators x 50, sd 1, half": MovingCampaign(40, 50, annotator_sd=1.0),
    "40 annotators x 50, sd 1, nine tenths": MovingCampaign(40, 50, annotator_sd=1.0, part=0.9),
    "24 annotators x 100, sd 1, a third": MovingCampaign(24, 100, annotator_sd=1.0, part=1 / 3),
    "20 annotators x 100, sd 1, the same": MovingCampaign(
        20, 100, annotator_sd=1.0, newcomers=False
    ),
}


def moving(campaign: MovingCampaign, boards: int) -> float:
    """Share of seeded boards without a change whose interval holds none."""
    held = []
    for random in np.random.default_rng(SEED).spawn(boards):
        bounds = change_bounds(*map(_counted, campaign.rates(random)))
        assert bounds is not None
        held.append(bounds.low <= 0 <= bounds.high)
    return float(np.mean(held))


def _counted(found: ClusteredRate) -> CountedRate:
    return CountedRate(
        wins=found.record.wins,
        losses=found.record.losses,
        deff=found.deff,
        annotators=found.annotators,
        prompts=found.prompts,
    )


def main(boards: int) -> None:
    """Print the table as Markdown, in percent."""
    print(f"| {boards} boards | interval holds |\n|---|---|")
    for name, campaign in CAMPAIGNS.items():
        print(f"| {name} | {100 * moving(campaign, boards):.1f} % |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
