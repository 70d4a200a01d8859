"""The table `scores`."""

from collections.abc import Iterator

from sqlalchemy import Connection, select, union_all

from arena.storage.exports.batches import (
    EVERYTHING,
    Batch,
    Part,
    annotator,
    batches,
    campaign_name,
    within,
)
from arena.storage.exports.votes import whole_revision
from arena.storage.exports.words import slot_letters
from arena.storage.schema import battles, revision_scores, slots, vote_scores, votes


def score_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every score in force, by vote, slot and criterion."""
    cast, revised = vote_scores.c, revision_scores.c
    first = (
        select(cast.vote_id, cast.position, cast.criterion, cast.score)
        .join(votes, votes.c.id == cast.vote_id)
        .where(whole_revision().is_(None))
    )
    later = (
        select(revised.vote_id, revised.position, revised.criterion, revised.score)
        .join(votes, votes.c.id == revised.vote_id)
        .where(revised.revision == whole_revision())
    )
    of = union_all(first, later).subquery("in_force").c
    query = (
        select(
            of.vote_id,
            votes.c.battle_id,
            annotator(votes.c.annotator_id, names=names),
            battles.c.purpose,
            of.position.label("slot"),
            slots.c.model_key.label("model"),
            of.criterion,
            of.score,
            battles.c.category,
            battles.c.language,
            campaign_name(battles.c.campaign_id),
            votes.c.created_at,
        )
        .join(votes, votes.c.id == of.vote_id)
        .join(battles, battles.c.id == votes.c.battle_id)
        .join(slots, (slots.c.battle_id == votes.c.battle_id) & (slots.c.position == of.position))
        .order_by(of.vote_id, of.position, of.criterion)
    )
    for batch in batches(connection, within(query, votes.c.battle_id, part)):
        batch["slot"] = slot_letters(batch["slot"])
        yield batch
