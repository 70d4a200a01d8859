"""The table `comparisons`."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from arena.domain.board import EXCLUDING_FLAGS
from arena.storage.exports.batches import (
    EVERYTHING,
    Batch,
    Part,
    annotator,
    batches,
    campaign_name,
    within,
)
from arena.storage.exports.snapshots import Snapshots
from arena.storage.exports.words import slot_letters
from arena.storage.schema import outcomes, votes


def comparison_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every pairwise outcome, by vote and slots."""
    of = outcomes.c
    query = (
        select(
            of.vote_id,
            votes.c.battle_id,
            annotator(of.annotator_id, names=names),
            of.verdict,
            of.model_id_a,
            of.model_id_b,
            of.position_a.label("slot_a"),
            of.position_b.label("slot_b"),
            of.category,
            of.language,
            campaign_name(of.campaign_id),
            *(of[kind.value] for kind in EXCLUDING_FLAGS),
            of.created_at,
        )
        .join(votes, votes.c.id == of.vote_id)
        .order_by(of.vote_id, of.position_a, of.position_b)
    )
    snapshots = Snapshots.of(connection)
    for batch in batches(connection, within(query, votes.c.battle_id, part)):
        snapshots.name_sides(batch)
        for slot in ("slot_a", "slot_b"):
            batch[slot] = slot_letters(batch[slot])
        yield batch
