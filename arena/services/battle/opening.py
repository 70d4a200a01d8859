"""What opens a battle: a request, who meets, and where the replies come from.

Open play draws its models (`open_play`) and has them answer live (`live_replies`). An assigned
battle of a campaign has other sources behind the same two ports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from arena.domain.accounts import Caller
from arena.domain.pairing import Order
from arena.storage.battles import BattleRecord
from arena.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Opening:
    """What an annotator asks for when a battle starts. `language` None means as identified."""

    prompt: str
    category: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Lineup:
    """The models of a battle in slot order, and the probability that these were drawn.

    `campaign_id` is None in open play. A battle replaces open ones of its own campaign alone.
    `even_probability` is as in `Draw`.
    """

    order: Order
    probability: float
    campaign_id: int | None = None
    even_probability: float | None = None


Choose = Callable[[Connection], Lineup]
"""Chooses under the ledger's write lock, so that counts hold whatever runs at once. Blocking."""


class LineupSource(Protocol):
    """Chooses the models of a new battle."""

    async def prepare(self, caller: Caller, opening: Opening) -> Choose:
        """Refuse what cannot be opened, before anything is chosen.

        Raises:
            ArenaError: Nobody can answer, or nobody can answer this; it names no model.
        """
        ...


class ReplySource(Protocol):
    """Brings the replies of a battle."""

    async def begin(self, record: BattleRecord) -> None:
        """Bring every slot a reply to the last prompt, now or in the background."""
        ...
