"""What the address of a leaderboard says: tab, model and filters, so that a board can be linked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlencode

from arena.domain.board import FILTER_FIELDS, BoardFilter, FilterField
from arena.domain.board_fields import read, written
from arena.domain.characters import to_well_formed
from arena.domain.conversation import ModelKey

_MOST_FIELDS = 1000
_NUMBERS = ("earlier", "later")
_MOST_DIGITS = 9


class Tab(StrEnum):
    """A view of the board."""

    RATES = "rates"
    HEAD_TO_HEAD = "head"
    MATRIX = "matrix"
    RATINGS = "ratings"
    CATEGORIES = "categories"
    ROBUSTNESS = "robustness"
    QUALITY = "quality"
    TIME = "time"


class MoreColumn(StrEnum):
    """A column of the table of models that is there only where it was asked for."""

    MEAN = "mean"
    MEAN_INTERVAL = "mean_interval"
    TIE_RATE = "tie_rate"
    DECISIVE = "decisive"
    PROMPTS = "prompts"
    LEFT_OUT = "left_out"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQuery:
    """A view of a board; `faults` are the fields of the address that could not be read.

    `baseline` is the model that is looked at: unfolded among all models, alone on other tabs.
    `earlier` and `later` are numbers of snapshots that are compared.
    """

    tab: Tab = Tab.RATES
    baseline: ModelKey | None = None
    earlier: int | None = None
    later: int | None = None
    columns: frozenset[MoreColumn] = frozenset()
    filter: BoardFilter = field(default_factory=BoardFilter)
    faults: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The same as a query string that begins with a question mark."""
        fields: list[tuple[str, str | None]] = [
            ("tab", None if self.tab is Tab.RATES else self.tab.value),
            ("model", self.baseline),
            *(("columns", column.value) for column in MoreColumn if column in self.columns),
            *((name, str(getattr(self, name) or "")) for name in _NUMBERS),
            *((one.name, value) for one in FILTER_FIELDS for value in written(one, self.filter)),
        ]
        return "?" + urlencode([(name, value) for name, value in fields if value])

    def seen_as(self, tab: Tab) -> "BoardQuery":
        """Return the same board on another tab."""
        return replace(self, tab=tab)

    def with_suspects(self, *, counted: bool) -> "BoardQuery":
        """Return the board with or without votes from one address at an implausible rate."""
        return replace(self, filter=replace(self.filter, without_one_address=not counted))

    def seen_from(self, baseline: ModelKey | None) -> "BoardQuery":
        """Return the same board against one model."""
        return replace(self, baseline=baseline)


def read_query(text: str) -> BoardQuery:
    """Return the view that an address names; what it leaves out is the default."""
    try:
        fields = parse_qs(to_well_formed(text).removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return BoardQuery(faults=("among",))
    return _Reading(fields).query()


class _Reading:
    """Reads field by field and collects the names of those that make no sense."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields
        self._faults: list[str] = []

    def query(self) -> BoardQuery:
        """Return everything that the fields say."""
        model = self._text("model")
        return BoardQuery(
            tab=self._tab(),
            baseline=ModelKey(model) if model else None,
            earlier=self._number("earlier"),
            later=self._number("later"),
            columns=self._columns(),
            filter=BoardFilter(**{one.attribute: self._filtered(one) for one in FILTER_FIELDS}),
            faults=tuple(self._faults),
        )

    def _text(self, name: str) -> str | None:
        return next(iter(self._fields.get(name, ())), None)

    def _tab(self) -> Tab:
        value = self._text("tab") or Tab.RATES
        if value not in list(Tab):
            self._faults.append("tab")
            return Tab.RATES
        return Tab(value)

    def _number(self, name: str) -> int | None:
        value = self._text(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
            self._faults.append(name)
            return None
        return int(value)

    def _columns(self) -> frozenset[MoreColumn]:
        wanted, known = set(self._fields.get("columns", ())), {one.value for one in MoreColumn}
        if wanted - known:
            self._faults.append("columns")
        return frozenset(MoreColumn(value) for value in wanted & known)

    def _filtered(self, field: FilterField) -> Any:
        try:
            return read(field, self._fields.get(field.name, ()))
        except (ValueError, OverflowError):
            self._faults.append(field.name)
            return read(field, ())
