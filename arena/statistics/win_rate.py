"""The headline: win:loss rate without ties, W/(W+L), per pair and per model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Result, Verdict
from arena.statistics.intervals import Interval, wilson
from arena.statistics.thresholds import DEFAULT_THRESHOLDS

_EACH_ONCE: Mapping[ModelKey, Sequence[float]] = {}

FEWEST_DECISIVE = DEFAULT_THRESHOLDS.decisive
"""Decisive comparisons below which a rate says nothing yet."""


@dataclass(frozen=True, slots=True)
class ComparisonCount:
    """How many comparisons with `model_a` in the earlier slot ended in `verdict`."""

    model_a: ModelKey
    model_b: ModelKey
    verdict: str
    count: int


class Pair(NamedTuple):
    """An ordered pair: results are told from the side of `model`."""

    model: ModelKey
    opponent: ModelKey


class State(StrEnum):
    """How far a rate can be relied on.

    `established` (half-width at most 5 points over at least 8 annotators and 8 prompts) needs the
    clusters of the votes, which counts do not tell: only `clustered_rates` gives it.
    """

    TOO_FEW = "too few"
    PRELIMINARY = "preliminary"
    ESTABLISHED = "established"


@dataclass(frozen=True, slots=True)
class Record:
    """Numbers of comparisons by `Result`, for one of the two models.

    `weights` are what they count for in shares, also by `Result`; None where each counts once.
    """

    wins: int = 0
    losses: int = 0
    ties: int = 0
    both_bad: int = 0
    weights: tuple[float, float, float, float] | None = field(default=None, kw_only=True)

    def __add__(self, other: "Record") -> "Record":
        return Record(
            self.wins + other.wins,
            self.losses + other.losses,
            self.ties + other.ties,
            self.both_bad + other.both_bad,
        )

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """The numbers by `Result`."""
        return (self.wins, self.losses, self.ties, self.both_bad)

    def weighing(self, weights: Sequence[float]) -> "Record":
        """Return the same with what its comparisons count for, by `Result`."""
        wins, losses, ties, both_bad = weights
        return replace(self, weights=(wins, losses, ties, both_bad))

    @property
    def mirrored(self) -> "Record":
        """The same comparisons from the other side."""
        wins, losses, ties, both_bad = self.weighed
        mirrored = Record(self.losses, self.wins, self.ties, self.both_bad)
        return (
            mirrored if self.weights is None else mirrored.weighing((losses, wins, ties, both_bad))
        )

    @property
    def weighed(self) -> tuple[float, float, float, float]:
        """What the comparisons count for in shares, by `Result`: the numbers where each is once."""
        return self.weights or self.counts

    @property
    def decisive(self) -> int:
        """Comparisons that name a winner."""
        return self.wins + self.losses

    @property
    def total(self) -> int:
        """All comparisons."""
        return self.decisive + self.ties + self.both_bad

    @property
    def rate(self) -> float | None:
        """W/(W+L), from 0 to 1; None without a decisive comparison."""
        wins, losses, _, _ = self.weighed
        return wins / (wins + losses) if self.decisive else None

    @property
    def half_rate(self) -> float | None:
        """The rate with ties and both bad as half a win; None without a comparison."""
        wins, _, ties, both_bad = self.weighed
        return (wins + (ties + both_bad) / 2) / sum(self.weighed) if self.total else None

    @property
    def tie_rate(self) -> float | None:
        """Share of all comparisons that are `tie` or `both_bad`; None without a comparison."""
        _, _, ties, both_bad = self.weighed
        return (ties + both_bad) / sum(self.weighed) if self.total else None

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the rate, if each counts once; None without a decisive comparison."""
        if self.weights is not None or not self.decisive:
            return None
        return wilson(self.wins, self.decisive)

    @property
    def state(self) -> State:
        """`too few` or `preliminary`."""
        return State.TOO_FEW if self.decisive < FEWEST_DECISIVE else State.PRELIMINARY


@dataclass(frozen=True, slots=True)
class PairResult:
    """One model against one opponent."""

    model: ModelKey
    opponent: ModelKey
    record: Record


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One model against all of its opponents, in two ways that differ when opponents do.

    `pooled` adds all comparisons up; `mean_over_opponents` is the plain mean, from 0 to 1, of the
    rates against the `opponents` that have a decisive comparison with it (None without one).
    """

    model: ModelKey
    pooled: Record = Record()
    mean_over_opponents: float | None = None
    opponents: int = 0


@dataclass(frozen=True, slots=True)
class SideShare:
    """How often the earlier slot won: about a half when sides are balanced and do not matter.

    `share` is of `decisive` comparisons, from 0 to 1; None without one.
    """

    share: float | None
    interval: Interval | None
    decisive: int


def tally(counts: Iterable[ComparisonCount]) -> dict[Pair, Record]:
    """Return records of both orders of every pair, so that W of one is L of the other.

    Raises ValueError on a verdict that is none of `Verdict`, on a negative count, and on a model
    that meets itself.
    """
    # Plain numbers until the end: of 50 models there are ten thousand counts to add up.
    totals: dict[Pair, list[int]] = defaultdict(lambda: [0] * len(Result))
    for row in counts:
        if row.count < 0 or row.model_a == row.model_b:
            raise ValueError(f"not a comparison: {row}")
        result, mirrored = _RESULTS[Verdict(row.verdict)]
        totals[Pair(row.model_a, row.model_b)][result] += row.count
        totals[Pair(row.model_b, row.model_a)][mirrored] += row.count
    return {pair: Record(*found) for pair, found in totals.items()}


_RESULTS = {verdict: (verdict.result, verdict.mirrored.result) for verdict in Verdict}
"""What a verdict counts as for the earlier model and for the later one."""


def pair_results(records: Mapping[Pair, Record]) -> tuple[PairResult, ...]:
    """Return every ordered pair, by model and then opponent."""
    return tuple(PairResult(*pair, record) for pair, record in sorted(records.items()))


def model_results(
    records: Mapping[Pair, Record], weights: Mapping[ModelKey, Sequence[float]] = _EACH_ONCE
) -> tuple[ModelResult, ...]:
    """Return every model that has a comparison, by key.

    `weights` are what the comparisons of a model count for, by `Result`; without, each counts once.
    """
    against: dict[ModelKey, list[Record]] = defaultdict(list)
    for pair, record in records.items():
        against[pair.model].append(record)
    return tuple(
        _model_result(model, met, weights.get(model)) for model, met in sorted(against.items())
    )


def _model_result(
    model: ModelKey, met: list[Record], weights: Sequence[float] | None
) -> ModelResult:
    rates = [record.rate for record in met if record.rate is not None]
    pooled = sum(met, Record())
    return ModelResult(
        model=model,
        pooled=pooled if weights is None else pooled.weighing(weights),
        mean_over_opponents=sum(rates) / len(rates) if rates else None,
        opponents=len(rates),
    )


def side_share(counts: Iterable[ComparisonCount]) -> SideShare:
    """Return the share of the earlier slot among decisive comparisons.

    Raises ValueError on an unknown verdict.
    """
    numbers = [0] * len(Result)
    for row in counts:
        numbers[Verdict(row.verdict).result] += row.count
    seen = Record(*numbers)
    return SideShare(seen.rate, seen.interval, seen.decisive)
