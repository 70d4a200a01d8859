"""What the parts of a leaderboard are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from arena.domain.conversation import ModelKey
from arena.services.board_details import BoardDetails
from arena.services.board_quality import BoardQuality
from arena.services.leaderboard import Board
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair, Record, State
from arena.web.board_query import BoardQuery

Texts = Mapping[str, str]
"""Sentences of one language by key."""


class Progress(Enum):
    """Where the statistics are that take longer than the counts."""

    PENDING = auto()
    READY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """A board, its statistics if they are `READY`, and how it is looked at.

    Which of the statistics there are depends on the tab: `details` on most of them,
    `category_rates` (next to `category_boards`, the counts) or `quality` on their own tabs.
    """

    board: Board
    texts: Texts
    query: BoardQuery = field(default_factory=BoardQuery)
    progress: Progress = Progress.PENDING
    details: BoardDetails | None = None
    category_boards: Mapping[str, Board] = field(default_factory=dict)
    category_rates: Mapping[str, Mapping[ModelKey, ClusteredRate]] | None = None
    quality: BoardQuality | None = None

    @property
    def pending(self) -> bool:
        """Whether more numbers are still to come."""
        return self.progress is Progress.PENDING

    def name(self, model: ModelKey) -> str:
        """What people call a model. Not escaped."""
        return self.board.names.get(model, model)

    def pair(self, pair: Pair) -> ClusteredRate | None:
        """What is known of a pair beyond its counts."""
        return self.details.rates.pairs.get(pair) if self.details else None

    def pooled(self, model: ModelKey) -> ClusteredRate | None:
        """What is known of a model beyond its counts."""
        return self.details.rates.pooled.get(model) if self.details else None

    def mean(self, model: ModelKey) -> ClusteredRate | None:
        """The same of its mean over opponents."""
        return self.details.rates.mean_over_opponents.get(model) if self.details else None

    def state(self, record: Record, found: ClusteredRate | None) -> State | None:
        """How far a rate can be relied on; None while nobody knows.

        Counts alone can say «too few», and no more than that: what is not known to be enough is
        never called so.
        """
        if found is not None:
            return found.state
        return State.TOO_FEW if record.state is State.TOO_FEW else None
