"""Finds for each ballot of an archive the replies that it shows, and refuses what cannot be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.battle import BattleState
from arena.services.campaigns.archive.files import BALLOTS
from arena.services.campaigns.archive.refusals import BadArchive
from arena.storage.campaigns.archive.ballot_rows import PlacedBallot
from arena.storage.campaigns.archive.records import (
    ArchivedBallot,
    ArchivedPrompt,
    ArchivedRevision,
    ArchivedVote,
    Positions,
)
from arena.storage.campaigns.battles import GivenReply

_STATES = {
    AssignmentState.JUDGED: (BattleState.VOTED,),
    AssignmentState.RESERVED: (BattleState.COMPLETE,),
    AssignmentState.SKIPPED: (BattleState.ABANDONED,),
    AssignmentState.EXPIRED: (BattleState.ABANDONED,),
}


@dataclass(frozen=True, slots=True)
class Placing:
    """What ballots may refer to; `given` has stored replies by prompt, position and turn."""

    prompts: Mapping[int, ArchivedPrompt]
    given: Mapping[tuple[int, int, int], GivenReply]
    items: frozenset[tuple[int, Positions]]
    people: frozenset[str]

    def placed(self, ballots: Iterable[ArchivedBallot]) -> Iterator[PlacedBallot]:
        """Yield ballots with what they show.

        Raises:
            BadArchive: A ballot refers to what is not there, or contradicts itself.
        """
        for line, ballot in enumerate(ballots, start=1):
            fault = self._fault(ballot)
            if fault:
                raise BadArchive(f"{BALLOTS}:{line}: {fault}")
            prompt = self.prompts[ballot.prompt]
            yield PlacedBallot(ballot, prompt, self._shown(ballot, prompt))

    def _shown(
        self, ballot: ArchivedBallot, prompt: ArchivedPrompt
    ) -> tuple[tuple[GivenReply, ...], ...]:
        turns = range(1, len(prompt.turns) + 1)
        return tuple(
            tuple(self.given[prompt.number, position, turn] for turn in turns)
            for position in ballot.ordering
        )

    def _fault(self, ballot: ArchivedBallot) -> str | None:
        prompt = self.prompts.get(ballot.prompt)
        if prompt is None or (ballot.prompt, ballot.models) not in self.items:
            return "there is no such item"
        models = ballot.models or (0, 1)
        if sorted(ballot.ordering) != list(models):
            return "ordering: it should have every model of the item once"
        turns = range(1, len(prompt.turns) + 1)
        if any((ballot.prompt, one, turn) not in self.given for one in models for turn in turns):
            return "a reply that it shows is missing"
        if ballot.purpose is not _purpose(ballot, prompt):
            return "purpose: it is another one"
        if not {ballot.annotator, *_revisers(ballot)} <= self.people:
            return "annotator: there is no such person"
        if ballot.battle_state not in _STATES[ballot.state]:
            return "battle_state: it does not fit the state"
        return _fault_of_vote(ballot, len(models))


def _purpose(ballot: ArchivedBallot, prompt: ArchivedPrompt) -> BattlePurpose:
    return BattlePurpose.REPEAT if ballot.repeat_of is not None else prompt.kind


def _revisers(ballot: ArchivedBallot) -> Iterator[str]:
    if ballot.vote is not None:
        yield from (revision.who for revision in ballot.vote.revisions)


def _fault_of_vote(ballot: ArchivedBallot, slots: int) -> str | None:
    vote = ballot.vote
    if (vote is None) == (ballot.state is AssignmentState.JUDGED):
        return "vote: there is one exactly where the state is judged"
    if vote is None:
        return None
    if (vote.verdict is None) == (not vote.ranks):
        return "vote: it should be a verdict or a ranking, and never both"
    said: tuple[ArchivedVote | ArchivedRevision, ...] = (vote, *vote.revisions)
    if any(len(one.ranks) not in (0, slots) for one in said):
        return "ranks: there should be one for each slot"
    named = {reason.slot for one in said for reason in one.reasons}
    named |= {score.slot for one in said for score in one.scores}
    if not named <= set(range(slots)):
        return "a reason or score is of a slot that is not there"
    return None
