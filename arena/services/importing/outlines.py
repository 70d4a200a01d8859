"""What is kept of a vote while its file is checked: all but its texts, which may be gigabytes."""

import hashlib
import sys
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeVar

from arena.domain.verdict import Verdict
from arena.services.importing.rows import ImportedModel, ImportedVote, RowFault

_DIGEST_BYTES = 8
_Value = TypeVar("_Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class VoteOutline:
    """An `ImportedVote` without its texts; `prompt` is a digest of the first one."""

    line: int
    battle_id: str
    annotator: str
    models: tuple[ImportedModel, ...]
    verdict: Verdict | None
    ranks: tuple[int, ...]
    outcome_cell: tuple[str, str]
    prompt: bytes

    def fault(self, change: str) -> RowFault:
        """Return a fault of this vote's outcome."""
        column, value = self.outcome_cell
        return RowFault(self.line, column, value, change)


class Outlines:
    """Makes outlines in which equal values are one object: a file names few models many times."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Hashable] = {}

    def of(self, vote: ImportedVote) -> VoteOutline:
        """Return the outline of a vote."""
        prompt = vote.turns[0].prompt.encode("utf-8", "surrogatepass")
        return VoteOutline(
            line=vote.line,
            battle_id=vote.battle_id,
            annotator=sys.intern(vote.annotator),
            models=self._one(vote.models),
            verdict=vote.verdict,
            ranks=self._one(vote.ranks),
            outcome_cell=self._one(vote.outcome_cell),
            prompt=hashlib.blake2b(prompt, digest_size=_DIGEST_BYTES).digest(),
        )

    def _one(self, value: _Value) -> _Value:
        return self._known.setdefault(value, value)  # type: ignore[return-value]
