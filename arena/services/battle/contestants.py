"""The models that may be drawn: a catalog row tied to its stored snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey, Sampling
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model that can be drawn. Secret until the reveal: never part of a page's view."""

    key: ModelKey
    model_id: int
    weight: float
    sampling: Sampling
    identity_words: tuple[str, ...]


def register_contestants(
    catalog: ModelCatalog, database: Database, clock: Clock
) -> Mapping[ModelKey, Contestant]:
    """Store a snapshot of every enabled row and return the contestants by key."""
    contestants = {}
    with database.writing() as connection:
        for row in catalog.enabled():
            model_id = ensure_snapshot(connection, _snapshot(row), clock.now())
            contestants[ModelKey(row.key)] = Contestant(
                key=ModelKey(row.key),
                model_id=model_id,
                weight=row.weight,
                sampling=row.sampling,
                identity_words=row.identity_words,
            )
    return contestants


def _snapshot(row: ModelRow) -> ModelSnapshot:
    return ModelSnapshot(
        key=ModelKey(row.key),
        fingerprint=row.fingerprint(),
        name=row.name,
        license=row.license,
        card={"links": dict(row.links), "description": row.description},
        configuration=row.configuration(),
    )
