"""Boards of votes by annotators and on prompts that have tastes of their own, with the truth."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy import special

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons, Numbers, renumbered

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`annotators` cast `votes` each, on `prompts` that all share or, with None, on their own.

    `annotator_sd` and `prompt_sd` are the spreads of a difference of two models between
    annotators and between prompts, in log-odds; `strengths` are the models' on the same scale.
    With `zipf` the n-th annotator casts 1/n as many votes as the first.
    """

    annotators: int
    votes: int
    prompts: int | None = None
    annotator_sd: float = 0.0
    prompt_sd: float = 0.0
    strengths: tuple[float, ...] = (0.405, 0.0)
    tie_share: float = 0.0
    zipf: bool = False

    @property
    def models(self) -> tuple[ModelKey, ...]:
        """Keys of the models, in the order of `strengths`."""
        return tuple(ModelKey(f"model-{number}") for number in range(len(self.strengths)))

    @property
    def true_rates(self) -> Floats:
        """K x K: the win rate without ties over all annotators and prompts like these."""
        spread = np.hypot(self.annotator_sd, self.prompt_sd)
        nodes, weights = hermegauss(60)
        strengths = np.array(self.strengths)
        differences = strengths[:, None] - strengths[None, :]
        chances = special.expit(differences[..., None] + spread * nodes)
        return np.asarray(chances @ (weights / weights.sum()))

    def board(self, random: np.random.Generator) -> Comparisons:
        """One campaign's votes on pairs drawn at random."""
        n, size = len(self._voters()), len(self.strengths)
        a = random.integers(0, size, n)
        b = (a + random.integers(1, size, n)) % size
        visits = self.visits(random)
        outcome = visits.outcomes(np.arange(n), a, b, random)
        prompt = renumbered(visits.prompt)
        return Comparisons(self.models, a, b, outcome, visits.annotator, prompt)

    def visits(self, random: np.random.Generator) -> "Visits":
        """Who comes to judge what, with tastes of their own; pairs are still to be drawn."""
        annotator = self._voters()
        prompt = self._prompts(annotator)
        taste = self._tastes(self.annotator_sd, annotator, random)
        topic = self._tastes(self.prompt_sd, prompt, random)
        worth = np.array(self.strengths) + taste + topic
        return Visits(annotator, prompt, worth, self.tie_share)

    def _voters(self) -> Numbers:
        each = np.full(self.annotators, self.votes)
        if self.zipf:
            each = np.maximum(self.votes // np.arange(1, self.annotators + 1), 1)
        return np.repeat(np.arange(self.annotators), each)

    def _prompts(self, annotator: Numbers) -> Numbers:
        number = np.arange(len(annotator))
        if self.prompts is None:
            return number
        first = np.searchsorted(annotator, annotator)
        return (number - first) % self.prompts

    def _tastes(self, sd: float, who: Numbers, random: np.random.Generator) -> Floats:
        size = (int(who.max()) + 1, len(self.strengths))
        return np.asarray(random.normal(0, sd / np.sqrt(2), size)[who])


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Votes to be cast as columns; `worth` of every model to who casts it on what, n x K."""

    annotator: Numbers
    prompt: Numbers
    worth: Floats
    tie_share: float

    def outcomes(
        self, rows: Numbers, a: Numbers, b: Numbers, random: np.random.Generator
    ) -> Numbers:
        """Return verdicts of these votes on models `a` and `b`."""
        better = random.random(len(rows)) < special.expit(self.worth[rows, a] - self.worth[rows, b])
        outcome = np.where(better, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        outcome[random.random(len(rows)) < self.tie_share] = Verdict.TIE.number
        return outcome
