"""What an archive needs of those who draw figures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from arena.domain.conversation import ModelKey

if TYPE_CHECKING:
    from arena.services.board.details import DetailedBoard


@dataclass(frozen=True, slots=True)
class ArchiveFigure:
    """The figure of a model against its opponents: its numbers as CSV, drawn as SVG when asked."""

    data: bytes
    drawn: Callable[[], bytes]


FigureOf: TypeAlias = "Callable[[DetailedBoard, ModelKey, date], ArchiveFigure | None]"
"""Returns the figure of a model on a board that was counted on a day; None without votes."""
