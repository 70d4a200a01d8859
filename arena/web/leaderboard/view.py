"""What the parts of a leaderboard are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from arena.domain.conversation import ModelKey
from arena.services.board.details import DetailedBoard, RatedBoard, Turnout
from arena.services.board.leaderboard import Board
from arena.services.board.quality import BoardQuality
from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.snapshots.keeping import SnapshotHead
from arena.services.board.snapshots.reading import BoardSnapshot
from arena.statistics.agreement import Agreement
from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.win_rate import Pair, Record, State
from arena.web.leaderboard.query import BoardQuery

PANELS_AT_ONCE = 6
"""With more models than this, tabs show one of them, or neighbours, instead of every pair."""

Texts = Mapping[str, str]
"""Sentences of one language by key."""


class Progress(Enum):
    """Where the statistics are that take longer than the counts.

    With `RATED` intervals and ratings are there, and agreement is still to come.
    """

    PENDING = auto()
    RATED = auto()
    READY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class ShownSnapshots:
    """All snapshots of boards, newest first, and the two that are compared, the earlier one first.

    `missing` are numbers that were asked for and that no snapshot has.
    """

    heads: tuple[SnapshotHead, ...]
    compared: tuple[BoardSnapshot, BoardSnapshot] | None = None
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """A board, its statistics as far as its progress says, and how it is looked at.

    Which of the statistics there are depends on the tab: `rated` and then `detailed` on most of
    them, `quality` on its own tab, and on that of categories `category_rates` (next to
    `category_boards`, the counts), on those of robustness and time `robustness`, before the others.
    `snapshots` are there on the tab of time, from the beginning. `freezing` is what a form that
    freezes the board must send along, empty for who may not.
    """

    board: Board
    texts: Texts
    query: BoardQuery = field(default_factory=BoardQuery)
    progress: Progress = Progress.PENDING
    rated: RatedBoard | None = None
    detailed: DetailedBoard | None = None
    category_boards: Mapping[str, Board] = field(default_factory=dict)
    category_rates: Mapping[str, Mapping[ModelKey, ClusteredRate]] | None = None
    quality: BoardQuality | None = None
    robustness: BoardRobustness | None = None
    snapshots: ShownSnapshots | None = None
    freezing: str = ""

    @property
    def pending(self) -> bool:
        """Whether intervals and ratings are still to come."""
        return self.progress is Progress.PENDING

    @property
    def complete(self) -> bool:
        """Whether nothing more is to come."""
        return self.progress in (Progress.READY, Progress.FAILED)

    @property
    def turnout(self) -> Turnout | None:
        """How many voted on how much; None while nobody knows."""
        found = self.quality or self.rated
        return found.turnout if found else None

    @property
    def agreement(self) -> Agreement | None:
        """How far annotators agree; None while nobody knows."""
        found = self.quality or self.detailed
        return found.agreement if found else None

    @property
    def last_vote(self) -> datetime | None:
        """When the newest vote on the board was cast; None while nobody knows."""
        found = self.quality or self.detailed
        return found.last_vote if found else None

    @property
    def is_import_day(self) -> bool:
        """Whether that is the day of an import instead, of votes that nothing dates."""
        found = self.quality or self.detailed
        return found is not None and found.is_import_day

    def name(self, model: ModelKey) -> str:
        """Return the display name of a model."""
        return self.board.names.get(model, model)

    def pair(self, pair: Pair) -> ClusteredRate | None:
        """Return what is known of a pair beyond its counts."""
        return self.rated.rates.pairs.get(pair) if self.rated else None

    def pooled(self, model: ModelKey) -> ClusteredRate | None:
        """Return what is known of a model beyond its counts."""
        return self.rated.rates.pooled.get(model) if self.rated else None

    def mean(self, model: ModelKey) -> ClusteredRate | None:
        """Return what is known of its mean over opponents beyond the counts."""
        return self.rated.rates.mean_over_opponents.get(model) if self.rated else None

    def state(self, record: Record, found: ClusteredRate | None) -> State | None:
        """Return how far a rate can be relied on; None while nobody knows.

        Counts alone can say «too few», and no more than that: what is not known to be enough is
        never called so.
        """
        if found is not None:
            return found.state
        return State.TOO_FEW if record.state is State.TOO_FEW else None
