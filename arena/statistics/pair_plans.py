"""Plans: how many votes by whom until the models of a pair differ significantly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from math import ceil, sqrt
from typing import Any

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.holm import LEVEL
from arena.statistics.people_needed import fewest
from arena.statistics.thresholds import Scope
from arena.statistics.vote_spread import Layout, Spread
from arena.statistics.win_rate import Pair, State

_FARTHEST = 0.999
"""The rate that a range ends at: at 1 there would be no variance to plan with."""


class Outlook(StrEnum):
    """What more votes can do for a pair."""

    TOLD_APART = "told apart"
    MORE_VOTES = "more votes"
    LEVEL = "level"
    ONE_ORDER = "one order"
    TOO_FEW = "too few"


class SamePeople(StrEnum):
    """What more votes by those who voted can do.

    `UNKNOWN` where it depends on how much annotators differ and votes do not tell that well enough.
    """

    ENOUGH = "enough"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OtherPeople:
    """`people` who have not voted yet, with `each` decisive votes on `prompts` other prompts.

    `low` people do if the true rate is one standard error farther from one half than seen, `high`
    if it is one nearer; `high` is None if one half is within that error: then no number is enough.
    """

    people: int
    each: int
    prompts: int
    low: int
    high: int | None

    @property
    def decisive(self) -> int:
        """Decisive votes of all of them."""
        return self.people * self.each


@dataclass(frozen=True, slots=True)
class PairPlan:
    """What tells two models apart with 80 % power, if the true rate is the one seen so far.

    `others` is None where too few people voted to say how much people differ. `same_each` are the
    decisive votes that each of the same people adds, if that can do. With fewer than 8 annotators
    the plan is for these annotators only, as the interval is.
    """

    outlook: Outlook
    others: OtherPeople | None = None
    same: SamePeople | None = None
    same_each: int | None = None
    same_decisive: int | None = None

    @property
    def decisive(self) -> int | None:
        """Decisive votes in all, by other people where they can be planned.

        0 if none is missing, None if no number is known.
        """
        if self.outlook is Outlook.TOLD_APART:
            return 0
        return self.same_decisive if self.others is None else self.others.decisive


def pair_plans(rates: Mapping[Pair, ClusteredRate]) -> Mapping[Pair, PairPlan]:
    """Return a plan for every pair; both orders of one share theirs."""
    plans: dict[Pair, PairPlan] = {}
    for pair, rate in rates.items():
        mirrored = plans.get(Pair(pair.opponent, pair.model))
        plans[pair] = mirrored if mirrored is not None else pair_plan(rate)
    return plans


def pair_plan(rate: ClusteredRate) -> PairPlan:
    """Plan the votes that are missing, by the pair's own rate, layout of votes and spread.

    Significance is `ClusteredRate.is_significant`: the adjustment for all pairs of the board goes
    into what is missing too. Too few annotators, prompts or votes for an interval are too few for
    a plan, and so is a rate of 0 or 1 without significance: it does not say how much its votes
    vary. In one order of the two no number separates position bias from a lead.
    """
    if rate.interval is None or rate.rate is None or rate.state is State.TOO_FEW:
        return PairPlan(Outlook.TOO_FEW)
    if rate.adjusted is None:
        return PairPlan(Outlook.ONE_ORDER)
    if rate.is_significant:
        return PairPlan(Outlook.TOLD_APART)
    if rate.rate == 0.5:
        return PairPlan(Outlook.LEVEL)
    if rate.layout is None or rate.spread is None or not 0 < rate.rate < 1:
        return PairPlan(Outlook.TOO_FEW)
    question = _Question(
        max(rate.rate, 1 - rate.rate),
        rate.spread,
        rate.layout,
        confidence=1 - LEVEL / rate.adjusted.pairs,
    )
    if rate.scope is Scope.PROMPTS:
        return _for_these_annotators(question)
    same, same_each = _same_people(question)
    return PairPlan(
        Outlook.MORE_VOTES, _other_people(question, error=_error(rate)), same, same_each
    )


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a pair: its `leading` rate is above one half, `layout` is what there is."""

    leading: float
    spread: Spread
    layout: Layout
    confidence: float

    def fewest(self, layout_for: Callable[[int], Layout], **assumed: Any) -> int | None:
        """Return the smallest number whose layout is enough, also for another rate or spread."""
        asked = replace(self, **assumed)
        return fewest(asked.leading, asked.spread, layout_for, confidence=asked.confidence)


def _error(rate: ClusteredRate) -> float:
    """Return the standard error of the rate, as its interval has it."""
    share = rate.rate or 0.0
    return sqrt(share * (1 - share) * (rate.deff or 1.0) / rate.decisive)


def _for_these_annotators(question: _Question) -> PairPlan:
    layout = question.layout
    each = question.fewest(lambda more: layout.with_more_each(more).for_these_annotators)
    same = SamePeople.NEVER if each is None else SamePeople.ENOUGH
    votes = None if each is None else round(each * layout.annotators)
    return PairPlan(Outlook.MORE_VOTES, None, same, each, votes)


def _other_people(question: _Question, *, error: float) -> OtherPeople | None:
    layout = question.layout
    each = max(round(layout.votes_each), 1)
    others = partial(layout.with_others, each=each)
    people = question.fewest(others)
    if people is None:
        return None
    nearer, farther = question.leading - error, min(question.leading + error, _FARTHEST)
    low = question.fewest(others, leading=farther) or people
    high = question.fewest(others, leading=nearer) if nearer > 0.5 else None
    return OtherPeople(
        people,
        each,
        prompts=ceil(people * each / layout.votes_per_prompt),
        low=min(low, people),  # near 0 and 1 the interval is skew: a farther rate can take more
        high=None if high is None else max(low, people, high),
    )


def _same_people(question: _Question) -> tuple[SamePeople, int | None]:
    """Plan more votes by the same people.

    No number is enough if none is with people who differ as much as estimated; a number is promised
    only if it would do with people who differ one standard error more.
    """
    spread, more = question.spread, question.layout.with_more_each
    if not spread.known:
        return SamePeople.UNKNOWN, None
    seen = replace(spread, annotator_error=0.0)
    if question.fewest(more, spread=seen) is None:
        return SamePeople.NEVER, None
    whole = question.leading * (1 - question.leading)
    at_most = replace(seen, annotator=min(spread.annotator + spread.annotator_error, whole))
    each = question.fewest(more, spread=at_most)
    return (SamePeople.UNKNOWN if each is None else SamePeople.ENOUGH), each
