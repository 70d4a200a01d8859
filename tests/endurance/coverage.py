"""How often the intervals that are shown hold the truth: `python -m tests.endurance.coverage`."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from arena.statistics.bradley_terry import fit
from arena.statistics.clustered_rates import ClusteredRate, clustered_rates, pair_rates
from arena.statistics.intervals import Interval, wilson
from arena.statistics.ratings import rate_models
from arena.statistics.win_rate import Pair
from tests.endurance.simulated_boards import Campaign, Floats

SEED = 20_260_101
BOARDS = 2000
FIVE = (0.8, 0.4, 0.0, -0.4, -0.8)

WITH_EFFECTS = {
    "30 annotators x 10, sd .7": Campaign(30, 10, annotator_sd=0.7),
    "30 annotators x 10, sd 1.2": Campaign(30, 10, annotator_sd=1.2),
    "10 annotators x 50, sd .7": Campaign(10, 50, annotator_sd=0.7),
    "8 annotators x 25, sd 1": Campaign(8, 25, annotator_sd=1.0),
    "10 annotators on 50 prompts, annotator sd .7": Campaign(10, 50, 50, annotator_sd=0.7),
    "20 annotators on 20 prompts, prompt sd .7": Campaign(20, 20, 20, prompt_sd=0.7),
    "50 annotators on 10 prompts, prompt sd .7": Campaign(50, 10, 10, prompt_sd=0.7),
    "20 annotators on 20 prompts, both sd .7": Campaign(
        20, 20, 20, annotator_sd=0.7, prompt_sd=0.7
    ),
    "12 annotators on 40 prompts, both sd .7": Campaign(
        12, 40, 40, annotator_sd=0.7, prompt_sd=0.7
    ),
    "4 annotators on 40 prompts, prompt sd .7": Campaign(4, 40, 40, prompt_sd=0.7),
    "25 annotators x 300/n, sd .7": Campaign(25, 300, annotator_sd=0.7, zipf=True),
    "30 annotators x 10, sd .7, true rate .86": Campaign(
        30, 10, annotator_sd=0.7, strengths=(2.0, 0.0)
    ),
}
HARD = {
    "30 annotators on 10 prompts, annotator sd .7, true rate .86": Campaign(
        30, 10, 10, annotator_sd=0.7, strengths=(2.0, 0.0)
    ),
    "8 annotators on 8 prompts, both sd .7": Campaign(8, 8, 8, annotator_sd=0.7, prompt_sd=0.7),
    "8 annotators x 4, sd 1": Campaign(8, 4, annotator_sd=1.0),
    "8 annotators x 10, sd 1, true rate .93": Campaign(
        8, 10, annotator_sd=1.0, strengths=(3.0, 0.0)
    ),
    "30 annotators x 10, sd .7, true rate .97": Campaign(
        30, 10, annotator_sd=0.7, strengths=(4.0, 0.0)
    ),
    "60 annotators x 500/n, sd .7": Campaign(60, 500, annotator_sd=0.7, zipf=True),
}
"""With effects, where few votes or clusters make the interval too wide rather than too narrow."""
OUT_OF_SCOPE = {
    "4 annotators on 40 prompts, both sd .7, asked about all annotators": Campaign(
        4, 40, 40, annotator_sd=0.7, prompt_sd=0.7
    ),
}
"""What «for these 4 annotators only» warns of."""
WITHOUT_EFFECTS = {
    "30 annotators x 10": Campaign(30, 10),
    "8 annotators x 25": Campaign(8, 25),
    "20 annotators on 20 prompts": Campaign(20, 20, 20),
}
FIVE_MODELS = {
    "five models, 25 annotators x 800/n, sd .7": Campaign(
        25, 800, annotator_sd=0.7, strengths=FIVE, tie_share=0.2, zipf=True
    ),
    "five models, 8 annotators on 20 prompts, both sd .7": Campaign(
        8, 40, 20, annotator_sd=0.7, prompt_sd=0.7, strengths=FIVE, tie_share=0.2
    ),
    "five models, 30 annotators x 40, sd .7": Campaign(
        30, 40, annotator_sd=0.7, strengths=FIVE, tie_share=0.2
    ),
    "five models, 20 annotators on 50 prompts, both sd .7": Campaign(
        20, 50, 50, annotator_sd=0.7, prompt_sd=0.7, strengths=FIVE, tie_share=0.2
    ),
    "five models, 30 annotators x 40": Campaign(30, 40, strengths=FIVE, tie_share=0.2),
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of intervals that held the truth, and their mean width; `shown` counts them.

    `naive` is the same share of Wilson's interval that takes every vote for independent.
    """

    shown: int
    covered: float
    width: float
    naive: float


def _generators(boards: int) -> list[np.random.Generator]:
    return np.random.default_rng(SEED).spawn(boards)


def pair_coverage(campaign: Campaign, boards: int) -> Coverage:
    """Of the rate of the first model against the second."""
    truth = float(campaign.true_rates[0, 1])
    pair = Pair(*campaign.models[:2])
    rates = [pair_rates(campaign.board(random))[pair] for random in _generators(boards)]
    return _coverage(rates, truth)


def model_coverage(campaign: Campaign, boards: int) -> tuple[Coverage, Coverage]:
    """Of the first model's pooled rate, and of its mean over opponents.

    All opponents are met equally often, so that both have the same truth.
    """
    truth, first = float(campaign.true_rates[0, 1:].mean()), campaign.models[0]
    all_rates = [clustered_rates(campaign.board(random)) for random in _generators(boards)]
    return (
        _coverage([rates.pooled[first] for rates in all_rates], truth),
        _coverage([rates.mean_over_opponents[first] for rates in all_rates], truth),
    )


@dataclass(frozen=True, slots=True)
class RatingCoverage:
    """Shares of boards: the first model's rating held, all differences, all rank ranges."""

    rating: float
    differences: float
    ranks: float


def rating_coverage(campaign: Campaign, boards: int) -> RatingCoverage:
    """Of Bradley-Terry ratings, ties as half a win, against those of the true rates."""
    truth = true_elo(campaign)
    ranks = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    held = []
    for random in _generators(boards):
        shown = rate_models(campaign.board(random), random=random)
        interval, apart = shown.ratings[0].interval, shown.differences
        assert interval is not None
        error = apart.difference - (truth[:, None] - truth[None, :])
        held.append(
            (
                interval.low <= truth[0] <= interval.high,
                bool((np.abs(error) <= apart.half_width).all()),
                all(r.best <= k <= r.worst for r, k in zip(apart.ranks, ranks, strict=True)),
            )
        )
    return RatingCoverage(*np.mean(held, axis=0).tolist())


def true_elo(campaign: Campaign) -> Floats:
    """The ratings that infinitely many votes would give."""
    wins = (1 - campaign.tie_share) * campaign.true_rates + campaign.tie_share / 2
    np.fill_diagonal(wins, 0.0)
    sided = np.zeros((*wins.shape, 4))
    sided[..., 0], sided[..., 1] = wins, wins.T
    return fit(np.round(sided * 1e12).astype(np.int64)).elo


def _coverage(rates: Iterable[ClusteredRate], truth: float) -> Coverage:
    shown = [(rate, rate.interval) for rate in rates if rate.interval is not None]
    naive = [wilson(rate.record.wins, rate.decisive) for rate, _ in shown]
    return Coverage(
        shown=len(shown),
        covered=float(np.mean([_holds(interval, truth) for _, interval in shown])),
        width=float(np.mean([interval.high - interval.low for _, interval in shown])),
        naive=float(np.mean([_holds(interval, truth) for interval in naive])),
    )


def _holds(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


def main() -> None:
    """Print both tables as Markdown."""
    print("| pair rate | shown | clustered | width | naive |\n|---|---|---|---|---|")
    for name, campaign in (WITH_EFFECTS | HARD | OUT_OF_SCOPE | WITHOUT_EFFECTS).items():
        print(_line(name, pair_coverage(campaign, BOARDS)))
    for name, campaign in FIVE_MODELS.items():
        pooled, mean = model_coverage(campaign, BOARDS)
        print(_line(f"{name}: pooled", pooled))
        print(_line(f"{name}: mean over opponents", mean))
    print("\n| rating | one rating | all differences | all rank ranges |\n|---|---|---|---|")
    for name, campaign in FIVE_MODELS.items():
        held = rating_coverage(campaign, BOARDS)
        print(f"| {name} | {held.rating:.3f} | {held.differences:.3f} | {held.ranks:.3f} |")


def _line(name: str, seen: Coverage) -> str:
    shares = f"{seen.covered:.3f} | {seen.width:.3f} | {seen.naive:.3f}"
    return f"| {name} | {seen.shown} | {shares} |"


if __name__ == "__main__":
    main()
