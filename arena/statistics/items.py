"""Items: what was judged, whichever sides the models stood on.

An item is a pair of models and what they are judged by: the conversation so far with the two
replies, where those are known. Agreement, between people and of one with itself, is on items.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons, Numbers, renumbered
from arena.statistics.outcomes import MIRRORED


@dataclass(frozen=True, slots=True, eq=False)
class ItemVotes:
    """n votes as columns of length n, verdicts told in the one orientation of their item.

    `item` numbers the items from 0; `verdict` holds `Verdict.number`s in which A is the model in
    the earlier slot of most votes on the item (in a draw, the lower number); `exchanged` marks the
    votes that saw the other order. Rows keep the order of the comparisons.
    """

    item: Numbers
    verdict: Numbers
    annotator: Numbers
    exchanged: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of votes."""
        return len(self.item)

    @property
    def items(self) -> int:
        """Number of items."""
        return int(self.item.max()) + 1 if len(self) else 0

    def at(self, rows: Numbers) -> "ItemVotes":
        """Select the votes in these rows; items are numbered anew, in the same order."""
        return ItemVotes(
            renumbered(self.item[rows]),
            self.verdict[rows],
            self.annotator[rows],
            self.exchanged[rows],
        )


def item_votes(comparisons: Comparisons) -> ItemVotes:
    """Turn every comparison into a vote on an item."""
    low = np.minimum(comparisons.a, comparisons.b)
    high = np.maximum(comparisons.a, comparisons.b)
    models = len(comparisons.models)
    judged = renumbered(comparisons.judged)
    item = renumbered((judged * models + low) * models + high)
    exchanged = _against_most(item, comparisons.a > comparisons.b)
    verdict = np.where(exchanged, MIRRORED[comparisons.outcome], comparisons.outcome)
    return ItemVotes(item, verdict, comparisons.annotator, exchanged)


def _against_most(item: Numbers, descending: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark votes whose order of models differs from that of most votes on their item."""
    balance = np.bincount(item, weights=np.where(descending, 1, -1))
    most: NDArray[np.bool_] = (balance > 0)[item]
    return descending ^ most


def counted(row: Numbers, verdict: Numbers, *, rows: int) -> Numbers:
    """Count each `Verdict.number` in each row: shape (rows, verdicts)."""
    verdicts = len(Verdict)
    return np.bincount(row * verdicts + verdict, minlength=rows * verdicts).reshape(rows, verdicts)
