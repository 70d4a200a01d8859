"""Agreement of an annotator with itself on items that it judged more than once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arena.statistics.comparisons import Comparisons, Numbers, Outcome
from arena.statistics.intervals import Interval, wilson
from arena.statistics.items import counted, item_votes


@dataclass(frozen=True, slots=True)
class Repeats:
    """Pairs of votes of the same annotator on the same item.

    `agreeing` have the same verdict; `opposite` name a winner each, and not the same model. The
    rest moved between a winner, a tie and both bad.
    """

    pairs: int = 0
    agreeing: int = 0
    opposite: int = 0

    def __add__(self, other: "Repeats") -> "Repeats":
        return Repeats(
            self.pairs + other.pairs,
            self.agreeing + other.agreeing,
            self.opposite + other.opposite,
        )

    @property
    def share(self) -> float | None:
        """Share of agreeing pairs, from 0 to 1; None without a pair."""
        return self.agreeing / self.pairs if self.pairs else None

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the share, naive: it takes pairs for independent."""
        return wilson(self.agreeing, self.pairs) if self.pairs else None


@dataclass(frozen=True, slots=True)
class SelfConsistency:
    """Repeats with the models on the same sides, and with sides exchanged.

    An opposite pair with sides exchanged is one that named the same *side* twice.
    """

    same_sides: Repeats
    exchanged: Repeats


@dataclass(frozen=True, slots=True)
class AnnotatorConsistency:
    """Repeats of one annotator, by the number that it has in the comparisons."""

    annotator: int
    consistency: SelfConsistency


def self_consistency(comparisons: Comparisons) -> tuple[AnnotatorConsistency, ...]:
    """For every annotator that judged an item more than once, all pairs of its votes on one."""
    votes = item_votes(comparisons)
    key = votes.annotator * votes.items + votes.item
    _, judged, times = np.unique(key, return_inverse=True, return_counts=True)
    repeated = np.flatnonzero(times[judged] > 1)
    keys, group = np.unique(key[repeated], return_inverse=True)
    verdict, exchanged = votes.verdict[repeated], votes.exchanged[repeated]
    plain = counted(group[~exchanged], verdict[~exchanged], rows=len(keys))
    other = counted(group[exchanged], verdict[exchanged], rows=len(keys))
    annotator = keys // max(votes.items, 1)
    return _by_annotator(annotator, _within(plain) + _within(other), _between(plain, other))


def pooled(annotators: Sequence[AnnotatorConsistency]) -> SelfConsistency:
    """All of them added up."""
    return SelfConsistency(
        sum((each.consistency.same_sides for each in annotators), Repeats()),
        sum((each.consistency.exchanged for each in annotators), Repeats()),
    )


def _within(table: Numbers) -> Numbers:
    """Pairs within a row of votes by verdict: columns `pairs`, `agreeing`, `opposite`."""
    votes = table.sum(axis=1)
    return np.stack(
        (
            votes * (votes - 1) // 2,
            (table * (table - 1) // 2).sum(axis=1),
            table[:, Outcome.A_BETTER] * table[:, Outcome.B_BETTER],
        ),
        axis=1,
    )


def _between(table: Numbers, other: Numbers) -> Numbers:
    """Pairs of one vote of each table, in the same columns."""
    a, b = Outcome.A_BETTER, Outcome.B_BETTER
    return np.stack(
        (
            table.sum(axis=1) * other.sum(axis=1),
            (table * other).sum(axis=1),
            table[:, a] * other[:, b] + table[:, b] * other[:, a],
        ),
        axis=1,
    )


def _by_annotator(
    annotator: Numbers, same: Numbers, exchanged: Numbers
) -> tuple[AnnotatorConsistency, ...]:
    annotators, row = np.unique(annotator, return_inverse=True)
    sums = np.zeros((len(annotators), 6), dtype=np.int64)
    np.add.at(sums, row, np.concatenate((same, exchanged), axis=1))
    return tuple(
        AnnotatorConsistency(number, SelfConsistency(Repeats(*found[:3]), Repeats(*found[3:])))
        for number, found in zip(annotators.tolist(), sums.tolist(), strict=True)
    )
