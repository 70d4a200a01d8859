"""What a figure shows of a board, and how it looks in print."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arena.domain.conversation import ModelKey

_INCH_MM: Final = 25.4
MOST_PANELS: Final = 6
"""In one figure, a model each."""


class FigureWidth(StrEnum):
    """Columns of a journal's page that a figure takes: 84 or 174 mm."""

    ONE = "one"
    TWO = "two"

    @property
    def inches(self) -> float:
        """The width in inches, which is what drawing counts in."""
        return {FigureWidth.ONE: 84, FigureWidth.TWO: 174}[self] / _INCH_MM


class FigureSubject(StrEnum):
    """What a figure shows: chosen models against their opponents, or something of all models."""

    MODELS = "models"
    RATES = "rates"
    MATRIX = "matrix"
    RATINGS = "ratings"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChoice:
    """What a figure shows; of models, whose panels it has, and against whom.

    `models` has a panel each, as in WizardLM-2's figure; at most six. Without `opponents` all that
    a model met are shown, but only those with `least` decisive votes.
    """

    models: tuple[ModelKey, ...]
    opponents: frozenset[ModelKey] = frozenset()
    least: int = 0
    subject: FigureSubject = FigureSubject.MODELS

    def __post_init__(self) -> None:
        """Raise ValueError for more panels than a page holds, or a negative number."""
        if len(self.models) > MOST_PANELS:
            raise ValueError(f"a figure has at most {MOST_PANELS} models")
        if self.least < 0:
            raise ValueError("the least number of decisive votes cannot be negative")


class TooManyModelsError(ValueError):
    """A matrix of more models than fit into its width with letters that can be read."""

    def __init__(self, models: int, most: int) -> None:
        super().__init__(f"a matrix of {models} models does not fit: at most {most} in this width")
        self.most = most


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureStyle:
    """How a figure looks. Without `titles` a single panel has no heading but the legend."""

    width: FigureWidth = FigureWidth.TWO
    titles: bool = True
    notes: bool = True
    grey: bool = False
