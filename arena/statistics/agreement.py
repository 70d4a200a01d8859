"""Agreement between annotators: Krippendorff's alpha and the plain share of pairs that agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, Outcome, pair_numbers
from arena.statistics.items import ItemVotes, item_votes
from arena.statistics.win_rate import Pair

FEWEST_SHARED_ITEMS = 10
"""Items judged by two or more annotators below which alpha is not given."""

MOST_RESAMPLES = 1000
FEWEST_RESAMPLES = 100
DRAWS = 40_000_000
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

    Memory grows with items times votes of the most judged item.
    """
    return agreement_of(judged_items(comparisons), rng=rng, fewest_shared_items=fewest_shared_items)


class JudgedItems(NamedTuple):
    """First votes of annotators on the items that two or more of them judged.

    `table` (votes by `Outcome`) and `pair` (of models, see `pair_numbers`) have a row for each of
    these items. `items` are all that anybody judged, by `one_annotator` or by more.
    """

    votes: ItemVotes
    table: Numbers
    pair: Numbers
    models: Sequence[ModelKey]
    items: int
    one_annotator: bool


def judged_items(comparisons: Comparisons) -> JudgedItems:
    """What both kinds of agreement are counted from."""
    votes = item_votes(comparisons)
    pair = np.zeros(votes.items, np.int64)
    pair[votes.item] = pair_numbers(comparisons)
    first = votes.first_of_each_annotator
    shared = np.bincount(first.item, minlength=votes.items) >= 2
    kept = first.on(shared)
    return JudgedItems(
        votes=kept,
        table=kept.table,
        pair=pair[shared],
        models=comparisons.models,
        items=votes.items,
        one_annotator=_all_equal(votes.annotator),
    )


def agreement_of(
    judged: JudgedItems,
    *,
    rng: np.random.Generator,
    fewest_shared_items: int = FEWEST_SHARED_ITEMS,
) -> Agreement:
    """Agreement over all items."""
    reason = _obstacle(judged, fewest_shared_items)
    return Agreement(
        items=judged.items,
        shared_items=len(judged.table),
        raw=_pairwise(judged.table),
        raw_decisive=_pairwise(judged.table[:, : Outcome.TIE]),
        alpha=_alpha(judged, rng) if reason is None else None,
        reason=reason,
    )


def pair_agreement_of(judged: JudgedItems) -> Mapping[Pair, PairwiseAgreement]:
    """Raw agreement by pair of models, both orders, where two annotators judged an item of it."""
    table, models = judged.table, judged.models
    times = table.sum(axis=1)
    size = len(models) ** 2
    pairs = np.bincount(judged.pair, times * (times - 1) // 2, size)
    agreeing = np.bincount(judged.pair, (table * (table - 1) // 2).sum(axis=1), size)
    found: dict[Pair, PairwiseAgreement] = {}
    for number in np.flatnonzero(pairs).tolist():
        first, second = models[number // len(models)], models[number % len(models)]
        shared = PairwiseAgreement(int(pairs[number]), int(agreeing[number]))
        found[Pair(first, second)] = found[Pair(second, first)] = shared
    return found


def _obstacle(judged: JudgedItems, fewest: int) -> NoAlpha | None:
    if judged.one_annotator:
        return NoAlpha.ONE_ANNOTATOR
    if len(judged.table) < fewest:
        return NoAlpha.FEW_SHARED_ITEMS
    return NoAlpha.ONE_VERDICT if _all_equal(judged.votes.verdict) else None


def _all_equal(column: Numbers) -> bool:
    return not len(column) or bool((column == column[0]).all())


def _pairwise(table: Numbers) -> PairwiseAgreement:
    judged = table.sum(axis=1)
    return PairwiseAgreement(
        pairs=int((judged * (judged - 1) // 2).sum()),
        agreeing=int((table * (table - 1) // 2).sum()),
    )


def _alpha(judged: JudgedItems, rng: np.random.Generator) -> Alpha:
    """Nominal alpha with missing raters, and the bootstrap of its pairwise disagreements.

    Source: Krippendorff (2018), Content Analysis, 4th ed., ch. 12; the bootstrap: Krippendorff
    (2006), Algorithm for Bootstrapping a Distribution of Alpha; both as `evalica` computes them.
    """
    # Imported here: they hold 100 MB, which the server need not pay to hear of the result.
    import evalica
    import pandas as pd

    rounds = max(FEWEST_RESAMPLES, min(MOST_RESAMPLES, DRAWS // _pairwise(judged.table).pairs))
    result = evalica.alpha_bootstrap(
        pd.DataFrame(_ratings(judged.votes)),
        n_resamples=rounds,
        random_state=int(rng.integers(2**32)),
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
