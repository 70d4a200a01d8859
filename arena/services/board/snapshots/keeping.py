"""Keeps frozen boards, for good, and says who may read them."""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.accounts import AnnotatorId, Caller, require_admin
from arena.domain.board import BoardFilter
from arena.domain.board_fields import limits_of
from arena.domain.clock import Clock
from arena.domain.visibility import Visibility, require_reader
from arena.services.board.access import require_closed, require_public
from arena.services.board.snapshots.freezing import FrozenBoard, file_of, same_board
from arena.services.board.snapshots.reading import BoardSnapshot, snapshot_of
from arena.storage.boards.snapshots import (
    NewSnapshot,
    SnapshotHead,
    StoredSnapshot,
    insert_snapshot,
    next_number,
    snapshot_heads,
    stored_snapshot,
)
from arena.storage.database import Connection, Database

__all__ = ["BoardSnapshots", "Kept", "NothingToFreeze", "SnapshotHead", "keep"]


class NothingToFreeze(Exception):
    """The board has no vote."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The number under which a board is kept, and whether it is a new one."""

    number: int
    is_new: bool


def keep(
    database: Database, frozen: FrozenBoard, *, at: datetime, who: AnnotatorId | None = None
) -> Kept:
    """Store a board under the next number, unless nothing has changed since its newest snapshot.

    `who` None stands for the command line.

    Raises:
        NothingToFreeze: It has no vote.
        NotAllowed: It is of a group of so few people that its readers could tell their votes.
    """
    if not frozen.document["votes"]:
        raise NothingToFreeze
    with database.reading() as connection:
        require_public(connection, frozen.board_filter)
        before = _newest_of(connection, frozen.board_filter)
    if before is not None and same_board(frozen, before.document):
        return Kept(before.head.number, is_new=False)
    with database.writing() as connection:
        number = next_number(connection)
        new = NewSnapshot(
            at=at,
            who=who,
            limits=limits_of(frozen.board_filter),
            votes=frozen.document["votes"],
            models=len(frozen.document["models"]),
            document=file_of(frozen, number=number, at=at),
        )
        insert_snapshot(connection, new)
    return Kept(number, is_new=True)


def _newest_of(connection: Connection, board_filter: BoardFilter) -> StoredSnapshot | None:
    limits = limits_of(board_filter)
    numbers = (head.number for head in snapshot_heads(connection) if head.limits == limits)
    newest = next(numbers, None)
    return None if newest is None else stored_snapshot(connection, newest)


class BoardSnapshots:
    """Frozen boards for readers of the leaderboard, as long as they may read that.

    `visibility` as in `Leaderboards`. Every method raises `NotAllowed` for others.
    """

    def __init__(self, database: Database, clock: Clock, *, visibility: Visibility) -> None:
        self._database = database
        self._clock = clock
        self._visibility = visibility

    def heads(self, caller: Caller | None) -> tuple[SnapshotHead, ...]:
        """Return what is known of each, newest first."""
        require_reader(caller, self._visibility)
        with self._database.reading() as connection:
            require_closed(connection, caller)
            return snapshot_heads(connection)

    def snapshot(self, caller: Caller | None, number: int) -> BoardSnapshot | None:
        """Return the board of a number; None if there is none."""
        require_reader(caller, self._visibility)
        with self._database.reading() as connection:
            require_closed(connection, caller)
            found = stored_snapshot(connection, number)
        return snapshot_of(found) if found else None

    def keep(self, caller: Caller | None, frozen: FrozenBoard) -> Kept:
        """Store a board for an admin. Raises as the function `keep` does."""
        who = require_admin(caller).id
        return keep(self._database, frozen, at=self._clock.now(), who=who)
