"""Who would have to vote how often until the models of a pair are told apart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from math import ceil, sqrt

from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates
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
    TOO_FEW = "too few"


class SamePeople(StrEnum):
    """What more votes by those who voted can do; `UNKNOWN` where it hangs on how much they differ,
    and the votes do not tell that well enough."""

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
        """Decisive votes of all who are to vote, by others where they can be planned; 0 if none is
        missing, None if no number is known."""
        if self.outlook is Outlook.TOLD_APART:
            return 0
        return self.same_decisive if self.others is None else self.others.decisive


def pair_plans(rates: ClusteredRates) -> Mapping[Pair, PairPlan]:
    """A plan for both orders of every pair that met; it is the same for both."""
    plans: dict[Pair, PairPlan] = {}
    for pair, rate in rates.pairs.items():
        mirrored = plans.get(Pair(pair.opponent, pair.model))
        plans[pair] = mirrored if mirrored is not None else pair_plan(rate)
    return plans


def pair_plan(rate: ClusteredRate) -> PairPlan:
    """What is missing, by the pair's own rate, layout of votes and spread.

    Two models are told apart if the interval that is shown leaves out one half. Too few
    annotators, prompts or votes for an interval are too few for a plan, and so is a rate of 0 or
    1 whose interval still holds one half: it does not tell how much its votes vary.
    """
    if rate.interval is None or rate.rate is None or rate.state is State.TOO_FEW:
        return PairPlan(Outlook.TOO_FEW)
    if not rate.interval.low <= 0.5 <= rate.interval.high:
        return PairPlan(Outlook.TOLD_APART)
    if rate.rate == 0.5:
        return PairPlan(Outlook.LEVEL)
    if rate.layout is None or rate.spread is None or not 0 < rate.rate < 1:
        return PairPlan(Outlook.TOO_FEW)
    leading = max(rate.rate, 1 - rate.rate)
    if rate.scope is Scope.PROMPTS:
        return _for_these_annotators(leading, rate.spread, rate.layout)
    same, same_each = _same_people(leading, rate.spread, rate.layout)
    others = _other_people(leading, rate.spread, rate.layout, error=_error(rate))
    return PairPlan(Outlook.MORE_VOTES, others, same, same_each)


def _error(rate: ClusteredRate) -> float:
    """Standard error of the rate, as its interval has it."""
    share = rate.rate or 0.0
    return sqrt(share * (1 - share) * (rate.deff or 1.0) / rate.decisive)


def _for_these_annotators(leading: float, spread: Spread, layout: Layout) -> PairPlan:
    def more(each: int) -> Layout:
        return layout.with_more_each(each).for_these_annotators

    each = fewest(leading, spread, more)
    same = SamePeople.NEVER if each is None else SamePeople.ENOUGH
    votes = None if each is None else round(each * layout.annotators)
    return PairPlan(Outlook.MORE_VOTES, None, same, each, votes)


def _other_people(
    leading: float, spread: Spread, layout: Layout, *, error: float
) -> OtherPeople | None:
    each = max(round(layout.votes_each), 1)
    needed = partial(fewest, spread=spread, layout_for=partial(layout.with_others, each=each))
    people = needed(leading)
    if people is None:
        return None
    nearer = leading - error
    return OtherPeople(
        people,
        each,
        prompts=ceil(people * each / layout.votes_per_prompt),
        low=needed(min(leading + error, _FARTHEST)) or people,
        high=needed(nearer) if nearer > 0.5 else None,
    )


def _same_people(leading: float, spread: Spread, layout: Layout) -> tuple[SamePeople, int | None]:
    """No number is enough if it is not with people who differ as much as estimated; a number is
    promised only if it would do with people who differ one standard error more."""
    if not spread.known:
        return SamePeople.UNKNOWN, None
    seen = replace(spread, annotator_error=0.0)
    if fewest(leading, seen, layout.with_more_each) is None:
        return SamePeople.NEVER, None
    at_most = min(spread.annotator + spread.annotator_error, leading * (1 - leading))
    each = fewest(leading, replace(seen, annotator=at_most), layout.with_more_each)
    return (SamePeople.UNKNOWN if each is None else SamePeople.ENOUGH), each
