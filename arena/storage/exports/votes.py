"""The table `votes`."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Label,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    select,
)

from arena.domain.board import EXCLUDING_FLAGS
from arena.domain.mode import PAIR
from arena.domain.reply import FlagKind
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
from arena.storage.exports.words import by_number, by_slot, joined
from arena.storage.rankings import rankings_in_force
from arena.storage.schema import (
    battles,
    exclusions,
    outcomes,
    revision_reasons,
    slots,
    turns,
    vote_reasons,
    vote_revisions,
    votes,
)

_FIRST, _SECOND = 0, 1

_OF_ANNOTATORS = {FlagKind.ANNOTATOR_EXCLUDED}


def vote_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every vote in the order of casting, with the verdict in force."""
    snapshots = Snapshots.of(connection)
    for batch in batches(connection, within(_query(names=names), votes.c.battle_id, part)):
        snapshots.name_sides(batch)
        _spell(batch)
        yield batch


def _query(*, names: bool) -> Select[Any]:
    of, opening = outcomes.c, turns.alias("opening")
    return (
        select(
            votes.c.id.label("vote_id"),
            votes.c.battle_id,
            annotator(votes.c.annotator_id, names=names),
            _verdict().label("verdict"),
            func.coalesce(of.model_id_a, _model_in(_FIRST)).label("model_id_a"),
            func.coalesce(of.model_id_b, _model_in(_SECOND)).label("model_id_b"),
            _ranking().label("ranking"),
            battles.c.purpose,
            _strength().label("strength"),
            battles.c.category,
            battles.c.language,
            campaign_name(battles.c.campaign_id),
            _turns().label("turns"),
            opening.c.prompt,
            *(_flag(kind) for kind in EXCLUDING_FLAGS if kind not in _OF_ANNOTATORS),
            _is_excluded().label(FlagKind.ANNOTATOR_EXCLUDED.value),
            votes.c.reading_s,
            _reasons().label("reasons"),
            _comment().label("comment"),
            _revisions().label("revisions"),
            votes.c.created_at,
            battles.c.revealed_at,
        )
        .select_from(votes)
        .join(battles, battles.c.id == votes.c.battle_id)
        .outerjoin(
            outcomes,
            and_(of.vote_id == votes.c.id, of.position_a == _FIRST, of.position_b == _SECOND),
        )
        .outerjoin(opening, and_(opening.c.battle_id == votes.c.battle_id, opening.c.number == 1))
        .order_by(votes.c.id)
    )


def _spell(batch: Batch) -> None:
    rankings = [cell and by_number(cell) for cell in batch["ranking"]]
    batch["ranking"] = [ranks and " > ".join(map(" = ".join, ranks)) for ranks in rankings]
    batch["winner"] = [
        ranks[0][0] if ranks and len(ranks[0]) == 1 else winner
        for ranks, winner in zip(rankings, batch["winner"], strict=True)
    ]
    batch["reasons"] = [cell and by_slot(cell) for cell in batch["reasons"]]


def _verdict() -> Any:
    """Return the verdict in force; repeats and check items have no outcome to read it from."""
    of = vote_revisions.c
    revised = select(of.verdict).where(of.vote_id == votes.c.id).order_by(of.revision.desc())
    in_force = func.coalesce(
        outcomes.c.verdict, revised.limit(1).scalar_subquery(), votes.c.verdict
    )
    return case((votes.c.verdict.is_not(None), in_force))


def _model_in(slot: int) -> ScalarSelect[int]:
    of = slots.alias("shown").c
    model = select(of.model_id).where(of.battle_id == votes.c.battle_id, of.position == slot)
    return model.scalar_subquery()


def _strength() -> Any:
    """Return the strength in force: any revision replaces it."""
    of = vote_revisions.alias("stronger").c
    newest = select(of.strength).where(of.vote_id == votes.c.id).order_by(of.revision.desc())
    return case((_revisions() > 0, newest.limit(1).scalar_subquery()), else_=votes.c.strength)


def _is_excluded() -> Any:
    of = exclusions.c
    newest = (
        select(of.excluded)
        .where(of.campaign_id == battles.c.campaign_id, of.annotator_id == votes.c.annotator_id)
        .order_by(of.id.desc())
        .limit(1)
    )
    return func.coalesce(newest.scalar_subquery(), false(), type_=Boolean)


def _flag(kind: FlagKind) -> Label[bool]:
    """Return the column that says whether any comparison of the vote carries the flag."""
    others = outcomes.alias("others")
    any_of_them = exists().where(others.c.vote_id == votes.c.id, others.c[kind.value])
    joined_one = outcomes.c[kind.value]
    return case((outcomes.c.slots == PAIR, joined_one), else_=any_of_them).label(kind.value)


def _ranking() -> Any:
    """Return the column of words `rank:model`, read only where there is no verdict."""
    words = joined(rankings_in_force.c.rank, slots.c.model_key).where(
        rankings_in_force.c.vote_id == votes.c.id,
        slots.c.battle_id == votes.c.battle_id,
        slots.c.position == rankings_in_force.c.position,
    )
    return case((votes.c.verdict.is_(None), words.scalar_subquery()))


def whole_revision() -> ScalarSelect[int]:
    """Return the newest revision of a vote by the annotator, who replaces the whole ballot."""
    of = vote_revisions.alias("whole").c
    newest = select(func.max(of.revision)).where(of.vote_id == votes.c.id)
    return newest.where(of.comment.is_not(None)).scalar_subquery()


def _reasons() -> Any:
    cast = joined(vote_reasons.c.position, vote_reasons.c.reason)
    of = revision_reasons.c
    revised = joined(of.position, of.reason).where(
        of.vote_id == votes.c.id, of.revision == whole_revision()
    )
    return case(
        (
            whole_revision().is_(None),
            cast.where(vote_reasons.c.vote_id == votes.c.id).scalar_subquery(),
        ),
        else_=revised.scalar_subquery(),
    )


def _comment() -> Any:
    of = vote_revisions.c
    revised = select(of.comment).where(of.vote_id == votes.c.id, of.revision == whole_revision())
    return func.coalesce(revised.scalar_subquery(), votes.c.comment)


def _turns() -> ScalarSelect[int]:
    counted = select(func.count()).select_from(turns)
    return counted.where(turns.c.battle_id == votes.c.battle_id).scalar_subquery()


def _revisions() -> ScalarSelect[int]:
    counted = select(func.count()).select_from(vote_revisions)
    return counted.where(vote_revisions.c.vote_id == votes.c.id).scalar_subquery()
