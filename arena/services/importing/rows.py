"""What every format is read into: a vote, a fault, or a row that is no vote to import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from arena.domain.verdict import Reason, Verdict

if TYPE_CHECKING:  # the command line reads the formats here, and starts without SQLAlchemy
    from arena.domain.reply import FlagKind


class VoteFormat(StrEnum):
    """Formats of files with votes, under their contract names."""

    ARENA = "arena"
    LLMFAO = "llmfao"
    MT_BENCH = "mt-bench"
    FASTCHAT = "fastchat"


class UnreadableFile(Exception):
    """The file as a whole cannot be read as votes; says what to change."""


@dataclass(frozen=True, slots=True, order=True)
class RowFault:
    """One thing to change in a file. `line` counts from 1; `value` is what stands there."""

    line: int
    column: str
    value: str
    change: str


class LeftOutBecause(StrEnum):
    """Why a sound row is not a vote to import. Nothing needs to change in the file."""

    OTHER_EVENT = "is no vote on two models"
    NOT_BLIND = "names the models before the vote"
    AFTER_THE_REVEAL = "was cast after the reveal"
    FAILED_REPLY = "is on an empty or failed reply"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no vote to import."""

    line: int
    because: LeftOutBecause


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
    `created_at` means that the file does not say. `told` is the cell that holds the outcome.
    """

    line: int
    battle_id: str
    annotator: str
    models: tuple[ImportedModel, ...]
    verdict: Verdict | None
    turns: tuple[ImportedTurn, ...]
    told: tuple[str, str]
    ranks: tuple[int, ...] = ()
    category: str | None = None
    language: str | None = None
    flags: "frozenset[FlagKind]" = frozenset()
    reasons: tuple[tuple[int, Reason], ...] = ()
    comment: str = ""
    reading_s: float | None = None
    created_at: datetime | None = None

    def fault(self, change: str) -> RowFault:
        """Return a fault of this vote's outcome."""
        column, value = self.told
        return RowFault(self.line, column, value, change)


ImportedRow: TypeAlias = ImportedVote | RowFault | LeftOut


@dataclass(frozen=True, slots=True)
class KnownPrompt:
    """The text behind a prompt's number in a file that has only numbers."""

    text: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    `columns` are the file's names of columns by ours; `prompts` the texts of prompts by number;
    `key` makes pseudonyms of addresses, so that no address is stored.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, KnownPrompt] = field(default_factory=dict)
    key: bytes = b""
