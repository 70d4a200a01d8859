"""What an arena did today and in the days before, for the admin's overview."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.storage.database import Connection
from arena.storage.recent_work import (
    RecentReplies,
    battles_since,
    replies_since,
    votes_between,
)

DAYS: Final = 14
"""Days with their votes, today among them."""

RECENT: Final = timedelta(hours=24)
"""What shares and speeds are of: a fault of today is not hidden by a year without one."""


@dataclass(frozen=True, slots=True)
class RecentWork:
    """Votes by day (UTC), oldest first; battles that began in the last 24 hours, and their replies.

    Empty where the database could not be read.
    """

    votes: Mapping[date, int] = field(default_factory=dict)
    battles: Mapping[BattleState, int] = field(default_factory=dict)
    replies: Mapping[ModelKey, RecentReplies] = field(default_factory=dict)

    @property
    def votes_today(self) -> int:
        """Votes cast since midnight, UTC."""
        return self.votes[max(self.votes)] if self.votes else 0

    @property
    def cut(self) -> float | None:
        """Share of replies that reached their length limit; None without replies."""
        shown = sum(one.shown for one in self.replies.values())
        return share(sum(one.cut for one in self.replies.values()), shown)

    def share_in(self, state: BattleState) -> float | None:
        """Return the share of battles in a state; None without battles."""
        return share(self.battles.get(state, 0), sum(self.battles.values()))


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, which has none where there is nothing."""
    return part / whole if whole else None


def recent_work(connection: Connection, now: datetime) -> RecentWork:
    """Read what was done until `now`."""
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    bounds = [datetime.combine(day, time(), UTC) for day in (*days, today + timedelta(days=1))]
    return RecentWork(
        votes=dict(zip(days, votes_between(connection, bounds), strict=True)),
        battles=battles_since(connection, now - RECENT),
        replies=replies_since(connection, now - RECENT),
    )
