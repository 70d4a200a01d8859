"""Quality indicators of every annotator."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arena.statistics.comparisons import Comparisons, Numbers
from arena.statistics.items import item_votes
from arena.statistics.outcomes import DECISIVE
from arena.statistics.side_bias import side_bias_by_annotator
from arena.statistics.weighted_verdicts import WeightedVerdicts, weighted_verdicts
from arena.statistics.win_rate import SideShare

Seconds = NDArray[np.float64]
"""One reading time for each comparison; NaN where it was not measured."""


class CheckResult(NamedTuple):
    """One check item (with a known right verdict) that an annotator was given."""

    annotator: int
    passed: bool


@dataclass(frozen=True, slots=True)
class OthersAgreement:
    """How often others gave the annotator's verdict, on items that others judged too.

    `share`, from 0 to 1, is the mean over `items` of the share of other annotators with the
    same verdict; None without such an item. Several votes on one item count once, in parts.
    """

    share: float | None
    items: int


@dataclass(frozen=True, slots=True)
class AnnotatorQuality:
    """One annotator, by the number that it has in the comparisons.

    `tie_share` (from 0 to 1) counts `tie` and `both_bad` among all votes; `median_seconds` is
    None where no reading time was measured; `checks` and `failed_checks` are numbers of items.
    """

    annotator: int
    votes: int
    tie_share: float
    side: SideShare
    others: OthersAgreement
    median_seconds: float | None
    checks: int
    failed_checks: int


def annotator_quality(
    comparisons: Comparisons,
    *,
    reading_seconds: Seconds | None = None,
    checks: Iterable[CheckResult] = (),
) -> tuple[AnnotatorQuality, ...]:
    """Return indicators of every annotator, by number; none of them is a verdict on a person.

    Raises ValueError for reading times that are negative, infinite or not one for each
    comparison, and for a check of an annotator without a vote.
    """
    annotators = int(comparisons.annotator.max(initial=-1)) + 1
    votes = np.bincount(comparisons.annotator, minlength=annotators)
    decisive = DECISIVE[comparisons.outcome]
    ties = np.bincount(comparisons.annotator[~decisive], minlength=annotators)
    others = _others(weighted_verdicts(item_votes(comparisons)), annotators)
    medians = _medians(comparisons.annotator, reading_seconds, annotators)
    given, failed = _checks(checks, annotators)
    return tuple(
        AnnotatorQuality(
            annotator=number,
            votes=int(votes[number]),
            tie_share=float(ties[number] / votes[number]),
            side=lean.side,
            others=others[number],
            median_seconds=medians[number],
            checks=given[number],
            failed_checks=failed[number],
        )
        for number, lean in enumerate(side_bias_by_annotator(comparisons))
    )


def _others(said: WeightedVerdicts, annotators: int) -> list[OthersAgreement]:
    """Compute leave-one-out agreement: a verdict is compared with those of others only."""
    others = said.annotators[said.item] - 1
    same = said.share * (said.table[said.item, said.verdict] - said.share)
    shared = others > 0
    who = said.annotator[shared]
    items = np.rint(np.bincount(who, said.share[shared], annotators)).astype(np.int64)
    sums = np.bincount(who, same[shared] / others[shared], annotators)
    return [
        OthersAgreement(total / count if count else None, count)
        for total, count in zip(sums.tolist(), items.tolist(), strict=True)
    ]


def _medians(annotator: Numbers, seconds: Seconds | None, annotators: int) -> list[float | None]:
    if seconds is None:
        return [None] * annotators
    if len(seconds) != len(annotator) or bool((np.isinf(seconds) | (seconds < 0)).any()):
        raise ValueError("reading times must be one for each comparison, from 0 up or NaN")
    measured = np.flatnonzero(~np.isnan(seconds))
    ordered = measured[np.argsort(annotator[measured], kind="stable")]
    ends = np.cumsum(np.bincount(annotator[measured], minlength=annotators))
    return [
        float(np.median(times)) if len(times) else None
        for times in np.split(seconds[ordered], ends[:-1])
    ]


def _checks(checks: Iterable[CheckResult], annotators: int) -> tuple[list[int], list[int]]:
    given, failed = [0] * annotators, [0] * annotators
    for check in checks:
        if not 0 <= check.annotator < annotators:
            raise ValueError(f"a check of annotator {check.annotator}, who has no vote")
        given[check.annotator] += 1
        failed[check.annotator] += not check.passed
    return given, failed
