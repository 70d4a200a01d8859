"""What people said on items, each with one voice: how often two of them say the same."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arena.domain.verdict import Verdict
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, repeated
from arena.statistics.items import ItemVotes
from arena.statistics.outcomes import DECISIVE


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """One voice for each annotator on each of `items` items; columns hold a row for each part.

    Who voted several times on an item splits the voice between the verdicts: repeats say how
    steady a person is, not whether two people agree. `share` is the part that a verdict has, 1
    for nearly all. What is split comes last and in an order of its own, so that sums are the same
    to the last digit in whatever order the votes were cast.
    """

    item: Numbers
    verdict: Numbers
    annotator: Numbers
    share: Floats
    items: int

    @property
    def table(self) -> Floats:
        """Voices by item and `Verdict.number`: shape (items, outcomes)."""
        cells, outcomes = self.item * len(Verdict) + self.verdict, len(Verdict)
        return self._sums(cells, self.items * outcomes).reshape(self.items, outcomes)

    @property
    def annotators(self) -> Numbers:
        """Annotators by item."""
        return np.rint(self._sums(self.item, self.items)).astype(np.int64)

    @property
    def agreeing(self) -> Floats:
        """Pairs of annotators with the same verdict, by item.

        Split voices agree as often as one vote of each does, drawn at random.
        """
        own = np.bincount(self.item, self.share**2, self.items)
        return np.asarray(((self.table**2).sum(axis=1) - own) / 2)

    @property
    def pairs(self) -> Floats:
        """Pairs of annotators, by item: those that would agree if there were one verdict."""
        return self._of_one_verdict.agreeing

    @property
    def decisive(self) -> "Voices":
        """The parts that name a winner."""
        return self._where(DECISIVE[self.verdict])

    def on(self, chosen: NDArray[np.bool_]) -> "Voices":
        """Those on the chosen items, numbered anew; `chosen` has one entry for each item."""
        kept = self._where(chosen[self.item])
        item = np.cumsum(chosen)[kept.item] - 1
        return Voices(item, kept.verdict, kept.annotator, kept.share, int(chosen.sum()))

    @property
    def _of_one_verdict(self) -> "Voices":
        split = self.share < 1
        people = int(self.annotator.max(initial=-1)) + 1
        voice, row = np.unique((self.item * people + self.annotator)[split], return_inverse=True)
        whole = self._where(~split)
        whole = replace(whole, verdict=np.zeros_like(whole.verdict))
        share = np.bincount(row, self.share[split], len(voice)).astype(np.float64, copy=False)
        return _joined(whole, voice, np.zeros_like(voice), share, people=people)

    def _where(self, kept: NDArray[np.bool_]) -> "Voices":
        return Voices(
            self.item[kept],
            self.verdict[kept],
            self.annotator[kept],
            self.share[kept],
            self.items,
        )

    def _sums(self, row: Numbers, rows: int) -> Floats:
        return np.bincount(row, self.share, rows).astype(np.float64, copy=False)


def voices(votes: ItemVotes) -> Voices:
    """One voice for each annotator on each item that it voted on."""
    people = int(votes.annotator.max(initial=-1)) + 1
    voice = votes.item * people + votes.annotator
    again = repeated(voice)
    once = ~again
    whole = Voices(
        votes.item[once],
        votes.verdict[once],
        votes.annotator[once],
        np.ones(int(once.sum())),
        votes.items,
    )
    said = voice[again] * len(Verdict) + votes.verdict[again]
    parts, times = np.unique(said, return_counts=True)
    voice, verdict = np.divmod(parts, len(Verdict))
    _, row = np.unique(voice, return_inverse=True)
    share = times / np.bincount(row, times)[row]
    return _joined(whole, voice, verdict, share, people=people)


def _joined(
    whole: Voices, voice: Numbers, verdict: Numbers, share: Floats, *, people: int
) -> Voices:
    """Whole voices first, then parts in an order that follows from nothing but their values."""
    item, annotator = np.divmod(voice, max(people, 1))
    order = np.lexsort((share, verdict, item))
    return Voices(
        np.concatenate((whole.item, item[order])),
        np.concatenate((whole.verdict, verdict[order])),
        np.concatenate((whole.annotator, annotator[order])),
        np.concatenate((whole.share, share[order])),
        whole.items,
    )
