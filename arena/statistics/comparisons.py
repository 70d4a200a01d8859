"""Comparisons as columns, for statistics that need more than counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Result, Verdict
from arena.statistics.outcomes import DECISIVE, MIRRORED, RESULT

Numbers = NDArray[np.int64]
"""One whole number for each comparison."""

Weights = NDArray[np.float64]
"""What each comparison counts for, above 0; 1 is once."""


class Comparison(NamedTuple):
    """One pairwise outcome. `annotator`, `prompt` and `answers` are any distinguishing numbers.

    `answers` are the conversation and the two replies; None where only the prompt is known.
    `weight` is as in `Comparisons`.
    """

    model_a: ModelKey
    model_b: ModelKey
    verdict: str
    annotator: int
    prompt: int
    answers: int | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """n comparisons as columns of length n.

    `a` and `b` number the models in the earlier and the later slot, as positions in `models`;
    `outcome` holds `Verdict.number`s; `annotator` and `prompt` hold numbers from 0 without gaps.
    `answers` tells apart what was judged, the conversation so far with its two replies, by any
    numbers from 0 up; None where prompts are all that is known. `weight` is what each counts for in
    shares over several opponents: its pair's chance had it been drawn without regard to votes, over
    the chance that it had. None where each counts once.
    """

    models: tuple[ModelKey, ...]
    a: Numbers
    b: Numbers
    outcome: Numbers
    annotator: Numbers
    prompt: Numbers
    answers: Numbers | None = None
    weight: Weights | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Raise ValueError for columns of unequal length, unknown outcomes or models."""
        if len({len(column) for column in self._columns}) != 1:
            raise ValueError("the columns have different lengths")
        if self.weight is not None:
            _check_weights(self.weight, len(self))
        if not len(self):
            return
        if min(int(column.min()) for column in self._columns) < 0:
            raise ValueError("a number is negative")
        if max(int(self.a.max()), int(self.b.max())) >= len(self.models):
            raise ValueError("a model has no name")
        if int(self.outcome.max()) >= len(Verdict):
            raise ValueError("an outcome is unknown")
        if bool((self.a == self.b).any()):
            raise ValueError("a model meets itself")

    def __len__(self) -> int:
        """Return the number of comparisons."""
        return len(self.a)

    @property
    def _columns(self) -> tuple[Numbers, ...]:
        return (self.a, self.b, self.outcome, self.annotator, self.prompt, self.judged)

    @property
    def judged(self) -> Numbers:
        """What tells items of the same two models apart: `answers`, or else `prompt`."""
        return self.prompt if self.answers is None else self.answers

    @property
    def decisive(self) -> "Comparisons":
        """Those that name a winner."""
        return self.where(DECISIVE[self.outcome])

    def where(self, chosen: NDArray[np.bool_]) -> "Comparisons":
        """Select comparisons; models stay, annotators and prompts are numbered anew."""
        return Comparisons(
            self.models,
            self.a[chosen],
            self.b[chosen],
            self.outcome[chosen],
            renumbered(self.annotator[chosen]),
            renumbered(self.prompt[chosen]),
            None if self.answers is None else self.answers[chosen],
            weight=None if self.weight is None else self.weight[chosen],
        )

    def among(self, chosen: Numbers) -> "Comparisons":
        """Select comparisons between models at these positions, which are numbered anew."""
        if len(chosen) == len(self.models):
            return self
        position = np.full(len(self.models), -1)
        position[chosen] = np.arange(len(chosen))
        kept = self.where((position[self.a] >= 0) & (position[self.b] >= 0))
        models = tuple(self.models[number] for number in chosen)
        return replace(kept, models=models, a=position[kept.a], b=position[kept.b])


def _check_weights(weight: Weights, comparisons: int) -> None:
    if len(weight) != comparisons:
        raise ValueError("the columns have different lengths")
    if not ((weight > 0) & np.isfinite(weight)).all():
        raise ValueError("a weight is no number above 0")


def renumbered(labels: Numbers) -> Numbers:
    """Renumber labels from 0 without gaps, in the same order."""
    return partition(labels)[1]


class Partition(NamedTuple):
    """The distinct labels in order, and for each row the position of its label among them."""

    labels: Numbers
    numbers: Numbers


_SPARSE = 8
"""Cells for each label up to which a table of all cells is faster than sorting the labels."""


def partition(labels: Numbers) -> Partition:
    """Do as `np.unique`, in a fifth of the time where labels are small or frequent."""
    if not len(labels) or labels.min() < 0 or labels.max() >= _SPARSE * len(labels):
        return _hashed_partition(labels) if _come_up_often(labels) else _sorted_partition(labels)
    seen = np.zeros(int(labels.max()) + 1, np.bool_)
    seen[labels] = True
    position = np.cumsum(seen, dtype=np.int32)
    position -= 1  # here: another column of two million votes would take 16 MB
    return Partition(np.flatnonzero(seen), position[labels].astype(np.int64))


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""Spreads what it multiplies over the upper bits: Knuth (1998), TAOCP 3, 6.4."""
_SAMPLE = 64
"""One row of so many tells whether the same labels come up again and again."""


def _come_up_often(labels: Numbers) -> bool:
    sample = labels[::_SAMPLE]
    return 2 * len(np.unique(sample)) < len(sample)


def _sorted_partition(labels: Numbers) -> Partition:
    distinct, numbers = np.unique(labels, return_inverse=True)
    return Partition(distinct, numbers.astype(np.int64, copy=False))


def _hashed_partition(labels: Numbers) -> Partition:
    """Partition by a hash table of the last label in each cell; colliding labels are sorted."""
    bits = len(labels).bit_length()
    cell = (labels.view(np.uint64) * _GOLDEN >> np.uint64(64 - bits)).view(np.int64)
    table, taken = np.zeros(1 << bits, np.int64), np.zeros(1 << bits, np.bool_)
    table[cell], taken[cell] = labels, True
    colliding = np.flatnonzero(table[cell] != labels)
    distinct = np.unique(np.concatenate((table[taken], labels[colliding])))
    table[taken] = np.searchsorted(distinct, table[taken])
    numbers = table[cell]
    numbers[colliding] = np.searchsorted(distinct, labels[colliding])
    return Partition(distinct, numbers)


def repeated(labels: Numbers) -> NDArray[np.bool_]:
    """Return whether the label of a row is that of another row as well."""
    if not len(labels):
        return np.zeros(0, np.bool_)
    if labels.min() < 0 or labels.max() >= _SPARSE * len(labels):
        order = np.argsort(labels)
        ordered = labels[order]
        same = np.concatenate(([False], ordered[1:] == ordered[:-1], [False]))
        found = np.empty(len(labels), np.bool_)
        found[order] = same[1:] | same[:-1]
        return found
    rows = np.arange(len(labels), dtype=np.int32)
    last = np.zeros(int(labels.max()) + 1, np.int32)
    last[labels] = rows
    several = np.zeros(len(last), np.bool_)
    several[labels[last[labels] != rows]] = True
    return several[labels]


def pair_numbers(comparisons: Comparisons) -> Numbers:
    """Return a number for each pair of K models, i*K + j for positions i < j, in either order."""
    first = np.minimum(comparisons.a, comparisons.b)
    return np.asarray(first * len(comparisons.models) + np.maximum(comparisons.a, comparisons.b))


def intersection(comparisons: Comparisons) -> Numbers:
    """Return a number for each combination of annotator and prompt; not without gaps."""
    return crossed(comparisons.annotator, comparisons.prompt)


def crossed(annotator: Numbers, prompt: Numbers) -> Numbers:
    """Return a number for each combination of two columns, by row; not without gaps."""
    return np.asarray(annotator * (int(prompt.max(initial=0)) + 1) + prompt)


def count_table(comparisons: Comparisons) -> Numbers:
    """Return numbers of comparisons by earlier model, later model and `Verdict.number`.

    Shape (K, K, verdicts).
    """
    size = len(comparisons.models)
    cells = (comparisons.a * size + comparisons.b) * len(Verdict) + comparisons.outcome
    counts = np.bincount(cells, minlength=size * size * len(Verdict))
    return counts.reshape(size, size, len(Verdict)).astype(np.int64, copy=False)


def from_rows(rows: Iterable[Comparison]) -> Comparisons:
    """Make columns of rows; models are sorted by key.

    Raises ValueError for a verdict that is none of `Verdict`, for a model that meets itself, and
    where only some rows have `answers`.
    """
    rows = tuple(rows)
    answers = [row.answers for row in rows if row.answers is not None]
    if answers and len(answers) < len(rows):
        raise ValueError("some rows say what the answers were, and some do not")
    models = tuple(sorted({key for row in rows for key in (row.model_a, row.model_b)}))
    number = {key: position for position, key in enumerate(models)}
    return Comparisons(
        models,
        a=_column([number[row.model_a] for row in rows]),
        b=_column([number[row.model_b] for row in rows]),
        outcome=_column([Verdict(row.verdict).number for row in rows]),
        annotator=renumbered(_column([row.annotator for row in rows])),
        prompt=renumbered(_column([row.prompt for row in rows])),
        answers=renumbered(_column(answers)) if answers else None,
        weight=_weights([row.weight for row in rows]),
    )


def sided_counts(comparisons: Comparisons) -> Numbers:
    """Return numbers of comparisons by model, opponent and `Result`: K x K x 4."""
    earlier = count_table(comparisons)
    sided = earlier + earlier[..., MIRRORED].transpose(1, 0, 2)
    return np.stack([sided[..., result == RESULT].sum(axis=2) for result in Result], axis=2)


def sided_weights(comparisons: Comparisons) -> Weights | None:
    """Return sums of weights by model, opponent and `Result`, K x K x 4; None if each counts once.

    Of the same comparisons as `sided_counts`.
    """
    if comparisons.weight is None:
        return None
    size, a, b = len(comparisons.models), comparisons.a, comparisons.b
    result, mirrored = RESULT[comparisons.outcome], RESULT[MIRRORED[comparisons.outcome]]
    cells = np.concatenate(
        ((a * size + b) * len(Result) + result, (b * size + a) * len(Result) + mirrored)
    )
    sums = np.bincount(cells, np.tile(comparisons.weight, 2), size * size * len(Result))
    return sums.astype(np.float64, copy=False).reshape(size, size, len(Result))


def _weights(weights: Sequence[float]) -> Weights | None:
    return np.array(weights, np.float64) if set(weights) - {1.0} else None


def _column(numbers: Sequence[int]) -> Numbers:
    return np.array(numbers, dtype=np.int64)
