"""The layout of votes over annotators and prompts, and variance components of both."""

from dataclasses import dataclass, replace
from math import sqrt

from arena.statistics.clusters import OneWay, TwoWay


@dataclass(frozen=True, slots=True)
class Layout:
    """Decisive votes on one pair: how many, by how many people, on how many prompts.

    `annotator_squares` is the sum over annotators of their squared numbers of votes, and
    `prompt_squares` the same over prompts: votes x votes each where all have as many.
    """

    votes: float
    annotators: float
    prompts: float
    annotator_squares: float
    prompt_squares: float

    @property
    def votes_each(self) -> float:
        """Mean number of votes of an annotator."""
        return self.votes / self.annotators

    @property
    def votes_per_prompt(self) -> float:
        """Mean number of votes on a prompt."""
        return self.votes / self.prompts

    @property
    def clusters(self) -> float:
        """Kish's number of annotators or of prompts, whichever is smaller."""
        return self.votes**2 / max(self.annotator_squares, self.prompt_squares)

    def with_others(self, people: int, each: int) -> "Layout":
        """Return the layout with `people` more, with `each` votes on prompts not judged yet.

        A new prompt gets as many votes as one had so far.
        """
        return Layout(
            annotators=self.annotators + people,
            annotator_squares=self.annotator_squares + people * each**2,
            **self._on_other_prompts(people * each),
        )

    def with_more_each(self, more: int) -> "Layout":
        """Return the layout with `more` votes of each of the same people, on other prompts."""
        squares = self.annotator_squares + 2 * more * self.votes + self.annotators * more**2
        return Layout(
            annotators=self.annotators,
            annotator_squares=squares,
            **self._on_other_prompts(self.annotators * more),
        )

    @property
    def for_these_annotators(self) -> "Layout":
        """The same where nobody else is spoken of: every vote counts as somebody's only one."""
        return replace(self, annotators=self.votes, annotator_squares=self.votes)

    def _on_other_prompts(self, votes: float) -> dict[str, float]:
        return {
            "votes": self.votes + votes,
            "prompts": self.prompts + votes / self.votes_per_prompt,
            "prompt_squares": self.prompt_squares + votes * self.votes_per_prompt,
        }


def even_layout(people: int, each: int, *, prompts: int | None = None) -> Layout:
    """Lay out `people` with `each` votes evenly over prompts; None gives every vote its own."""
    votes = people * each
    on = votes if prompts is None else prompts
    return Layout(votes, people, on, votes * each, votes**2 / on)


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance components of one vote's outcome (1 or 0): between annotators, between prompts.

    What is left of rate x (1 - rate) is each vote's own. The errors are standard errors of the two,
    0 where they are known. `known` is false if nobody voted twice, so that the votes do not tell
    annotators from votes.
    """

    annotator: float
    prompt: float
    annotator_error: float = 0.0
    prompt_error: float = 0.0
    known: bool = True

    def variance(self, layout: Layout, rate: float) -> float:
        """Return the variance of a rate under that layout, at least that of independent votes.

        Source: Kish (1965), Survey Sampling, 5.4 and 8.2; the two-way form is the variance of a
        mean under crossed random effects (Owen 2007, Annals of Applied Statistics 1, 386-411).
        """
        annotator, prompt = _shared(layout)
        alone = rate * (1 - rate) / layout.votes
        return max(alone + self.annotator * annotator + self.prompt * prompt, alone)

    def error_of_variance(self, layout: Layout) -> float:
        """Return the standard error of that variance, from the errors of the two components."""
        annotator, prompt = _shared(layout)
        return sqrt((self.annotator_error * annotator) ** 2 + (self.prompt_error * prompt) ** 2)


def _shared(layout: Layout) -> tuple[float, float]:
    """Return the factors of both components: sums of squared shares, less that of single votes."""
    squared = layout.votes**2
    return (
        layout.annotator_squares / squared - 1 / layout.votes,
        layout.prompt_squares / squared - 1 / layout.votes,
    )


def layout_of(clustered: TwoWay, number: int, votes: int) -> Layout:
    """Return the layout of the votes of one of the estimates."""
    annotator, prompt = clustered.annotator, clustered.prompt
    return Layout(
        votes=votes,
        annotators=int(annotator.clusters[number]),
        prompts=int(prompt.clusters[number]),
        annotator_squares=votes**2 / float(annotator.effective[number]),
        prompt_squares=votes**2 / float(prompt.effective[number]),
    )


def spread_of(clustered: TwoWay, number: int, rate: float) -> Spread:
    """Estimate both components by moments: clustered variances less that of single votes.

    With shares h of the clusters, E[V_cluster - V_single] = part x (sum h^2 - sum over single votes
    of h^2). A part is at least 0 and at most rate x (1 - rate). The error takes V_cluster for a
    multiple of chi-squared with G - 1 degrees. Source: Searle, Casella & McCulloch (1992),
    Variance Components, ch. 5.
    """
    whole = rate * (1 - rate)
    annotator, annotator_error = _part(clustered.annotator, clustered.intersection, number, whole)
    prompt, prompt_error = _part(clustered.prompt, clustered.intersection, number, whole)
    several = annotator_error > 0
    return Spread(annotator, prompt, annotator_error, prompt_error, known=several)


def _part(cluster: OneWay, single: OneWay, number: int, whole: float) -> tuple[float, float]:
    """Estimate one component and its standard error; both 0 if every cluster is a single vote."""
    shared = 1 / float(cluster.effective[number]) - 1 / float(single.effective[number])
    clusters = int(cluster.clusters[number])
    if shared <= _NONE_SHARED or clusters < 2:
        return 0.0, 0.0
    variance = float(cluster.variance[number])
    part = (variance - float(single.variance[number])) / shared
    error = variance * sqrt(2 / (clusters - 1)) / shared
    return min(max(part, 0.0), whole), error


_NONE_SHARED = 1e-12
"""What rounding leaves of a difference that is 0."""
