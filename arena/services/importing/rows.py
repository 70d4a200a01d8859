"""What every format is read into: a vote, a fault, or a row that is no vote to import."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Verdict


@dataclass(frozen=True, slots=True, order=True)
class RowFault:
    """One thing to change in a file. `line` counts from 1; `value` is what stands there."""

    line: int
    column: str
    value: str
    change: str


class ExclusionReason(StrEnum):
    """Why a sound row is not a vote to import. Nothing needs to change in the file."""

    OTHER_EVENT = "is no vote on two models"
    NOT_BLIND = "names the models before the vote"
    AFTER_THE_REVEAL = "was cast after the reveal"
    FAILED_REPLY = "is on an empty or failed reply"
    NO_OPINION = "is a repeat or a check item of a campaign"
    EXCLUDED_ANNOTATOR = "is of an annotator whom its campaign has excluded"
    NO_VERDICT = "gives no verdict on two models"
    SAME_MODEL = "compares a model with itself"
    NO_TEXT = "has no prompt in words"


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A row that is no vote to import."""

    line: int
    reason: ExclusionReason


class ImportedModel(NamedTuple):
    """A model as the file names it; `fingerprint` where the file tells its configuration."""

    name: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedTurn:
    """A user message and, where the file has them, the replies in slot order.

    `seconds` are how long each reply took, None where the file does not say.
    """

    prompt: str
    replies: tuple[str, ...] = ()
    seconds: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVote:
    """One vote, whatever the format. `models` stand in the order in which they were shown.

    `battle_id` is the same whenever the same vote is read again, and different for any other.
    `verdict` or `ranks` (by slot, 1 is best) are given, never both. None for `language` and
    `created_at` means that the file does not say. `outcome_cell` is where the outcome stands.
    """

    line: int
    battle_id: str
    annotator: str
    models: tuple[ImportedModel, ...]
    verdict: Verdict | None
    turns: tuple[ImportedTurn, ...]
    outcome_cell: tuple[str, str]
    ranks: tuple[int, ...] = ()
    category: str | None = None
    language: str | None = None
    flags: frozenset[FlagKind] = frozenset()
    reasons: tuple[tuple[int, Reason], ...] = ()
    comment: str = ""
    reading_s: float | None = None
    created_at: datetime | None = None


UNKNOWN_ANNOTATOR = "unknown"
"""The one annotator of all votes of a file that does not say who cast them."""

ImportedRow: TypeAlias = ImportedVote | RowFault | ExcludedRow
