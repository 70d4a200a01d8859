"""The table `battles`."""

from collections.abc import Iterator

from sqlalchemy import Connection, and_, func, select

from arena.storage.exports.batches import (
    EVERYTHING,
    Batch,
    Part,
    annotator,
    batches,
    campaign_name,
    within,
)
from arena.storage.exports.words import by_number, joined
from arena.storage.schema import battles, slots, turns


def battle_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every battle in any state, oldest first."""
    opening = turns.alias("opening")
    placed = joined(slots.c.position, slots.c.model_key).where(slots.c.battle_id == battles.c.id)
    counted = select(func.count()).select_from(turns).where(turns.c.battle_id == battles.c.id)
    query = (
        select(
            battles.c.id.label("battle_id"),
            annotator(battles.c.annotator_id, names=names),
            battles.c.state,
            battles.c.purpose,
            placed.scalar_subquery().label("models"),
            battles.c.category,
            battles.c.language,
            campaign_name(battles.c.campaign_id),
            counted.scalar_subquery().label("turns"),
            opening.c.prompt,
            battles.c.pair_probability,
            battles.c.even_probability,
            battles.c.created_at,
            battles.c.completed_at,
            battles.c.revealed_at,
        )
        .select_from(battles)
        .outerjoin(opening, and_(opening.c.battle_id == battles.c.id, opening.c.number == 1))
        .order_by(battles.c.created_at, battles.c.id)
    )
    for batch in batches(connection, within(query, battles.c.id, part)):
        batch["models"] = [
            " ".join(key for keys in by_number(cell or "") for key in keys)
            for cell in batch["models"]
        ]
        yield batch
