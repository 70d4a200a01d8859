"""How large a campaign has to be: for a difference to be found, or an interval to be narrow."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from math import ceil

import numpy as np

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.holm import LEVEL
from arena.statistics.people_needed import fewest, fewest_for_half_width
from arena.statistics.thresholds import Scope
from arena.statistics.vote_spread import Layout, Spread


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much alike votes are of one person, and on one prompt: intra-class correlations.

    Shares, from 0 to 1, of the variance of a vote's outcome (1 or 0) that lie between people and
    between prompts, with their standard errors; 0 where they are assumed.
    """

    annotator: float = 0.0
    prompt: float = 0.0
    annotator_error: float = 0.0
    prompt_error: float = 0.0

    def spread(self, rate: float) -> Spread:
        """Return the variance components of votes at a rate."""
        whole = rate * (1 - rate)
        return Spread(
            self.annotator * whole,
            self.prompt * whole,
            self.annotator_error * whole,
            self.prompt_error * whole,
        )


@dataclass(frozen=True, slots=True)
class Collecting:
    """How votes on a pair are collected.

    Each person casts `each` votes on a pair, a prompt gets `per_prompt` votes on it, and the share
    `tie_rate` of them, from 0 to below 1, names no winner.
    """

    each: int
    per_prompt: float = 1.0
    tie_rate: float = 0.0

    def layout(self, people: int) -> Layout:
        """Return the decisive votes of so many people, all with as many."""
        decisive = 1 - self.tie_rate
        votes = people * self.each * decisive
        each, per_prompt = max(self.each * decisive, 1.0), max(self.per_prompt * decisive, 1.0)
        return Layout(
            votes=votes,
            annotators=people,
            prompts=votes / per_prompt,
            annotator_squares=votes * each,
            prompt_squares=votes * per_prompt,
        )


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What each pair of models needs: `people`, on `prompts`, with `votes`, `decisive` of them."""

    people: int
    prompts: int
    votes: int
    decisive: int


def plan_to_tell_apart(
    rate: float, likeness: Likeness, collecting: Collecting, *, pairs: int = 1
) -> CampaignPlan | None:
    """Plan for 80 % power to tell two models apart whose true rate is `rate`.

    With several pairs each has the allowance that Holm's procedure makes for the first of them.
    None if no number of people is enough. Raises ValueError as `people_needed.fewest`.
    """
    confidence = 1 - LEVEL / pairs
    people = fewest(rate, likeness.spread(rate), collecting.layout, confidence=confidence)
    return _plan(people, collecting)


def plan_for_half_width(
    half_width: float, likeness: Likeness, collecting: Collecting, *, rate: float = 0.5
) -> CampaignPlan | None:
    """Plan a 95 % interval of at most that half-width, from 0 to 1, around `rate`.

    It is what to expect: about half of such campaigns come out a little wider. None if no number
    of people is enough. Raises ValueError as `planning.decisive_votes_for_half_width`.
    """
    spread = likeness.spread(rate)
    people = fewest_for_half_width(half_width, spread, collecting.layout, rate=rate)
    return _plan(people, collecting)


def _plan(people: int | None, collecting: Collecting) -> CampaignPlan | None:
    if people is None:
        return None
    votes = people * collecting.each
    return CampaignPlan(
        people=people,
        prompts=ceil(votes / collecting.per_prompt),
        votes=votes,
        decisive=round(votes * (1 - collecting.tie_rate)),
    )


def likeness_of_design_effect(effect: float, each: int) -> Likeness:
    """Return what a guess says: so many times the variance of independent votes at `each` a person.

    effect = 1 + (each - 1) x correlation; all of it is put on people. Source: Kish (1965), Survey
    Sampling, 5.4. Raises ValueError for an effect below 1 or above `each`.
    """
    if not 1 <= effect <= each:
        raise ValueError(
            f"with {each} votes of each person the design effect is from 1 to {each}, got {effect}"
        )
    return Likeness(annotator=(effect - 1) / (each - 1) if each > 1 else 0.0)


@dataclass(frozen=True, slots=True)
class Pilot:
    """What the votes so far tell a plan: of `pairs` with an interval, weighted by their votes."""

    pairs: int
    likeness: Likeness
    collecting: Collecting


def pilot_of(rates: Iterable[ClusteredRate]) -> Pilot | None:
    """Return the mean of pairs whose votes tell how much people differ; None without one.

    One order of each pair is enough: the other says the same.
    """
    seen = [one for rate in rates if (one := _seen(rate)) is not None]
    if not seen:
        return None
    table = np.array([(*astuple(one.likeness), *astuple(one.collecting)) for one in seen])
    shares = np.array([one.decisive for one in seen]) / sum(one.decisive for one in seen)
    annotator, prompt, _, _, each, per_prompt, tie_rate = (shares @ table).tolist()
    errors = np.sqrt(shares**2 @ table[:, 2:4] ** 2).tolist()
    return Pilot(
        pairs=len(seen),
        likeness=Likeness(annotator, prompt, *errors),
        collecting=Collecting(max(round(each), 1), max(per_prompt, 1.0), tie_rate),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    decisive: int
    likeness: Likeness
    collecting: Collecting


def _seen(rate: ClusteredRate) -> _Seen | None:
    """Return what one pair tells; None if it does not tell how much people differ."""
    spread, share = rate.spread, rate.rate
    several = rate.interval is not None and rate.scope is Scope.ANNOTATORS_AND_PROMPTS
    if spread is None or not spread.known or not share or share == 1 or not several:
        return None
    whole, record = share * (1 - share), rate.record
    parts = (spread.annotator, spread.prompt, spread.annotator_error, spread.prompt_error)
    return _Seen(
        rate.decisive,
        Likeness(*(part / whole for part in parts)),
        Collecting(
            max(round(record.total / rate.annotators), 1),
            record.total / rate.prompts,
            record.tie_rate or 0.0,
        ),
    )
