"""The replies of a campaign: where each belongs, and whether it can be judged."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arena.domain.reply import ReplyEnd

EMPTY_REPLY: Final = "EmptyReply"
"""How the error of a reply without text begins."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a reply belongs: a model by its position (from 0), a prompt and a turn (from 1)."""

    position: int
    prompt: int
    turn: int


class ReplyStatus(StrEnum):
    """What a place of a campaign holds. Only a WHOLE reply can be judged without reservation."""

    MISSING = "missing"
    FAILED = "failed"
    EMPTY = "empty"
    CUT = "cut"
    WHOLE = "whole"

    @property
    def has_text(self) -> bool:
        """Whether there is a text to judge, and for the next turn to follow upon."""
        return self in (ReplyStatus.CUT, ReplyStatus.WHOLE)


REPEATABLE: Final = (ReplyStatus.FAILED, ReplyStatus.CUT, ReplyStatus.EMPTY)
"""What can be asked for again."""

_RANKS: Final = {status: rank for rank, status in enumerate(ReplyStatus)}


def is_no_worse(one: ReplyStatus, other: ReplyStatus) -> bool:
    """Return whether a reply of status `one` may stand in the place of one of status `other`."""
    return _RANKS[one] >= _RANKS[other]


def status_of(text: str, end: ReplyEnd, error: str | None = None) -> ReplyStatus:
    """Return the status of a stored reply."""
    if end is ReplyEnd.ERROR:
        return ReplyStatus.EMPTY if (error or "").startswith(EMPTY_REPLY) else ReplyStatus.FAILED
    if end is ReplyEnd.CANCELLED:
        return ReplyStatus.FAILED
    if not text.strip():
        return ReplyStatus.EMPTY
    return ReplyStatus.CUT if end is ReplyEnd.LENGTH else ReplyStatus.WHOLE
