"""Keys and fingerprints of models for their numbers: cheaper than two joins a row."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from arena.domain.verdict import Verdict
from arena.storage.exports.batches import Batch, mapped
from arena.storage.schema import models

_WINNERS = {verdict.value: verdict.winner for verdict in Verdict}
"""Position of the winning side by the word of a verdict."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Every model ever registered, by the number of its snapshot."""

    keys: dict[int, str]
    fingerprints: dict[int, str]

    @classmethod
    def of(cls, connection: Connection) -> "Snapshots":
        """Read all snapshots, a few hundred at most."""
        rows = connection.execute(select(models.c.id, models.c.key, models.c.fingerprint)).all()
        return cls({row.id: row.key for row in rows}, {row.id: row.fingerprint for row in rows})

    def name_sides(self, batch: Batch) -> None:
        """Add `model_*` and `fingerprint_*` of both sides, and `winner` by verdict."""
        for side in "ab":
            ids = batch[f"model_id_{side}"]
            batch[f"model_{side}"] = mapped(self.keys, ids)
            batch[f"fingerprint_{side}"] = mapped(self.fingerprints, ids)
        winners = map(_WINNERS.get, batch["verdict"])
        sides = zip(batch["model_a"], batch["model_b"], strict=True)
        batch["winner"] = [
            None if winner is None else models[winner]
            for winner, models in zip(winners, sides, strict=True)
        ]
