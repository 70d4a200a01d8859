"""Which boards a reader may see, beyond whether they may read boards at all."""

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.errors import NotAllowed, Refusal
from arena.storage.boards.choices import group_voters
from arena.storage.database import Connection

_FEWEST_VOTERS = 3
"""A board of one person's votes is that person's record, which is for admins alone; of two, each
could work out the other's."""


def fewest_voters(caller: Caller | None) -> int:
    """Return how many annotators of a group must have voted before the caller sees its board."""
    return 1 if caller is not None and caller.is_admin else _FEWEST_VOTERS


def require_group(connection: Connection, caller: Caller | None, board_filter: BoardFilter) -> None:
    """Raise `NotAllowed` for a group of too few voters, known or not, unless an admin asks."""
    if board_filter.group is None or (caller is not None and caller.is_admin):
        return
    if group_voters(connection, board_filter.group) < fewest_voters(caller):
        raise NotAllowed(Refusal.GROUP_TOO_SMALL)
