"""Who may read the leaderboard."""

from enum import StrEnum

from arena.domain.accounts import Caller, require_admin
from arena.domain.errors import NotAllowed, Refusal


class Visibility(StrEnum):
    """The widest circle that sees model names and rates outside a battle."""

    ADMINS = "admins"
    ANNOTATORS = "annotators"
    PUBLIC = "public"


def require_reader(caller: Caller | None, visibility: Visibility) -> None:
    """Raise `NotAllowed` unless `caller` belongs to the circle."""
    if visibility is Visibility.PUBLIC:
        return
    if visibility is Visibility.ADMINS:
        require_admin(caller)
    if caller is None:
        raise NotAllowed(Refusal.NOT_SIGNED_IN)
