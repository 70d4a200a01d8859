"""Win rates with and without each kind of flag."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.comparisons import Comparisons

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FlagChoice:
    """Pooled rates if comparisons that carry only these flags counted as well.

    `added` are the comparisons that then count more than without any flag.
    """

    counted: tuple[FlagKind, ...]
    added: int
    rates: Mapping[ModelKey, ClusteredRate]


def flag_choices(
    comparisons: Comparisons, marks: Mapping[FlagKind, Marks]
) -> tuple[FlagChoice, ...]:
    """Compute rates without flagged comparisons, with each kind of flag that occurs, and with all.

    `comparisons` are all, flagged or not; `marks` has an entry by comparison. A one-factor
    sensitivity analysis (Saltelli et al. (2008), Global Sensitivity Analysis, ch. 1) with every
    recount exact: with one kind are the comparisons that carry no other.
    """
    present = tuple(kind for kind, marked in marks.items() if marked.any())
    choices: list[tuple[FlagKind, ...]] = [(), *((kind,) for kind in present)]
    if len(present) > 1:
        choices.append(present)
    clean = _kept(marks, (), len(comparisons))
    found = []
    for counted in choices:
        kept = _kept(marks, counted, len(comparisons))
        rates = pooled_rates(comparisons.where(kept))
        found.append(FlagChoice(counted, int(kept.sum() - clean.sum()), rates))
    return tuple(found)


def _kept(marks: Mapping[FlagKind, Marks], counted: tuple[FlagKind, ...], length: int) -> Marks:
    """Return which comparisons carry no flag but those that count."""
    others = [marked for kind, marked in marks.items() if kind not in counted]
    return np.asarray(~np.any([np.zeros(length, np.bool_), *others], axis=0))
