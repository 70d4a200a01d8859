"""What the address of a leaderboard says: tab, model and filters, so that a board can be linked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urlencode

from arena.domain.board import BoardFilter
from arena.domain.characters import sound_text
from arena.domain.conversation import ModelKey
from arena.domain.days import beginning, ending

ONE_ADDRESS = "one_address"
"""What `without` may name."""

_MOST_FIELDS = 1000
_DAY = timedelta(days=1)


class Tab(StrEnum):
    """A view of the board."""

    RATES = "rates"
    MATRIX = "matrix"
    RATINGS = "ratings"
    CATEGORIES = "categories"
    QUALITY = "quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQuery:
    """A view of a board; `faults` are the fields of the address that could not be read."""

    tab: Tab = Tab.RATES
    baseline: ModelKey | None = None
    filter: BoardFilter = field(default_factory=BoardFilter)
    faults: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The same as a query string that begins with a question mark."""
        board_filter = self.filter
        fields: list[tuple[str, str | None]] = [
            ("tab", None if self.tab is Tab.RATES else self.tab.value),
            ("model", self.baseline),
            ("campaign", board_filter.campaign),
            ("category", board_filter.category),
            ("language", board_filter.language),
            ("group", board_filter.group),
            ("since", day_of(board_filter.since)),
            ("until", last_day(board_filter.until)),
            *(("among", key) for key in sorted(board_filter.models)),
            ("flagged", "1" if board_filter.include_flagged else None),
            ("without", ONE_ADDRESS if board_filter.without_one_address else None),
        ]
        return "?" + urlencode([(name, value) for name, value in fields if value])

    def seen_as(self, tab: Tab) -> "BoardQuery":
        """Return the same board on another tab."""
        return replace(self, tab=tab)

    def with_one_address(self, *, counted: bool) -> "BoardQuery":
        """Return the board with or without votes from one address at an implausible rate."""
        return replace(self, filter=replace(self.filter, without_one_address=not counted))

    def seen_from(self, baseline: ModelKey | None) -> "BoardQuery":
        """Return the same board against one model."""
        return replace(self, baseline=baseline)


def read_query(text: str) -> BoardQuery:
    """Return the view that an address names; what it leaves out is the default."""
    try:
        fields = parse_qs(sound_text(text).removeprefix("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return BoardQuery(faults=("among",))
    return _Reading(fields).query()


def day_of(moment: datetime | None) -> str | None:
    """Return the day on which a period begins, as an address has it."""
    return moment.date().isoformat() if moment else None


def last_day(moment: datetime | None) -> str | None:
    """Return the last day of a period that ends before a midnight."""
    return (moment - _DAY).date().isoformat() if moment else None


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
            filter=BoardFilter(
                campaign=self._text("campaign"),
                category=self._text("category"),
                language=self._text("language"),
                group=self._text("group"),
                models=frozenset(map(ModelKey, self._fields.get("among", ()))),
                since=self._moment("since", beginning),
                until=self._moment("until", ending),
                include_flagged=self._text("flagged") == "1",
                without_one_address=self._left_out(),
            ),
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

    def _left_out(self) -> bool:
        value = self._text("without")
        if value not in (None, ONE_ADDRESS):
            self._faults.append("without")
        return value == ONE_ADDRESS

    def _moment(self, name: str, of: Callable[[date], datetime]) -> datetime | None:
        value = self._text(name)
        if value is None:
            return None
        try:
            return of(date.fromisoformat(value))
        except (ValueError, OverflowError):
            self._faults.append(name)
            return None
