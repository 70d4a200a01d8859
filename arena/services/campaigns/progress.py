"""How far a campaign is, for the people who run it."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from typing import TypeVar

from arena.domain.assignment import CampaignState
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.services.campaigns.finding import required
from arena.storage.campaigns.campaigns import CampaignRecord
from arena.storage.campaigns.progress import (
    ItemCount,
    MemberCount,
    item_counts,
    member_counts,
    opinions_given,
)
from arena.storage.database import Database

_Key = TypeVar("_Key", bound=Hashable)

RECENT = timedelta(days=7)
"""The present rate is that of the last week, or since the first ballot."""

_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PartProgress:
    """A part of a campaign: ballots that are wanted, given, and reserved at this moment."""

    wanted: int
    judged: int
    reserved: int


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """Where a campaign stands.

    `by_models` has what is judged together, a pair or all models. `absent` are annotators whom the
    file names and who have not come yet. `ends_at` is when the last
    ballot comes by the present rate; None where none came lately, or nothing is left.
    """

    name: str
    state: CampaignState
    total: PartProgress
    by_models: dict[tuple[ModelKey, ...], PartProgress]
    by_category: dict[str | None, PartProgress]
    members: tuple[MemberCount, ...]
    absent: tuple[str, ...]
    ends_at: datetime | None

    @property
    def comparisons(self) -> int:
        """What the ballots give: one of each pair, N(N-1)/2 of a ranking of N models."""
        return sum(comb(len(keys), 2) * part.judged for keys, part in self.by_models.items())


class ProgressReports:
    """Counts of campaigns. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def progress(self, name: str) -> CampaignProgress:
        """Return how far a campaign is.

        Raises:
            CampaignRefused: There is no such campaign.
        """
        now = self._clock.now()
        with self._database.reading() as connection:
            stored = required(connection, name)
            counts = item_counts(connection, stored.id)
            members = member_counts(connection, stored.id)
            recent, _ = opinions_given(connection, stored.id, since=now - RECENT)
            _, first = opinions_given(connection, stored.id)
        here = {one.name for one in members}
        keys = [model.key for model in stored.terms.models]
        record = stored.record
        total = _sums(((), one) for one in counts)
        by_models = _sums((tuple(keys[at] for at in one.models), one) for one in counts)
        whole = _part(total.get((), _Sum()), record)
        left = whole.wanted - whole.judged
        return CampaignProgress(
            name=stored.name,
            state=stored.state,
            total=whole,
            by_models={models: _part(sums, record) for models, sums in by_models.items()},
            by_category={
                category: _part(sums, record)
                for category, sums in _sums((one.category, one) for one in counts).items()
            },
            members=members,
            absent=tuple(one.name for one in stored.terms.annotators if one.name not in here),
            ends_at=end_of(left, recent, first, now),
        )


@dataclass(slots=True)
class _Sum:
    items: int = 0
    disputed: int = 0
    taken: int = 0
    judged: int = 0


def _sums(counts: Iterable[tuple[_Key, ItemCount]]) -> dict[_Key, _Sum]:
    found: dict[_Key, _Sum] = {}
    for key, one in counts:
        into = found.setdefault(key, _Sum())
        into.items += one.items
        into.disputed += one.disputed
        into.taken += one.taken
        into.judged += one.judged
    return found


def _part(sums: _Sum, record: CampaignRecord) -> PartProgress:
    wanted = sums.items * record.overlap + sums.disputed * (record.most - record.overlap)
    return PartProgress(wanted, sums.judged, sums.taken - sums.judged)


def end_of(left: int, recent: int, first: datetime | None, now: datetime) -> datetime | None:
    """Return when the last ballot comes by the present rate.

    `left` ballots are wanted, `recent` ones came since `RECENT`, the `first` of all at a moment.
    None where none came lately, or nothing is left.
    """
    if first is None or not recent or left <= 0:
        return None
    length = max(min(now - first, RECENT), _LEAST)
    return now + length * (left / recent)
