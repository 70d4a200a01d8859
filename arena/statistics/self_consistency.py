"""Intra-annotator agreement on items that were judged more than once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from arena.statistics.clustered_share import ClusteredShare, clustered_share
from arena.statistics.comparisons import Comparisons, Numbers, repeated
from arena.statistics.items import counted, item_votes
from arena.statistics.outcomes import LOST, WON


@dataclass(frozen=True, slots=True)
class Repeats:
    """Pairs of votes of the same annotator on the same item.

    `agreeing` have the same verdict; `opposite` name a winner each, and not the same model. The
    rest changed between verdicts without naming opposite winners.
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


class _Again(NamedTuple):
    """Annotators on items that they judged more than once: a row each.

    `same_sides` and `exchanged` hold the columns `pairs`, `agreeing`, `opposite`.
    """

    annotator: Numbers
    prompt: Numbers
    same_sides: Numbers
    exchanged: Numbers


def self_consistency(comparisons: Comparisons) -> tuple[AnnotatorConsistency, ...]:
    """Count the pairs of votes of each annotator that judged an item more than once."""
    again = _judged_again(comparisons)
    annotators, row = np.unique(again.annotator, return_inverse=True)
    sums = np.zeros((len(annotators), 6), dtype=np.int64)
    np.add.at(sums, row, np.concatenate((again.same_sides, again.exchanged), axis=1))
    return tuple(
        AnnotatorConsistency(number, SelfConsistency(Repeats(*found[:3]), Repeats(*found[3:])))
        for number, found in zip(annotators.tolist(), sums.tolist(), strict=True)
    )


def intra_annotator_agreement(comparisons: Comparisons) -> ClusteredShare:
    """Compute intra-annotator agreement of all, sides exchanged or not.

    Three votes on an item make three pairs, and one person may make many: pairs of a person, and
    those on a prompt, are not treated as independent.
    """
    again = _judged_again(comparisons)
    pairs = again.same_sides + again.exchanged
    return clustered_share(
        pairs[:, 1].astype(np.float64),
        pairs[:, 0].astype(np.float64),
        annotator=again.annotator,
        prompt=again.prompt,
    )


def _judged_again(comparisons: Comparisons) -> _Again:
    votes = item_votes(comparisons)
    key = votes.annotator * votes.items + votes.item
    several = np.flatnonzero(repeated(key))
    keys, first, group = np.unique(key[several], return_index=True, return_inverse=True)
    verdict, exchanged = votes.verdict[several], votes.exchanged[several]
    plain = counted(group[~exchanged], verdict[~exchanged], rows=len(keys))
    other = counted(group[exchanged], verdict[exchanged], rows=len(keys))
    return _Again(
        annotator=keys // max(votes.items, 1),
        prompt=comparisons.prompt[several[first]],
        same_sides=_within(plain) + _within(other),
        exchanged=_between(plain, other),
    )


def pooled(annotators: Sequence[AnnotatorConsistency]) -> SelfConsistency:
    """Add up the repeats of all annotators."""
    return SelfConsistency(
        sum((each.consistency.same_sides for each in annotators), Repeats()),
        sum((each.consistency.exchanged for each in annotators), Repeats()),
    )


def _within(table: Numbers) -> Numbers:
    """Count pairs within a row of votes by verdict: columns `pairs`, `agreeing`, `opposite`."""
    votes, (won, lost) = table.sum(axis=1), _decided(table)
    return np.stack(
        (
            votes * (votes - 1) // 2,
            (table * (table - 1) // 2).sum(axis=1),
            won * lost,
        ),
        axis=1,
    )


def _between(table: Numbers, other: Numbers) -> Numbers:
    """Count pairs of one vote of each table, in the same columns."""
    (won, lost), (others_won, others_lost) = _decided(table), _decided(other)
    return np.stack(
        (
            table.sum(axis=1) * other.sum(axis=1),
            (table * other).sum(axis=1),
            won * others_lost + lost * others_won,
        ),
        axis=1,
    )


def _decided(table: Numbers) -> tuple[Numbers, Numbers]:
    """Count votes for either model by row of a table of votes by `Verdict.number`."""
    return table[:, WON].sum(axis=1), table[:, LOST].sum(axis=1)
