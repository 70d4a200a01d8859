"""Stores the ballots of an archive: battles, assignments and votes, many at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, insert, update

from arena.domain.battle import BattleState
from arena.storage.battles import prompt_hash
from arena.storage.campaigns.archive.records import (
    ArchivedBallot,
    ArchivedPrompt,
    ArchivedRevision,
    ArchivedVote,
)
from arena.storage.campaigns.archive.writing import add, flag_rows
from arena.storage.campaigns.assignments import spelled_depths
from arena.storage.campaigns.battles import GivenReply
from arena.storage.campaigns.items import spelled
from arena.storage.chain.contents import Link
from arena.storage.chain.writing import chain, chain_votes
from arena.storage.schema import (
    assignments,
    battles,
    flags,
    revision_rankings,
    revision_reasons,
    revision_scores,
    slot_replies,
    slots,
    turns,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    vote_scores,
    votes,
)

_Row = dict[str, Any]

_OF_VOTES = (
    *(vote_rankings, vote_reasons, vote_scores, flags),
    *(vote_revisions, revision_rankings, revision_reasons, revision_scores),
)


@dataclass(frozen=True, slots=True)
class PlacedBallot:
    """A ballot with the prompt and, by slot and then by turn, the replies that it shows."""

    ballot: ArchivedBallot
    prompt: ArchivedPrompt
    shown: tuple[tuple[GivenReply, ...], ...]


@dataclass(frozen=True, slots=True)
class BallotStore:
    """Where ballots go: a campaign, its accounts by pseudonym and its items."""

    campaign_id: int
    accounts: Mapping[str, int]
    items: Mapping[tuple[int, str], int] = field(repr=False)

    def insert(self, connection: Connection, placed: Sequence[PlacedBallot]) -> None:
        """Store ballots in the given order.

        Battles are inserted as `complete`, because nothing else takes a vote.

        Raises:
            StorageError: The database refuses one of them.
        """
        add(connection, battles, [self._battle(one) for one in placed])
        add(connection, slots, [row for one in placed for row in _slots(one)])
        add(connection, turns, [row for one in placed for row in _turns(one)])
        add(connection, slot_replies, [row for one in placed for row in _replies(one)])
        add(connection, assignments, [self._assignment(one.ballot) for one in placed])
        self._insert_votes(connection, [one.ballot for one in placed if one.ballot.vote])
        for state in {one.ballot.battle_state for one in placed} - {BattleState.COMPLETE}:
            ended = [one.ballot.battle_id for one in placed if one.ballot.battle_state is state]
            moved = update(battles).where(battles.c.id.in_(ended))
            connection.execute(moved.values(state=state.value))

    def _battle(self, placed: PlacedBallot) -> _Row:
        ballot = placed.ballot
        return {
            "id": ballot.battle_id,
            "annotator_id": self.accounts[ballot.annotator],
            "state": BattleState.COMPLETE.value,
            "category": placed.prompt.category,
            "language": placed.prompt.language,
            "created_at": ballot.reserved_at,
            "completed_at": ballot.reserved_at,
            "revealed_at": ballot.revealed_at,
            "campaign_id": self.campaign_id,
            "purpose": ballot.purpose.value,
        }

    def _assignment(self, ballot: ArchivedBallot) -> _Row:
        return {
            "id": ballot.assignment_id,
            "item_id": self.items[ballot.prompt, spelled(ballot.models)],
            "annotator_id": self.accounts[ballot.annotator],
            "repeat_of": ballot.repeat_of,
            "ordering": spelled(ballot.ordering),
            "state": ballot.state.value,
            "reserved_at": ballot.reserved_at,
            "expires_at": ballot.expires_at,
            "opened_at": ballot.opened_at,
            "judged_at": ballot.judged_at,
            "battle_id": ballot.battle_id,
            "skip_reason": ballot.skip_reason,
            "visible_s": ballot.visible_s,
            "scroll_depth": ballot.scroll_depth,
            "scroll_depths": spelled_depths(ballot.scroll_depths),
        }

    def _insert_votes(self, connection: Connection, cast: Sequence[ArchivedBallot]) -> None:
        if not cast:
            return
        rows = [self._vote(ballot, ballot.vote) for ballot in cast if ballot.vote]
        inserted = insert(votes).returning(votes.c.id, sort_by_parameter_order=True)
        ids = connection.execute(inserted, rows).scalars().all()
        told: dict[Table, list[_Row]] = {table: [] for table in _OF_VOTES}
        for vote_id, ballot in zip(ids, cast, strict=True):
            if ballot.vote:
                self._details(vote_id, ballot.vote, told)
        for table, details in told.items():
            add(connection, table, details)
        chain_votes(connection, ids)
        revised = told[vote_revisions]
        chain(connection, [Link(row["vote_id"], row["revision"]) for row in revised])

    def _vote(self, ballot: ArchivedBallot, vote: ArchivedVote) -> _Row:
        return {
            "battle_id": ballot.battle_id,
            "annotator_id": self.accounts[ballot.annotator],
            "verdict": vote.verdict,
            "strength": vote.strength,
            "comment": vote.comment,
            "reading_s": vote.reading_s,
            "created_at": vote.created_at,
        }

    def _details(self, vote_id: int, vote: ArchivedVote, told: dict[Table, list[_Row]]) -> None:
        key = {"vote_id": vote_id}
        for table, row in _of_slots(vote, (vote_rankings, vote_reasons, vote_scores)):
            told[table].append(key | row)
        told[flags] += flag_rows(vote.flags, **key)
        for revision in vote.revisions:
            key = {"vote_id": vote_id, "revision": revision.revision}
            told[vote_revisions].append(key | self._revision(revision))
            of = (revision_rankings, revision_reasons, revision_scores)
            for table, row in _of_slots(revision, of):
                told[table].append(key | row)

    def _revision(self, revision: ArchivedRevision) -> _Row:
        return {
            "verdict": revision.verdict,
            "strength": revision.strength,
            "comment": revision.comment,
            "who": self.accounts[revision.who],
            "why": revision.why,
            "at": revision.at,
        }


def _of_slots(
    said: ArchivedVote | ArchivedRevision, tables: tuple[Table, Table, Table]
) -> Iterator[tuple[Table, _Row]]:
    """Yield the rows for slots with the table of each: ranks, reasons and scores."""
    ranks, reasons, scores = tables
    for position, rank in enumerate(said.ranks):
        yield ranks, {"position": position, "rank": rank}
    for given in said.reasons:
        yield reasons, {"position": given.slot, "reason": given.reason.value}
    for one in said.scores:
        score = {"position": one.slot, "criterion": one.criterion, "score": one.score}
        yield scores, score


def _slots(placed: PlacedBallot) -> Iterator[_Row]:
    for position, (first, *_) in enumerate(placed.shown):
        yield {
            "battle_id": placed.ballot.battle_id,
            "position": position,
            "model_id": first.model_id,
            "model_key": first.model_key,
        }


def _turns(placed: PlacedBallot) -> Iterator[_Row]:
    for number, text in enumerate(placed.prompt.turns, start=1):
        yield {
            "battle_id": placed.ballot.battle_id,
            "number": number,
            "prompt": text,
            "prompt_hash": prompt_hash(text),
            "created_at": placed.ballot.reserved_at,
        }


def _replies(placed: PlacedBallot) -> Iterator[_Row]:
    for position, given in enumerate(placed.shown):
        for reply in given:
            yield {
                "battle_id": placed.ballot.battle_id,
                "turn": reply.turn,
                "position": position,
                "attempt": 1,
                "reply_id": reply.reply_id,
            }
