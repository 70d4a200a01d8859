"""Whether the header leads to the evaluation page."""

from collections.abc import Callable

from arena.domain.accounts import Caller

HasToJudge = Callable[[Caller | None], bool]
"""Returns whether a caller has something to judge in a campaign. Blocking."""


def never(_caller: Caller | None) -> bool:
    """Return that nobody has anything to judge."""
    return False
