"""What may be chosen for an exported file."""

from dataclasses import dataclass

from arena.domain.board import BoardFilter
from arena.services.exports.formats import ExportFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a table is written, and what belongs to it.

    `names` shows annotators by name instead of by pseudonym. `bom` is for CSV alone. With a
    `campaign` the table has only what belongs to it; `without_one_address` as in `BoardFilter`.
    """

    format: ExportFormat = ExportFormat.CSV
    names: bool = False
    bom: bool = False
    campaign: str | None = None
    without_one_address: bool = False

    @property
    def board_filter(self) -> BoardFilter:
        """The filter on what is counted."""
        return BoardFilter(campaign=self.campaign, without_one_address=self.without_one_address)


DEFAULT_OPTIONS = ExportOptions()
