"""The headline: win:loss rate without ties, W/(W+L), per pair and per model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.intervals import Interval, wilson
from arena.statistics.thresholds import DEFAULT_THRESHOLDS

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
    """Numbers of comparisons by outcome, from one side."""

    wins: int = 0
    losses: int = 0
    ties: int = 0
    both_bad: int = 0

    def __add__(self, other: "Record") -> "Record":
        return Record(
            self.wins + other.wins,
            self.losses + other.losses,
            self.ties + other.ties,
            self.both_bad + other.both_bad,
        )

    @property
    def mirrored(self) -> "Record":
        """The same comparisons from the other side."""
        return Record(self.losses, self.wins, self.ties, self.both_bad)

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
        return self.wins / self.decisive if self.decisive else None

    @property
    def tie_rate(self) -> float | None:
        """Share of all comparisons that are `tie` or `both_bad`; None without a comparison."""
        return (self.ties + self.both_bad) / self.total if self.total else None

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the rate; None without a decisive comparison."""
        return wilson(self.wins, self.decisive) if self.decisive else None

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
    """Records of both orders of every pair, so that W of one is L of the other by construction.

    Raises ValueError on a verdict that is none of `Verdict`, on a negative count, and on a model
    that meets itself.
    """
    # Plain numbers until the end: of 50 models there are ten thousand counts to add up.
    totals: dict[Pair, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in counts:
        if row.count < 0 or row.model_a == row.model_b:
            raise ValueError(f"not a comparison: {row}")
        place, mirrored = _PLACES[Verdict(row.verdict)]
        totals[Pair(row.model_a, row.model_b)][place] += row.count
        totals[Pair(row.model_b, row.model_a)][mirrored] += row.count
    return {pair: Record(*found) for pair, found in totals.items()}


_PLACES = {
    Verdict.A_BETTER: (0, 1),
    Verdict.B_BETTER: (1, 0),
    Verdict.TIE: (2, 2),
    Verdict.BOTH_BAD: (3, 3),
}
"""Which number of a `Record` a verdict adds to, for the earlier model and for the later one."""


def pair_results(records: Mapping[Pair, Record]) -> tuple[PairResult, ...]:
    """Every ordered pair, by model and then opponent."""
    return tuple(PairResult(*pair, record) for pair, record in sorted(records.items()))


def model_results(records: Mapping[Pair, Record]) -> tuple[ModelResult, ...]:
    """Every model that has a comparison, by key."""
    against: dict[ModelKey, list[Record]] = defaultdict(list)
    for pair, record in records.items():
        against[pair.model].append(record)
    return tuple(_model_result(model, met) for model, met in sorted(against.items()))


def _model_result(model: ModelKey, met: list[Record]) -> ModelResult:
    rates = [record.rate for record in met if record.rate is not None]
    return ModelResult(
        model=model,
        pooled=sum(met, Record()),
        mean_over_opponents=sum(rates) / len(rates) if rates else None,
        opponents=len(rates),
    )


def side_share(counts: Iterable[ComparisonCount]) -> SideShare:
    """Share of the earlier slot among decisive comparisons; ValueError on an unknown verdict."""
    numbers = [0, 0, 0, 0]
    for row in counts:
        numbers[_PLACES[Verdict(row.verdict)][0]] += row.count
    seen = Record(*numbers)
    return SideShare(seen.rate, seen.interval, seen.decisive)
