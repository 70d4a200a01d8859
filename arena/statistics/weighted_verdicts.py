"""Verdicts on items, each annotator with weight 1 on an item: how often two of them agree."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arena.domain.verdict import Verdict
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, repeated
from arena.statistics.items import ItemVotes
from arena.statistics.outcomes import DECISIVE


@dataclass(frozen=True, slots=True, eq=False)
class WeightedVerdicts:
    """Weighted verdicts on `items` items, as columns with a row for each annotator and verdict.

    An annotator has a total weight of 1 on each item that it judged. Several votes on one item
    split it between their verdicts in proportion: repeats measure intra-annotator agreement, not
    agreement between two people. `share` is the weight of a row, 1 for nearly all. What is split
    comes last and in an order of its own, so that sums are the same to the last digit in whatever
    order the votes were cast.
    """

    item: Numbers
    verdict: Numbers
    annotator: Numbers
    share: Floats
    items: int

    @property
    def table(self) -> Floats:
        """Weight by item and `Verdict.number`: shape (items, verdicts)."""
        cells, verdicts = self.item * len(Verdict) + self.verdict, len(Verdict)
        return self._sums(cells, self.items * verdicts).reshape(self.items, verdicts)

    @property
    def annotators(self) -> Numbers:
        """Annotators by item."""
        return np.rint(self._sums(self.item, self.items)).astype(np.int64)

    @property
    def agreeing(self) -> Floats:
        """Pairs of annotators with the same verdict, by item.

        Split weights agree as often as one vote of each does, drawn at random.
        """
        own = np.bincount(self.item, self.share**2, self.items)
        return np.asarray(((self.table**2).sum(axis=1) - own) / 2)

    @property
    def pairs(self) -> Floats:
        """Pairs of annotators, by item: those that would agree if there were one verdict."""
        return self._of_one_verdict.agreeing

    @property
    def decisive(self) -> "WeightedVerdicts":
        """The parts that name a winner."""
        return self._where(DECISIVE[self.verdict])

    def on(self, chosen: NDArray[np.bool_]) -> "WeightedVerdicts":
        """Select verdicts on the chosen items, numbered anew; `chosen` has an entry by item."""
        kept = self._where(chosen[self.item])
        item = np.cumsum(chosen)[kept.item] - 1
        return WeightedVerdicts(item, kept.verdict, kept.annotator, kept.share, int(chosen.sum()))

    @property
    def _of_one_verdict(self) -> "WeightedVerdicts":
        split = self.share < 1
        people = int(self.annotator.max(initial=-1)) + 1
        judgment, row = np.unique((self.item * people + self.annotator)[split], return_inverse=True)
        whole = self._where(~split)
        whole = replace(whole, verdict=np.zeros_like(whole.verdict))
        share = np.bincount(row, self.share[split], len(judgment)).astype(np.float64, copy=False)
        return _joined(whole, judgment, np.zeros_like(judgment), share, people=people)

    def _where(self, kept: NDArray[np.bool_]) -> "WeightedVerdicts":
        return WeightedVerdicts(
            self.item[kept],
            self.verdict[kept],
            self.annotator[kept],
            self.share[kept],
            self.items,
        )

    def _sums(self, row: Numbers, rows: int) -> Floats:
        return np.bincount(row, self.share, rows).astype(np.float64, copy=False)


def weighted_verdicts(votes: ItemVotes) -> WeightedVerdicts:
    """Return the verdicts of each annotator on each item, with a total weight of 1."""
    people = int(votes.annotator.max(initial=-1)) + 1
    judgment = votes.item * people + votes.annotator
    again = repeated(judgment)
    once = ~again
    whole = WeightedVerdicts(
        votes.item[once],
        votes.verdict[once],
        votes.annotator[once],
        np.ones(int(once.sum())),
        votes.items,
    )
    said = judgment[again] * len(Verdict) + votes.verdict[again]
    parts, times = np.unique(said, return_counts=True)
    judgment, verdict = np.divmod(parts, len(Verdict))
    _, row = np.unique(judgment, return_inverse=True)
    share = times / np.bincount(row, times)[row]
    return _joined(whole, judgment, verdict, share, people=people)


def _joined(
    whole: WeightedVerdicts, judgment: Numbers, verdict: Numbers, share: Floats, *, people: int
) -> WeightedVerdicts:
    """Join whole weights, then parts in an order that depends on their values only."""
    item, annotator = np.divmod(judgment, max(people, 1))
    order = np.lexsort((share, verdict, item))
    return WeightedVerdicts(
        np.concatenate((whole.item, item[order])),
        np.concatenate((whole.verdict, verdict[order])),
        np.concatenate((whole.annotator, annotator[order])),
        np.concatenate((whole.share, share[order])),
        whole.items,
    )
