"""Agreement between annotators: Krippendorff's alpha and the plain share of pairs that agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, Outcome, pair_numbers
from arena.statistics.items import ItemVotes, item_votes
from arena.statistics.win_rate import Pair

FEWEST_SHARED_ITEMS = 10
"""Items judged by two or more annotators below which alpha is not given."""

MOST_RESAMPLES = 1000
FEWEST_RESAMPLES = 100
DRAWS = 100_000_000
"""Bootstrap rounds, and draws of pairs of votes in all rounds together (about 10 ns each): the more
pairs, the narrower the interval and the fewer rounds it needs."""


class NoAlpha(StrEnum):
    """Why there is no alpha."""

    ONE_ANNOTATOR = "one annotator"
    FEW_SHARED_ITEMS = "few shared items"
    ONE_VERDICT = "one verdict"


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha, 1 for full agreement and 0 for chance, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PairwiseAgreement:
    """Of `pairs` of votes by two annotators on the same item, how many have the same verdict."""

    pairs: int
    agreeing: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None without a pair."""
        return self.agreeing / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree.

    Exactly one of `alpha` and `reason` is None. `raw` counts all pairs of votes, `raw_decisive`
    only those in which both votes name a winner. `shared_items` have two or more annotators.
    """

    items: int
    shared_items: int
    raw: PairwiseAgreement
    raw_decisive: PairwiseAgreement
    alpha: Alpha | None
    reason: NoAlpha | None


def agreement(
    comparisons: Comparisons,
    *,
    rng: np.random.Generator,
    fewest_shared_items: int = FEWEST_SHARED_ITEMS,
) -> Agreement:
    """Agreement over items; of an annotator's votes on one item only the first row counts.

    Memory grows with items times votes of the most judged item. Two million votes on half a
    million items take about 6 s.
    """
    votes = item_votes(comparisons).first_of_each_annotator
    table = votes.table
    judged = table.sum(axis=1)
    shared = votes.on(judged >= 2)
    reason = _obstacle(votes, shared, fewest_shared_items)
    return Agreement(
        items=votes.items,
        shared_items=int((judged >= 2).sum()),
        raw=_pairwise(table),
        raw_decisive=_pairwise(table[:, : Outcome.TIE]),
        alpha=_alpha(shared, rng) if reason is None else None,
        reason=reason,
    )


def pair_agreement(comparisons: Comparisons) -> Mapping[Pair, PairwiseAgreement]:
    """Raw agreement by pair of models, both orders, where two annotators judged an item of it."""
    models, votes = comparisons.models, item_votes(comparisons)
    pair_of_item = np.zeros(votes.items, np.int64)
    pair_of_item[votes.item] = pair_numbers(comparisons)
    table = votes.first_of_each_annotator.table
    judged = table.sum(axis=1)
    size = len(models) ** 2
    pairs = np.bincount(pair_of_item, judged * (judged - 1) // 2, size)
    agreeing = np.bincount(pair_of_item, (table * (table - 1) // 2).sum(axis=1), size)
    found: dict[Pair, PairwiseAgreement] = {}
    for number in np.flatnonzero(pairs).tolist():
        first, second = models[number // len(models)], models[number % len(models)]
        shared = PairwiseAgreement(int(pairs[number]), int(agreeing[number]))
        found[Pair(first, second)] = found[Pair(second, first)] = shared
    return found


def _obstacle(votes: ItemVotes, shared: ItemVotes, fewest: int) -> NoAlpha | None:
    if len(np.unique(votes.annotator)) < 2:
        return NoAlpha.ONE_ANNOTATOR
    if shared.items < fewest:
        return NoAlpha.FEW_SHARED_ITEMS
    if len(np.unique(shared.verdict)) < 2:
        return NoAlpha.ONE_VERDICT
    return None


def _pairwise(table: Numbers) -> PairwiseAgreement:
    judged = table.sum(axis=1)
    return PairwiseAgreement(
        pairs=int((judged * (judged - 1) // 2).sum()),
        agreeing=int((table * (table - 1) // 2).sum()),
    )


def _alpha(votes: ItemVotes, rng: np.random.Generator) -> Alpha:
    """Nominal alpha with missing raters, and the bootstrap of its pairwise disagreements.

    Source: Krippendorff (2018), Content Analysis, 4th ed., ch. 12; the bootstrap: Krippendorff
    (2006), Algorithm for Bootstrapping a Distribution of Alpha; both as `evalica` computes them.
    """
    # Imported here: they hold 100 MB, which the server need not pay to hear of the result.
    import evalica
    import pandas as pd

    rounds = max(FEWEST_RESAMPLES, min(MOST_RESAMPLES, DRAWS // _pairwise(votes.table).pairs))
    result = evalica.alpha_bootstrap(
        pd.DataFrame(_ratings(votes)), n_resamples=rounds, random_state=int(rng.integers(2**32))
    )
    return Alpha(result.alpha, result.low, result.high)


def _ratings(votes: ItemVotes) -> Floats:
    """Verdicts with a column for each item; a row holds the first, second ... vote of every item.

    Alpha does not depend on who gave which vote of an item, and rows for annotators would be
    mostly empty.
    """
    order = np.argsort(votes.item, kind="stable")
    judged = np.bincount(votes.item)
    nth = np.arange(len(votes)) - np.repeat(np.cumsum(judged) - judged, judged)
    ratings = np.full((int(judged.max()), votes.items), np.nan)
    ratings[nth, votes.item[order]] = votes.verdict[order]
    return ratings
