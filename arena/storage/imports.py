"""Queries of imports: what is stored already, and the models and people that votes need."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, insert, select

from arena.domain.accounts import AccountRole, AnnotatorId
from arena.domain.conversation import ModelKey
from arena.storage.models import ModelSnapshot
from arena.storage.schema import (
    annotators,
    models,
    slots,
    vote_revisions,
    votes,
)

EXTERNAL = "external"
"""Origin of models that no catalog row stands for."""

_AT_ONCE = 500
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A stored snapshot."""

    id: int
    snapshot: ModelSnapshot


@dataclass(frozen=True, slots=True)
class StoredBattle:
    """A stored battle as an imported vote is compared with it.

    `verdicts` has the first and those of all revisions, None for a ranking, and nothing while
    there is no vote; `slots` has the key and the name of the model in each slot.
    """

    verdicts: frozenset[str | None]
    slots: tuple[frozenset[str], ...]


def known_models(connection: Connection) -> tuple[KnownModel, ...]:
    """Return every snapshot, oldest first."""
    rows = connection.execute(select(models).order_by(models.c.id)).mappings()
    return tuple(
        KnownModel(
            row["id"],
            ModelSnapshot(
                key=ModelKey(row["key"]),
                fingerprint=row["fingerprint"],
                name=row["name"],
                license=row["license"],
                card=row["card"],
                configuration=row["configuration"],
                origin=row["origin"],
            ),
        )
        for row in rows
    )


def insert_model(connection: Connection, snapshot: ModelSnapshot, now: datetime) -> int:
    """Store a new snapshot and return its id. Its key and fingerprint must be new together."""
    values = {
        "key": snapshot.key,
        "fingerprint": snapshot.fingerprint,
        "name": snapshot.name,
        "origin": snapshot.origin,
        "license": snapshot.license,
        "card": dict(snapshot.card),
        "configuration": dict(snapshot.configuration),
        "created_at": now,
    }
    inserted = insert(models).values(values).returning(models.c.id)
    return int(connection.execute(inserted).scalar_one())


def annotators_called(connection: Connection, names: Collection[str]) -> dict[str, AnnotatorId]:
    """Return the ids of the accounts that have one of these names."""
    found: dict[str, AnnotatorId] = {}
    for some in _batches(names):
        query = select(annotators.c.name, annotators.c.id).where(annotators.c.name.in_(some))
        found |= {name: AnnotatorId(number) for name, number in connection.execute(query)}
    return found


def insert_external_annotators(
    connection: Connection, names: Collection[str], *, group: str, now: datetime
) -> None:
    """Store accounts of people who voted elsewhere, disabled so that nobody can sign in."""
    rows = [
        {
            "name": name,
            "role": AccountRole.ANNOTATOR.value,
            "group_name": group,
            "created_at": now,
            "disabled_at": now,
        }
        for name in names
    ]
    if rows:
        connection.execute(insert(annotators), rows)


def stored_battles(connection: Connection, ids: Collection[str]) -> dict[str, StoredBattle]:
    """Return those of the battles that are stored."""
    found: dict[str, StoredBattle] = {}
    for some in _batches(ids):
        placed = _slots_of(connection, some)
        verdicts = _verdicts_of(connection, some)
        found |= {
            battle_id: StoredBattle(verdicts.get(battle_id, frozenset()), tuple(names))
            for battle_id, names in placed.items()
        }
    return found


def _slots_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[frozenset[str]]]:
    query = (
        select(slots.c.battle_id, models.c.key, models.c.name)
        .join(models, models.c.id == slots.c.model_id)
        .where(slots.c.battle_id.in_(ids))
        .order_by(slots.c.battle_id, slots.c.position)
    )
    placed: dict[str, list[frozenset[str]]] = {}
    for battle_id, key, name in connection.execute(query):
        placed.setdefault(battle_id, []).append(frozenset({key, name}))
    return placed


def _verdicts_of(connection: Connection, ids: Sequence[str]) -> dict[str, frozenset[str | None]]:
    of = votes.c
    first = select(of.battle_id, of.verdict).where(of.battle_id.in_(ids))
    revised = (
        select(of.battle_id, vote_revisions.c.verdict)
        .join(vote_revisions, vote_revisions.c.vote_id == of.id)
        .where(of.battle_id.in_(ids))
    )
    verdicts: dict[str, frozenset[str | None]] = {}
    for battle_id, verdict in connection.execute(first.union(revised)):
        verdicts[battle_id] = verdicts.get(battle_id, frozenset()) | {verdict}
    return verdicts


def _batches(items: Collection[_Item]) -> Iterator[list[_Item]]:
    """Split items into lists short enough for one `IN`."""
    listed = list(items)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
