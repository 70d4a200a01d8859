"""Queries on model snapshots: a catalog row as it was when it answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena.domain.conversation import ModelKey
from arena.storage.schema import models, slots


@dataclass(frozen=True, slots=True)
class ModelSnapshot:
    """What identifies a model and what a model card shows.

    `configuration` is everything that changes answers; `fingerprint` is its hash.
    """

    key: ModelKey
    fingerprint: str
    name: str
    license: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "catalogue"


def ensure_snapshot(connection: Connection, snapshot: ModelSnapshot, now: datetime) -> int:
    """Return the id of a snapshot, stored if new; update its name, licence and card."""
    shown = {"name": snapshot.name, "license": snapshot.license, "card": dict(snapshot.card)}
    found = connection.execute(
        select(models.c.id).where(
            models.c.key == snapshot.key, models.c.fingerprint == snapshot.fingerprint
        )
    ).scalar_one_or_none()
    if found is not None:
        connection.execute(update(models).where(models.c.id == found).values(shown))
        return int(found)
    values = {
        "key": snapshot.key,
        "fingerprint": snapshot.fingerprint,
        "origin": snapshot.origin,
        "configuration": dict(snapshot.configuration),
        "created_at": now,
    }
    inserted = insert(models).values(values | shown).returning(models.c.id)
    return int(connection.execute(inserted).scalar_one())


def snapshots_of_battle(connection: Connection, battle_id: str) -> tuple[ModelSnapshot, ...]:
    """Return the contestants of a battle in slot order. Call it after the vote only."""
    query = (
        select(models)
        .join(slots, slots.c.model_id == models.c.id)
        .where(slots.c.battle_id == battle_id)
        .order_by(slots.c.position)
    )
    return tuple(
        ModelSnapshot(
            key=ModelKey(row.key),
            fingerprint=row.fingerprint,
            name=row.name,
            license=row.license,
            card=row.card,
            configuration=row.configuration,
            origin=row.origin,
        )
        for row in connection.execute(query)
    )
