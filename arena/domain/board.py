"""Which comparisons a leaderboard counts: the filter of a board, and the fields it consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from arena.domain.accounts import AnnotatorId
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind

EXCLUDING_FLAGS = (
    FlagKind.RECOGNISED,
    FlagKind.IDENTITY_LEAK,
    FlagKind.TRUNCATED,
    FlagKind.ANNOTATOR_EXCLUDED,
)
"""Flags that keep a comparison off a board unless it asks for everything."""

NO_CATEGORY = ""
"""The category of comparisons that have none."""


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which comparisons a board counts; None and the empty set mean no limit.

    `models` keeps comparisons in which both sides are among them; times are of the vote, `since`
    included and `until` not; `group` is a group of annotators; `category` may be `NO_CATEGORY`;
    `campaign` is a name. `without_one_address` leaves out annotators who voted from one address at
    an implausible rate, `votes_per_address` those from whose address more votes than that were
    cast; who they are is for services to say, in `left_out`: queries on such a filter raise
    ValueError without it.
    """

    category: str | None = None
    language: str | None = None
    group: str | None = None
    models: frozenset[ModelKey] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    include_flagged: bool = False
    campaign: str | None = None
    without_one_address: bool = False
    votes_per_address: int | None = None
    left_out: frozenset[AnnotatorId] | None = None

    @property
    def leaves_out_addresses(self) -> bool:
        """Whether it leaves out annotators for what their addresses cast."""
        return self.without_one_address or self.votes_per_address is not None


class FieldKind(Enum):
    """How a field of a filter is asked for, written and read."""

    CHOICE = auto()
    """One of the values that votes have."""
    FIRST_DAY = auto()
    LAST_DAY = auto()
    MODELS = auto()
    NUMBER = auto()
    """A whole number from 1 up."""
    SWITCH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """One field of a board filter, as addresses, the form, figures and commands call it.

    `attribute` is its place in `BoardFilter`, `name` its name in addresses and in the texts of
    pages, `option` the option of commands. `switch` is what an address says where it is on.
    """

    attribute: str
    kind: FieldKind
    name: str
    option: str
    help: str
    metavar: str | None = None
    switch: str = "1"

    def of(self, board_filter: BoardFilter) -> Any:
        """Return its value in a filter."""
        return getattr(board_filter, self.attribute)

    def is_set(self, board_filter: BoardFilter) -> bool:
        """Return whether the filter sets a limit here."""
        return bool(self.of(board_filter) != self.of(_NO_LIMITS))


_NO_LIMITS = BoardFilter()

FILTER_FIELDS = (
    FilterField(
        attribute="campaign",
        kind=FieldKind.CHOICE,
        name="campaign",
        option="--campaign",
        help="Only votes of this campaign.",
        metavar="NAME",
    ),
    FilterField(
        attribute="category",
        kind=FieldKind.CHOICE,
        name="category",
        option="--category",
        help="Only votes of this category.",
    ),
    FilterField(
        attribute="language",
        kind=FieldKind.CHOICE,
        name="language",
        option="--language",
        help="Only votes on prompts in this language.",
        metavar="CODE",
    ),
    FilterField(
        attribute="group",
        kind=FieldKind.CHOICE,
        name="group",
        option="--group",
        help="Only votes of this group of annotators.",
        metavar="NAME",
    ),
    FilterField(
        attribute="since",
        kind=FieldKind.FIRST_DAY,
        name="since",
        option="--since",
        help="First day of the votes that count (UTC).",
        metavar="DAY",
    ),
    FilterField(
        attribute="until",
        kind=FieldKind.LAST_DAY,
        name="until",
        option="--until",
        help="Last day of the votes that count (UTC).",
        metavar="DAY",
    ),
    FilterField(
        attribute="models",
        kind=FieldKind.MODELS,
        name="among",
        option="--among",
        help="Only votes between such models; give it for each.",
        metavar="KEY",
    ),
    FilterField(
        attribute="include_flagged",
        kind=FieldKind.SWITCH,
        name="flagged",
        option="--with-flagged",
        help="Count what boards leave out as well.",
    ),
    FilterField(
        attribute="without_one_address",
        kind=FieldKind.SWITCH,
        name="without",
        option="--without-one-address",
        help="Leave out votes that came from one address at an implausible rate.",
        switch="one_address",
    ),
    FilterField(
        attribute="votes_per_address",
        kind=FieldKind.NUMBER,
        name="address_votes",
        option="--votes-per-address",
        help="Leave out annotators of addresses that cast more votes than this in all.",
        metavar="N",
    ),
)
"""Every field of a filter that people set, in the order of forms and addresses."""

BoardChoices = Mapping[str, tuple[str, ...]]
"""The values that votes have, sorted, by the attribute of each field of the kind CHOICE."""
