"""Which item an annotator gets next: what is needed most, repeats, and check items."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentId, AssignmentState, BattlePurpose
from arena.domain.workload import repeats_of
from arena.services.campaigns.evaluation.orders import balanced_order
from arena.services.campaigns.evaluation.shares import left_of_share
from arena.services.campaigns.evaluation.stopping import StopRule, are_stopped
from arena.services.campaigns.finding import StoredCampaign
from arena.storage.campaigns.assignments import AssignmentRecord
from arena.storage.campaigns.items import (
    CHECK,
    Candidate,
    Positions,
    checks_never_had,
    items_never_had,
    open_items,
    some_items,
    times_in_slots,
)
from arena.storage.campaigns.members import count_members
from arena.storage.database import Connection

REPEAT_AFTER = 10
"""A repeat comes at least so many items later, as long as there are so many."""

_LOOKED_AT = 64
"""Of so many items alike, the one whose category and prompt the annotator had least is taken."""

_DUE_AT_LEAST = 0.5

_CHECK_SIDES: Positions = (0, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """An item, its models in slot order, and the assignment that it repeats, if any."""

    item_id: int
    prompt: int
    ordering: Positions
    purpose: BattlePurpose = BattlePurpose.JUDGED
    repeat_of: AssignmentId | None = None


class OwnHistory:
    """What one annotator was given in a campaign so far, reservations that expired apart."""

    def __init__(self, given: Sequence[AssignmentRecord]) -> None:
        self.given = [one for one in given if one.state is not AssignmentState.EXPIRED]
        repeated = {one.repeat_of for one in self.given}
        fresh = [one for one in self.given if one.purpose is BattlePurpose.JUDGED]
        self.items = {one.item_id for one in fresh}
        self.by_models = Counter(one.models for one in fresh)
        self.by_category = Counter(one.category for one in fresh)
        self.by_prompt = Counter(one.prompt for one in fresh)
        self.judged = [one for one in fresh if one.state is AssignmentState.JUDGED]
        self.repeats = sum(one.purpose is BattlePurpose.REPEAT for one in self.given)
        self._unrepeated = [one for one in self.judged if one.id not in repeated]

    def repeats_due(self, rate: float) -> float:
        """Return how many repeats are missing from the wanted share of the ballots so far."""
        return rate * len(self.judged) - self.repeats

    def lacks_a_repeat(self, rate: float) -> bool:
        """Return whether there is one less than the annotator's own page counts on."""
        return self.repeats < repeats_of(len(self.judged), rate)

    def repeatable(self, *, after: int) -> list[AssignmentRecord]:
        """Return what was judged at least so many items ago, and not asked for again yet."""
        recent = {one.id for one in self.given[-after:]}
        return [one for one in self._unrepeated if one.id not in recent]


class Chooser:
    """Chooses under the ledger's write lock, so that counts hold whatever runs at once."""

    def __init__(self, random: Random, rules: tuple[StopRule, ...]) -> None:
        self._random = random
        self._rules = rules

    def choose(
        self,
        connection: Connection,
        campaign: StoredCampaign,
        annotator_id: AnnotatorId,
        given: Sequence[AssignmentRecord],
    ) -> Choice | None:
        """Return what the annotator, who was given this so far, gets next; None for nothing."""
        need = _Need(connection, campaign, annotator_id, OwnHistory(given), self._random)
        return (
            need.repeat()
            or need.check()
            or need.fresh(self._rules)
            or need.last_check()
            or need.last_repeat()
        )


class _Need:
    """What one annotator may get at this moment."""

    def __init__(
        self,
        connection: Connection,
        campaign: StoredCampaign,
        annotator_id: AnnotatorId,
        own: OwnHistory,
        random: Random,
    ) -> None:
        self._connection = connection
        self._campaign = campaign
        self._annotator_id = annotator_id
        self._own = own
        self._random = random
        self._overlap, self._most = campaign.record.overlap, campaign.record.most
        self._open = open_items(connection, campaign.id, overlap=self._overlap, most=self._most)
        self._checks = checks_never_had(connection, campaign.id, annotator_id)
        self._share = left_of_share(connection, campaign, own.given)

    def repeat(self) -> Choice | None:
        """Return a repeat, by chance: likelier the more of them are due.

        None while less than half of one is: it could be one more than the annotator's share has.
        """
        due = self._own.repeats_due(self._campaign.terms.repeats)
        if self._random.random() >= due - _DUE_AT_LEAST:
            return None
        return self._repeated(self._own.repeatable(after=REPEAT_AFTER))

    def check(self) -> Choice | None:
        """Return a check item, by chance: they are spread over what the annotator may still get."""
        waiting = len(self._checks)
        if not waiting or self._random.random() * (waiting + self._expected()) >= waiting:
            return None
        return self.last_check() if self._own.items else None

    def fresh(self, rules: tuple[StopRule, ...]) -> Choice | None:
        """Return an item that the annotator never had, of those that fewest have."""
        if self._share == 0:
            return None
        for taken, count in self._open.items():
            for models in self._wanted(count):
                if are_stopped(rules, self._connection, self._campaign, models):
                    continue
                found = self._unseen(models, taken, count[models])
                if found:
                    chosen = min(found, key=self._preference)
                    return Choice(chosen.item_id, chosen.prompt, self._order(models))
        return None

    def last_check(self) -> Choice | None:
        """Return a check item that is left, but not to an annotator who had nothing else."""
        if not self._checks or not self._own.items:
            return None
        chosen = self._random.choice(self._checks)
        times = times_in_slots(self._connection, self._campaign.id, CHECK)
        order = balanced_order(_CHECK_SIDES, times, places=None, random=self._random)
        return Choice(chosen.item_id, chosen.prompt, order, BattlePurpose.CHECK)

    def last_repeat(self) -> Choice | None:
        """Return a repeat that is due when nothing else is left, of anything but the last item."""
        if not self._own.lacks_a_repeat(self._campaign.terms.repeats):
            return None
        long_ago = self._own.repeatable(after=REPEAT_AFTER)
        return self._repeated(long_ago or self._own.repeatable(after=1))

    def _repeated(self, earlier: Sequence[AssignmentRecord]) -> Choice | None:
        if not earlier:
            return None
        one = self._random.choice(earlier)
        return Choice(
            one.item_id, one.prompt, one.ordering[::-1], BattlePurpose.REPEAT, repeat_of=one.id
        )

    def _expected(self) -> int:
        """Return how many items the annotator will still get if all members go on alike."""
        members = count_members(self._connection, self._campaign.id)
        people = max(members, self._campaign.terms.people, 1)
        left = sum(self._places(models) for models in self._models())
        expected = ceil(left / people)
        return expected if self._share is None else min(expected, self._share)

    def _models(self) -> set[Positions]:
        return {models for count in self._open.values() for models in count}

    def _places(self, models: Positions) -> int:
        return sum(
            self._campaign.record.places_left(taken) * count.get(models, 0)
            for taken, count in self._open.items()
        )

    def _wanted(self, count: Mapping[Positions, int]) -> Iterator[Positions]:
        """Yield the models of open items, those first that the annotator had least."""
        shuffled = self._random.sample(list(count), len(count))
        yield from sorted(shuffled, key=self._own.by_models.__getitem__)

    def _unseen(self, models: Positions, taken: int, count: int) -> list[Candidate]:
        """Return some of the items alike that the annotator never had, from a place at random."""
        some = some_items(
            self._connection,
            self._campaign.id,
            models=models,
            taken=taken,
            overlap=self._overlap,
            offset=self._random.randrange(max(1, count - _LOOKED_AT + 1)),
            most=_LOOKED_AT,
        )
        return [one for one in some if one.item_id not in self._own.items] or items_never_had(
            self._connection,
            self._campaign.id,
            annotator_id=self._annotator_id,
            models=models,
            taken=taken,
            overlap=self._overlap,
            most=_LOOKED_AT,
        )

    def _preference(self, one: Candidate) -> tuple[int, int, float]:
        own = self._own
        return own.by_category[one.category], own.by_prompt[one.prompt], self._random.random()

    def _order(self, models: Positions) -> Positions:
        times = times_in_slots(self._connection, self._campaign.id, models)
        return balanced_order(models, times, places=self._places(models), random=self._random)
