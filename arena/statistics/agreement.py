"""Agreement between annotators: Krippendorff's alpha and the plain share of pairs that agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, pair_numbers, repeated
from arena.statistics.items import item_votes
from arena.statistics.krippendorff import Alpha, ItemTable, krippendorff
from arena.statistics.weighted_verdicts import weighted_verdicts
from arena.statistics.win_rate import Pair

FEWEST_SHARED_ITEMS = 10
"""Items judged by two or more annotators below which alpha is not given."""


class NoAlpha(StrEnum):
    """Why there is no alpha."""

    ONE_ANNOTATOR = "one annotator"
    FEW_SHARED_ITEMS = "few shared items"
    ONE_VERDICT = "one verdict"


@dataclass(frozen=True, slots=True)
class PairwiseAgreement:
    """Of `pairs` of annotators who judged the same item, how many gave the same verdict.

    Whole numbers unless an annotator voted on an item more than once: see `WeightedVerdicts`.
    """

    pairs: float
    agreeing: float

    @property
    def share(self) -> float | None:
        """From 0 to 1; None without a pair."""
        return self.agreeing / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Inter-annotator agreement.

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
    comparisons: Comparisons, *, fewest_shared_items: int = FEWEST_SHARED_ITEMS
) -> Agreement:
    """Compute agreement over items; an annotator has weight 1 on each, however often it voted."""
    return agreement_of(judged_items(comparisons), fewest_shared_items=fewest_shared_items)


class JudgedItems(NamedTuple):
    """Verdicts on the m items that two or more annotators judged.

    `table` has a row for each of these items, and so have the pairs of annotators there: all
    (`pairs`), those in which both name a winner (`decisive_*`), and `pair` of models (see
    `pair_numbers`). `items` are all that anybody judged, by `one_annotator` or by more.
    """

    table: ItemTable
    pairs: Floats
    decisive_pairs: Floats
    decisive_agreeing: Floats
    pair: Numbers
    models: Sequence[ModelKey]
    items: int
    one_annotator: bool


def judged_items(comparisons: Comparisons) -> JudgedItems:
    """Count verdicts on items that several annotators judged, for both kinds of agreement."""
    votes = item_votes(comparisons)
    items = votes.items
    # Most items of a large arena have one vote: what follows need not hold them.
    rows = np.flatnonzero(repeated(votes.item))
    votes = votes.at(rows)
    of_item = np.zeros((2, votes.items), np.int64)
    of_item[:, votes.item] = pair_numbers(comparisons)[rows], comparisons.prompt[rows]
    everyone = weighted_verdicts(votes)
    shared = everyone.annotators >= 2
    kept, (pair, prompt) = everyone.on(shared), of_item[:, shared]
    decisive = kept.decisive
    return JudgedItems(
        table=ItemTable(kept.table, kept.agreeing, prompt),
        pairs=kept.annotators * (kept.annotators - 1) / 2,
        decisive_pairs=decisive.pairs,
        decisive_agreeing=decisive.agreeing,
        pair=pair,
        models=comparisons.models,
        items=items,
        one_annotator=_all_equal(comparisons.annotator),
    )


def agreement_of(
    judged: JudgedItems, *, fewest_shared_items: int = FEWEST_SHARED_ITEMS
) -> Agreement:
    """Compute agreement over all items."""
    reason = _obstacle(judged, fewest_shared_items)
    return Agreement(
        items=judged.items,
        shared_items=len(judged.pairs),
        raw=PairwiseAgreement(int(judged.pairs.sum()), float(judged.table.agreeing.sum())),
        raw_decisive=PairwiseAgreement(
            float(judged.decisive_pairs.sum()), float(judged.decisive_agreeing.sum())
        ),
        alpha=krippendorff(judged.table) if reason is None else None,
        reason=reason,
    )


def pair_agreement_of(judged: JudgedItems) -> Mapping[Pair, PairwiseAgreement]:
    """Compute raw agreement by pair of models, both orders, where annotators shared an item."""
    models, size = judged.models, len(judged.models) ** 2
    pairs = np.bincount(judged.pair, judged.pairs, size)
    agreeing = np.bincount(judged.pair, judged.table.agreeing, size)
    found: dict[Pair, PairwiseAgreement] = {}
    for number in np.flatnonzero(pairs).tolist():
        first, second = models[number // len(models)], models[number % len(models)]
        shared = PairwiseAgreement(int(pairs[number]), float(agreeing[number]))
        found[Pair(first, second)] = found[Pair(second, first)] = shared
    return found


def _obstacle(judged: JudgedItems, fewest: int) -> NoAlpha | None:
    if judged.one_annotator:
        return NoAlpha.ONE_ANNOTATOR
    if len(judged.pairs) < max(fewest, 1):
        return NoAlpha.FEW_SHARED_ITEMS
    verdicts = np.count_nonzero(judged.table.weights.sum(axis=0))
    return NoAlpha.ONE_VERDICT if verdicts < 2 else None


def _all_equal(column: Numbers) -> bool:
    return not len(column) or bool((column == column[0]).all())
