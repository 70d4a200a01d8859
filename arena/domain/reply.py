"""How a reply ended, and why a vote on it may be left out of a board."""

from enum import StrEnum


class FlagKind(StrEnum):
    """Why a vote may be left out of a board. Flags never delete."""

    IDENTITY_LEAK = "identity_leak"
    RECOGNISED = "recognised"
    TRUNCATED = "truncated"
    TOO_FAST = "too_fast"
    FAILED_CHECK = "failed_check"
    ANNOTATOR_EXCLUDED = "annotator_excluded"


class ReplyEnd(StrEnum):
    """How a reply ended: as the model said, cut by a stop, or by a failure."""

    STOP = "stop"
    LENGTH = "length"
    CANCELLED = "cancelled"
    ERROR = "error"
