"""How a judge's verdicts compare with those of people, and what sways the judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.domain.verdict import Verdict
from arena.statistics.clustered_share import ClusteredShare, clustered_share
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, renumbered

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SharedVerdict:
    """One comparison on which a person and the judge gave their verdicts, of the same two replies.

    `longer` is which reply is longer: 1 the first, -1 the second, 0 neither.
    """

    person: Verdict
    judge: Verdict
    annotator: int
    prompt: int
    category: str | None = None
    longer: int = 0


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """Shares of shared comparisons, each with an interval over annotators and prompts.

    `same` says the same of both replies (`tie` and `both_bad` are both no winner), `winner` names
    the same winner where both name one. `kappa` is Cohen's, None where chance cannot be beaten.
    """

    same: ClusteredShare
    winner: ClusteredShare
    kappa: float | None


def judge_agreement(shared: Sequence[SharedVerdict]) -> JudgeAgreement:
    """Compare verdicts with three values: first better, second better, no winner.

    Source of kappa: Cohen (1960), Educational and Psychological Measurement 20, 37-46.
    """
    judge, person = _signs(shared)
    both = (person != 0) & (judge != 0)
    return JudgeAgreement(
        same=_share(shared, person == judge, np.ones(len(shared), np.bool_)),
        winner=_share(shared, person == judge, both),
        kappa=_kappa(person, judge),
    )


def by_category(shared: Sequence[SharedVerdict]) -> Mapping[str | None, JudgeAgreement]:
    """Return the agreement in each category, by name, that of prompts without one last."""
    names = sorted({one.category for one in shared}, key=lambda name: (name is None, name or ""))
    return {
        name: judge_agreement([one for one in shared if one.category == name]) for name in names
    }


@dataclass(frozen=True, slots=True)
class LengthBias:
    """How often the longer reply wins, by the judge and by people on the same comparisons."""

    judge: ClusteredShare
    people: ClusteredShare


def length_bias(shared: Sequence[SharedVerdict]) -> LengthBias:
    """Return the shares of decisive verdicts for the longer reply; equal lengths are left out."""
    longer = np.array([one.longer for one in shared], np.int64)
    judge, person = _signs(shared)
    return LengthBias(
        judge=_share(shared, judge == longer, (judge != 0) & (longer != 0)),
        people=_share(shared, person == longer, (person != 0) & (longer != 0)),
    )


@dataclass(frozen=True, slots=True)
class PositionBias:
    """What a judge does when the same two replies are exchanged.

    Of `asked_twice` comparisons `consistent` keep their verdict; of the rest that name a winner
    both times, `first` chose the reply shown first both times, `second` the one shown second.
    """

    asked_twice: int
    consistent: int
    first: int
    second: int

    @property
    def consistency(self) -> float | None:
        """Share of comparisons that keep their verdict, from 0 to 1; None without one."""
        return self.consistent / self.asked_twice if self.asked_twice else None


def position_bias(asked: Sequence[tuple[Verdict, Verdict]]) -> PositionBias:
    """Count verdicts given in both orders, each as the judge saw the replies: first, second.

    Source: Zheng et al. (2023), Judging LLM-as-a-Judge, section 3.4.
    """
    signs = [(_sign(one), _sign(other)) for one, other in asked]
    return PositionBias(
        asked_twice=len(signs),
        consistent=sum(one == -other for one, other in signs),
        first=sum(one == other == 1 for one, other in signs),
        second=sum(one == other == -1 for one, other in signs),
    )


def _sign(verdict: Verdict) -> int:
    return {Verdict.A_BETTER: 1, Verdict.B_BETTER: -1}.get(verdict, 0)


def _signs(shared: Sequence[SharedVerdict]) -> tuple[Numbers, Numbers]:
    """Return the judge's and the person's verdicts as 1, -1 and 0."""
    judge = np.array([_sign(one.judge) for one in shared], np.int64)
    return judge, np.array([_sign(one.person) for one in shared], np.int64)


def _share(shared: Sequence[SharedVerdict], hits: Flags, among: Flags) -> ClusteredShare:
    """Return the share of hits among the comparisons that count."""
    annotator = renumbered(np.array([one.annotator for one in shared], np.int64)[among])
    prompt = renumbered(np.array([one.prompt for one in shared], np.int64)[among])
    hit: Floats = (hits & among)[among].astype(np.float64)
    return clustered_share(hit, np.ones(len(hit)), annotator=annotator, prompt=prompt)


def _kappa(person: Numbers, judge: Numbers) -> float | None:
    if not len(person):
        return None
    seen = float(np.mean(person == judge))
    chance = sum(float(np.mean(person == v) * np.mean(judge == v)) for v in (1, 0, -1))
    return (seen - chance) / (1 - chance) if chance < 1 else None
