"""Which boards a reader may see, beyond whether they may read boards at all."""

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.errors import NotAllowed, Refusal
from arena.storage.boards.choices import group_voters
from arena.storage.campaigns.campaigns import takes_votes
from arena.storage.database import Connection

_FEWEST_VOTERS = 3
"""A board of one person's votes is that person's record, which is for admins alone; of two, each
could work out the other's."""


def fewest_voters(caller: Caller | None) -> int:
    """Return how many annotators of a group must have voted before the caller sees its board."""
    return 1 if _is_admin(caller) else _FEWEST_VOTERS


def require_closed(connection: Connection, caller: Caller | None) -> None:
    """Raise `NotAllowed` while a campaign takes votes, unless an admin asks.

    Interim results would influence the votes that are still to come.
    """
    if not _is_admin(caller) and takes_votes(connection):
        raise NotAllowed(Refusal.CAMPAIGN_IS_OPEN)


def require_board(connection: Connection, caller: Caller | None, board_filter: BoardFilter) -> None:
    """Raise `NotAllowed` as `require_closed` does, and where single persons could be told apart.

    That is in a group of too few voters (one that nobody knows has too few), and where a number of
    votes chooses addresses: the next number may differ by one person. Admins see every board.
    """
    require_closed(connection, caller)
    if not _is_admin(caller):
        require_public(connection, board_filter)


def require_public(connection: Connection, board_filter: BoardFilter) -> None:
    """Raise `NotAllowed` for a board that no readers but admins may see, whoever asks."""
    if board_filter.votes_per_address is not None:
        raise NotAllowed(Refusal.NOT_ALLOWED)
    group = board_filter.group
    if group is not None and group_voters(connection, group) < _FEWEST_VOTERS:
        raise NotAllowed(Refusal.GROUP_TOO_SMALL)


def _is_admin(caller: Caller | None) -> bool:
    return caller is not None and caller.is_admin
