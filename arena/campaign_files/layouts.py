"""Prompt sets of others, recognized by their columns and read as they are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Layout:
    """A published set of columns: `columns` are our names by theirs, all `required` are there."""

    required: frozenset[str]
    columns: Mapping[str, str]

    def ours(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cells by our names; columns that mean nothing to a campaign are left out."""
        return {ours: cells[theirs] for theirs, ours in self.columns.items() if theirs in cells}


WIZARDLM: Final = Layout(
    frozenset({"idx", "Skill", "Difficulty", "Instruction"}),
    {"idx": "id", "Skill": "category", "Difficulty": "difficulty", "Instruction": "prompt"},
)
"""The test set of WizardLM (2023)."""

MT_BENCH: Final = Layout(
    frozenset({"question_id", "category", "turns"}),
    {"question_id": "id", "category": "category", "turns": "messages", "reference": "notes"},
)
"""The questions of MT-bench, in the shape that FastChat reads."""


def layout_of(columns: Collection[str]) -> Layout | None:
    """Return the layout that columns belong to; None for prompt sets in the arena's own columns."""
    return next((one for one in (WIZARDLM, MT_BENCH) if one.required <= set(columns)), None)
