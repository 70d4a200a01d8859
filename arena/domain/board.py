"""Which comparisons a leaderboard counts: the filter of a board and what can be chosen in it."""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.accounts import AnnotatorId
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind

EXCLUDING_FLAGS = (FlagKind.RECOGNISED, FlagKind.IDENTITY_LEAK, FlagKind.TRUNCATED)
"""Flags that keep a comparison off a board unless it asks for everything."""

NO_CATEGORY = ""
"""The category of comparisons that have none."""


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which comparisons a board counts; None and the empty set mean no limit.

    `models` keeps comparisons in which both sides are among them; times are of the vote, `since`
    included and `until` not; `group` is a group of annotators; `category` may be `NO_CATEGORY`;
    `campaign` is a name. `without_one_address` leaves out annotators who voted from one address at
    an implausible rate; who they are is for services to say, in `left_out`: queries on such a
    filter raise ValueError without it.
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
    left_out: frozenset[AnnotatorId] | None = None


@dataclass(frozen=True, slots=True)
class BoardChoices:
    """Values of votes that a board can be filtered by, sorted."""

    categories: tuple[str, ...]
    languages: tuple[str, ...]
    groups: tuple[str, ...]
    campaigns: tuple[str, ...] = ()
