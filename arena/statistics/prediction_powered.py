"""The human win rate of a pair of models, with the verdicts of a judge to make it more certain."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arena.statistics.clustered_intervals import EffectiveVotes, clustered_interval
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, crossed
from arena.statistics.intervals import Interval

METHOD: Final = "prediction-powered"
_LEAST_PROMPTS: Final = 8
_LEAST_DECISIVE: Final = 30


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Comparisons of one pair of models: columns of equal length.

    `wins` is 1 where the first model won, `decisive` 1 where either did, else 0.
    """

    wins: Floats
    decisive: Floats

    def __post_init__(self) -> None:
        """Raise ValueError for columns of different lengths."""
        if len(self.wins) != len(self.decisive):
            raise ValueError("wins and decisive have one number for each comparison")

    def __len__(self) -> int:
        return len(self.wins)

    def score(self, rate: float) -> Floats:
        """Return what each comparison says against a rate: 0 on average at the true one."""
        scores: Floats = self.wins - rate * self.decisive
        return scores


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What people and a judge said of the same comparisons, and the judge alone of others.

    `prompt` and `annotator` number the clusters of `people`, `other_prompt` those of `others`, in
    the numbers of `prompt`: a prompt may be in both.
    """

    people: Outcomes
    judge: Outcomes
    annotator: Numbers
    prompt: Numbers
    others: Outcomes
    other_prompt: Numbers


@dataclass(frozen=True, slots=True)
class PoweredRate:
    """The win rate by people alone, and with the judge's verdicts; from 0 to 1.

    `weight` is how far the judge is followed, from 0 (not at all: then both are the same) to 1.
    An interval is None with fewer than 30 decisive human comparisons or 8 prompts.
    """

    alone: float | None
    alone_interval: Interval | None
    rate: float | None
    interval: Interval | None
    weight: float
    people: int
    others: int


def powered_rate(judged: Judged) -> PoweredRate:
    """Estimate W/(W+L) of people by prediction-powered inference.

    With w and d the columns of people, w' and d' those of the judge on the same comparisons and
    w'', d'' on the others, the estimate solves

        mean(w - r d) - c [mean(w' - r d') - mean(w'' - r d'')] = 0,

    which is right on average whatever the judge says, as long as both samples of comparisons are of
    one kind. c in [0, 1] makes the variance smallest. The variance is that of the linearised
    estimate, by annotators and prompts (Cameron, Gelbach & Miller 2011). Sources: Angelopoulos et
    al. (2023), Science 382, 669-674; Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453, for c.
    """
    alone = _solved(judged, 0.0)
    if alone is None:
        return PoweredRate(None, None, None, None, 0.0, len(judged.people), len(judged.others))
    weight = _best_weight(judged, alone)
    rate = _solved(judged, weight)
    if rate is None or not 0 <= rate <= 1:
        weight, rate = 0.0, alone
    return PoweredRate(
        alone,
        _interval(judged, alone, 0.0),
        rate,
        _interval(judged, rate, weight),
        weight,
        len(judged.people),
        len(judged.others),
    )


def _solved(judged: Judged, weight: float) -> float | None:
    """Return the rate; None where nobody named a winner."""
    wins, decisive = judged.people.wins.mean(), judged.people.decisive.mean()
    if weight:
        wins -= weight * (judged.judge.wins.mean() - judged.others.wins.mean())
        decisive -= weight * (judged.judge.decisive.mean() - judged.others.decisive.mean())
    return float(wins / decisive) if decisive > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """What each comparison adds to the estimate: of people, and of the judge at weight 1.

    Of the comparisons of people first, then of the others, which have no annotator in common.
    """

    own: Floats
    judged: Floats

    def at(self, weight: float) -> Floats:
        return self.own - weight * self.judged


def _parts(judged: Judged, rate: float) -> _Parts:
    def centred(outcomes: Outcomes) -> Floats:
        score = outcomes.score(rate)
        shares: Floats = (score - score.mean()) / len(score)
        return shares

    rest = len(judged.others)
    others = -centred(judged.others) if rest else np.zeros(0)
    return _Parts(
        np.concatenate((centred(judged.people), np.zeros(rest))),
        np.concatenate((centred(judged.judge), others)),
    )


def _clusters(judged: Judged) -> tuple[Numbers, Numbers, Numbers]:
    """Return numbers of annotators, prompts and both, of people's comparisons first."""
    rest = len(judged.others)
    nobody = np.arange(rest) + int(judged.annotator.max(initial=-1)) + 1
    annotator = np.concatenate((judged.annotator, nobody))
    prompt = np.concatenate((judged.prompt, judged.other_prompt))
    return annotator, prompt, crossed(annotator, prompt)


def _best_weight(judged: Judged, rate: float) -> float:
    """Return the c of the smallest variance, a quadratic in c."""
    if not len(judged.others):
        return 0.0
    parts = _parts(judged, rate)
    mixed = squared = 0.0
    for clusters, sign in zip(_clusters(judged), (1, 1, -1), strict=True):
        own, other = (np.bincount(clusters, part) for part in (parts.own, parts.judged))
        mixed += sign * float(own @ other)
        squared += sign * float(other @ other)
    return min(max(mixed / squared, 0.0), 1.0) if squared > 0 else 0.0


def _interval(judged: Judged, rate: float, weight: float) -> Interval | None:
    decisive = float(judged.people.decisive.sum())
    prompts = len(np.unique(judged.prompt))
    if decisive < _LEAST_DECISIVE or prompts < _LEAST_PROMPTS or not 0 < rate < 1:
        return None
    annotators = len(np.unique(judged.annotator))
    number = float(decisive + weight * judged.others.decisive.sum())
    votes = EffectiveVotes(
        clustered=rate * (1 - rate) / _variance(judged, rate, weight),
        independent=number,
        degrees=min(annotators, prompts) - 1,
    )
    return clustered_interval(rate, votes, method=METHOD if weight else "clustered")


def _variance(judged: Judged, rate: float, weight: float) -> float:
    """Return the two-way variance of the estimate, at least that of independent comparisons."""
    values = _parts(judged, rate).at(weight)
    scale = judged.people.decisive.mean()
    if weight:
        scale -= weight * (judged.judge.decisive.mean() - judged.others.decisive.mean())
    found = []
    for clusters in _clusters(judged):
        sums = np.bincount(clusters, values)
        count = len(np.unique(clusters))
        found.append(float(sums @ sums) * count / max(count - 1, 1))
    annotator, prompt, both = found
    return max(annotator + prompt - both, float(values @ values)) / float(scale) ** 2
