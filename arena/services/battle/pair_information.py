"""What one more battle of two models tells, counted now and then: draws never count votes."""

from collections.abc import Collection

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.informed_pairing import Gains
from arena.statistics.information import information_gains
from arena.statistics.win_rate import ComparisonCount, tally
from arena.storage.boards import model_keys, outcome_counts, version
from arena.storage.database import Database

_EVERY_VOTE = BoardFilter()


class PairInformation:
    """The gains of all pairs of some models, by the votes that were counted last."""

    def __init__(self, database: Database, models: Collection[ModelKey]) -> None:
        self._database = database
        self._models = frozenset(models)
        self._version: int | None = None
        self._gains: Gains | None = None

    @property
    def gains(self) -> Gains | None:
        """What is known of every pair; None while nothing was counted."""
        return self._gains

    def count(self) -> None:
        """Count the votes of the whole board anew if there are others. Blocking.

        Two million take 0.3 s of CPU.
        """
        with self._database.reading() as connection:
            newest = version(connection)
            if newest is not None and newest == self._version:
                return
            keys = model_keys(connection)
            counts = [
                ComparisonCount(keys[row.model_id_a], keys[row.model_id_b], row.verdict, row.count)
                for row in outcome_counts(connection, _EVERY_VOTE)
            ]
        records = tally(counts)
        met = {key for pair in records for key in pair}
        self._gains = information_gains(tuple(self._models | met), records)
        self._version = newest
