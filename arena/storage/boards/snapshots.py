"""Queries on boards that were frozen under a number, and on what of the ledger they count."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select, text

from arena.domain.accounts import AnnotatorId
from arena.domain.board_fields import Limits
from arena.storage.chain.checking import chain_head
from arena.storage.chain.contents import Link
from arena.storage.schema import annotators, board_snapshots, vote_revisions, votes

_of = board_snapshots.c


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a ledger was counted: its last vote and revision, and the head of their chain.

    A later vote has a larger number, and the chain up to `head` never changes.
    """

    vote: int | None
    revision: Link | None
    head: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotHead:
    """What is known of a frozen board without its numbers.

    `who` froze it by name, None stands for the command line. `fingerprint` is the SHA-256 of its
    document in hexadecimal digits.
    """

    number: int
    at: datetime
    who: str | None
    limits: Limits
    votes: int
    models: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A frozen board; `document` is what was stored, to the letter."""

    head: SnapshotHead
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSnapshot:
    """A board to be stored under the next number."""

    at: datetime
    who: AnnotatorId | None
    limits: Limits
    votes: int
    models: int
    document: str


def watermark(connection: Connection) -> Watermark:
    """Return how far the ledger goes in a connection's snapshot of it."""
    of = vote_revisions.c
    newest = select(of.vote_id, of.revision).order_by(
        of.at.desc(), of.vote_id.desc(), of.revision.desc()
    )
    revision = connection.execute(newest.limit(1)).one_or_none()
    head = chain_head(connection)
    return Watermark(
        vote=connection.execute(select(func.max(votes.c.id))).scalar_one(),
        revision=Link(*revision) if revision else None,
        head=str(head) if head else None,
    )


def next_number(connection: Connection) -> int:
    """Return the number that the next snapshot of a board gets."""
    return int(connection.execute(select(func.max(_of.number))).scalar_one() or 0) + 1


def insert_snapshot(connection: Connection, new: NewSnapshot) -> None:
    """Store a board under the next number."""
    connection.execute(
        insert(board_snapshots).values(
            number=next_number(connection),
            at=new.at,
            who=new.who,
            limits=dict(new.limits),
            votes=new.votes,
            models=new.models,
            fingerprint=fingerprint_of(new.document),
            document=new.document,
        )
    )


def fingerprint_of(document: str) -> str:
    """Return the SHA-256 of a document in hexadecimal digits."""
    return sha256(document.encode()).hexdigest()


def snapshot_heads(connection: Connection) -> tuple[SnapshotHead, ...]:
    """Return all snapshots of boards, newest first."""
    query = (
        select(
            *(_of.number, _of.at, annotators.c.name.label("who"), _of.limits),
            *(_of.votes, _of.models, _of.fingerprint),
        )
        .outerjoin(annotators, annotators.c.id == _of.who)
        .order_by(_of.number.desc())
    )
    return tuple(SnapshotHead(**row) for row in connection.execute(query).mappings())


def stored_snapshot(connection: Connection, number: int) -> StoredSnapshot | None:
    """Return the board that was frozen under a number; None if none was."""
    heads = {head.number: head for head in snapshot_heads(connection)}
    if number not in heads:
        return None
    query = select(_of.document).where(_of.number == number)
    return StoredSnapshot(heads[number], connection.execute(query).scalar_one())


def snapshot_faults(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each snapshot that is not as it was stored, or is no longer there."""
    numbers = text("SELECT count(*), coalesce(max(number), 0) FROM board_snapshots")
    stored, last = connection.execute(numbers).one()
    if stored != last:
        yield f"{last - stored} of the snapshots 1 to {last} of boards were removed"
    for number, fingerprint, document in connection.execute(
        select(_of.number, _of.fingerprint, _of.document).order_by(_of.number)
    ):
        if fingerprint_of(document) != fingerprint:
            yield f"snapshot {number} of a board is not what was stored: its document was changed"
