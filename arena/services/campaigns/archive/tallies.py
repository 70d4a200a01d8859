"""What is counted of ballots while they are written, for the README of an archive."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.reply import FlagKind
from arena.storage.campaigns.archive.records import ArchivedBallot, ArchivedPlace


@dataclass(slots=True)
class Tally:
    """Numbers of votes by purpose, of flags, and of assignments without a vote."""

    votes: Counter[BattlePurpose] = field(default_factory=Counter)
    ended: Counter[AssignmentState] = field(default_factory=Counter)
    flagged: Counter[FlagKind] = field(default_factory=Counter)
    replies: Counter[ReplyStatus] = field(default_factory=Counter)
    flagged_replies: Counter[FlagKind] = field(default_factory=Counter)
    revised: int = 0
    voters: set[str] = field(default_factory=set)
    judged_prompts: set[int] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def ballots(self, ballots: Iterable[ArchivedBallot]) -> Iterator[ArchivedBallot]:
        """Yield ballots as they come, and count them."""
        for ballot in ballots:
            self.ended[ballot.state] += 1
            self._count(ballot)
            yield ballot

    def places(self, places: Iterable[ArchivedPlace]) -> Iterator[ArchivedPlace]:
        """Yield replies as they come, and count them."""
        for place in places:
            self.replies[place.status] += 1
            if place.reply is not None:
                self.flagged_replies.update(flag.kind for flag in place.reply.flags)
            yield place

    def _count(self, ballot: ArchivedBallot) -> None:
        vote = ballot.vote
        if vote is None:
            return
        self.votes[ballot.purpose] += 1
        self.flagged.update(flag.kind for flag in vote.flags)
        self.revised += bool(vote.revisions)
        self.voters.add(ballot.annotator)
        if ballot.purpose is BattlePurpose.JUDGED:
            self.judged_prompts.add(ballot.prompt)
        self.first_at = min(self.first_at or vote.created_at, vote.created_at)
        self.last_at = max(self.last_at or vote.created_at, vote.created_at)
