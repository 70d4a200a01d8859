"""Whether style control takes out what people like: `python -m tests.endurance.styled_boards`.

Models are equally good, and some write longer; annotators like length, each somewhat differently.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons, Numbers, renumbered
from arena.statistics.style_control import style_control
from tests.endurance.simulated_boards import Floats

SEED = 20_261_130
BOARDS = 1000


@dataclass(frozen=True, slots=True)
class StyledCampaign:
    """`annotators` cast `votes` each, on `prompts` that all share or, with None, on their own.

    A reply is as many doublings long as its model's `verbosity`, and more or less by
    `length_sd`. A doubling is worth `liking` in log-odds, to an annotator more or less by
    `liking_sd`; what annotators and prompts prefer besides differs by `annotator_sd` and
    `prompt_sd` for each model. The earlier slot is worth `side`.
    """

    annotators: int
    votes: int
    prompts: int | None = None
    verbosity: tuple[float, ...] = (1.0, 0.0, 0.0, -0.5)
    length_sd: float = 1.0
    liking: float = 0.6
    liking_sd: float = 0.2
    annotator_sd: float = 0.0
    prompt_sd: float = 0.0
    side: float = 0.0
    tie_share: float = 0.2

    def board(self, random: np.random.Generator) -> tuple[Comparisons, Floats]:
        """One campaign's votes on pairs drawn at random, and how much longer the earlier reply is.

        In doublings.
        """
        size, n = len(self.verbosity), self.annotators * self.votes
        annotator = np.repeat(np.arange(self.annotators), self.votes)
        prompt = np.arange(n) if self.prompts is None else np.arange(n) % self.prompts
        a = random.integers(0, size, n)
        b = (a + random.integers(1, size, n)) % size
        length = self._lengths(prompt, a, random) - self._lengths(prompt, b, random)
        liking = random.normal(self.liking, self.liking_sd, self.annotators)[annotator]
        worth = random.normal(0, self.annotator_sd, (self.annotators, size))[annotator]
        worth = worth + random.normal(0, self.prompt_sd, (int(prompt.max()) + 1, size))[prompt]
        rows = np.arange(n)
        better = self.side + liking * length + worth[rows, a] - worth[rows, b]
        won = random.random(n) < special.expit(better)
        outcome = np.where(won, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        outcome[random.random(n) < self.tie_share] = Verdict.TIE.number
        keys = tuple(ModelKey(f"model-{number}") for number in range(size))
        return Comparisons(keys, a, b, outcome, annotator, renumbered(prompt)), length

    def _lengths(self, prompt: Numbers, model: Numbers, random: np.random.Generator) -> Floats:
        return np.array(self.verbosity)[model] + random.normal(0, self.length_sd, len(prompt))


CAMPAIGNS = {
    "30 annotators x 40": StyledCampaign(30, 40, liking_sd=0.0),
    "30 annotators x 40, liking sd .2, annotator sd .4": StyledCampaign(30, 40, annotator_sd=0.4),
    "10 annotators x 120, liking sd .2, annotator sd .4": StyledCampaign(10, 120, annotator_sd=0.4),
    "20 annotators on 60 prompts, both sd .4, side .3": StyledCampaign(
        20, 60, 60, annotator_sd=0.4, prompt_sd=0.4, side=0.3
    ),
    "100 annotators x 60, liking sd .2, annotator sd .4": StyledCampaign(100, 60, annotator_sd=0.4),
}


@dataclass(frozen=True, slots=True)
class StyleCoverage:
    """Shares of intervals that held one half, without and with style control, over all models.

    `odds` is that of the intervals of the odds of a doubling that held those of a board without
    end, `leads` the mean distance of plain rates from one half, and `left` the mean one of
    controlled rates, of the model that writes longest.
    """

    plain: float
    controlled: float
    odds: float
    leads: float
    left: float


def style_coverage(campaign: StyledCampaign, boards: int) -> StyleCoverage:
    """Of seeded boards."""
    held, rates = [], []
    true = true_odds(campaign)
    for random in np.random.default_rng(SEED).spawn(boards):
        board, length = campaign.board(random)
        found = style_control(board, {"characters": length}, random=random)
        odds = found.effects[0].bounds
        assert odds is not None
        of_odds = odds.low <= true <= odds.high
        for model in found.models:
            assert model.interval is not None
            assert model.plain.interval is not None
            held.append(
                [each.low <= 0.5 <= each.high for each in (model.plain.interval, model.interval)]
                + [of_odds]
            )
        rates.append([found.models[0].plain.rate or 0.0, found.models[0].rate])
    leads, left = np.mean(rates, axis=0) - 0.5
    plain, controlled, in_odds = np.mean(held, axis=0).tolist()
    return StyleCoverage(plain, controlled, in_odds, float(leads), float(left))


def true_odds(campaign: StyledCampaign) -> float:
    """Return the odds of a doubling for annotators and prompts together.

    Those of one annotator are exp(liking); the more annotators differ besides, the less a doubling
    changes what all of them together say.
    """
    prompts = None if campaign.prompts is None else 2000
    endless = replace(campaign, annotators=2000, votes=60, prompts=prompts)
    random = np.random.default_rng(SEED)
    board, length = endless.board(random)
    return style_control(board, {"characters": length}, random=random).effects[0].odds


def main(boards: int) -> None:
    """Print the table as Markdown, in percent."""
    head = "plain interval holds .5 | controlled | odds | plain lead | lead left"
    print(f"| {boards} boards | {head} |\n|---|---|---|---|---|---|")
    for name, campaign in CAMPAIGNS.items():
        found = style_coverage(campaign, boards)
        shares = " | ".join(
            f"{100 * share:.1f} %" for share in (found.plain, found.controlled, found.odds)
        )
        leads = f"{100 * found.leads:+.1f} | {100 * found.left:+.2f}"
        print(f"| {name} | {shares} | {leads} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
