"""One query per exported table, read as a stream: a table of any size takes the same memory."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    Connection,
    Label,
    ScalarSelect,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    select,
)

from arena.domain.battle import slot_letter
from arena.domain.verdict import Verdict
from arena.storage.boards import EXCLUDING, comparisons
from arena.storage.schema import (
    FlagKind,
    annotators,
    battles,
    flags,
    models,
    replies,
    slot_replies,
    slots,
    turns,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    votes,
)

Record = Mapping[str, Any]
"""A row by column name. Times are aware; `annotator_id` and `annotator` are both in it."""

_ROWS_AT_ONCE = 1000
_FIRST, _SECOND = 0, 1


def vote_rows(connection: Connection) -> Iterator[Record]:
    """Every vote in the order of casting, with the verdict in force."""
    first, second = slots.alias("first"), slots.alias("second")
    model_a, model_b = models.alias("snapshot_a"), models.alias("snapshot_b")
    opening = turns.alias("opening")
    query = (
        select(
            votes.c.id.label("vote_id"),
            votes.c.battle_id,
            *_annotator(),
            func.coalesce(_newest_verdict(), votes.c.verdict).label("verdict"),
            _count(vote_revisions, vote_revisions.c.vote_id == votes.c.id).label("revisions"),
            _ranking().label("ranking"),
            first.c.model_key.label("model_a"),
            second.c.model_key.label("model_b"),
            model_a.c.fingerprint.label("fingerprint_a"),
            model_b.c.fingerprint.label("fingerprint_b"),
            battles.c.category,
            battles.c.language,
            _count(turns, turns.c.battle_id == votes.c.battle_id).label("turns"),
            opening.c.prompt,
            *_flags_of_vote(),
            votes.c.reading_s,
            _reasons().label("reasons"),
            votes.c.comment,
            votes.c.created_at,
        )
        .join(battles, battles.c.id == votes.c.battle_id)
        .join(annotators, annotators.c.id == votes.c.annotator_id)
        .join(first, and_(first.c.battle_id == votes.c.battle_id, first.c.position == _FIRST))
        .join(second, and_(second.c.battle_id == votes.c.battle_id, second.c.position == _SECOND))
        .join(model_a, model_a.c.id == first.c.model_id)
        .join(model_b, model_b.c.id == second.c.model_id)
        .outerjoin(opening, and_(opening.c.battle_id == votes.c.battle_id, opening.c.number == 1))
        .order_by(votes.c.id)
    )
    return _stream(connection, query, _vote)


def _vote(row: dict[str, Any]) -> Record:
    ranking = _by_rank(row["ranking"])
    row["ranking"] = " > ".join(" = ".join(keys) for keys in ranking) or None
    row["winner"] = _winner(row) or (ranking[0][0] if ranking and len(ranking[0]) == 1 else None)
    row["reasons"] = _spelled_reasons(row["reasons"])
    return row


def _winner(row: Record) -> str | None:
    sides = {Verdict.A_BETTER.value: "model_a", Verdict.B_BETTER.value: "model_b"}
    side = sides.get(row["verdict"])
    return row[side] if side else None


def _by_rank(joined: str | None) -> list[list[str]]:
    """Model keys best first, equals together, from `rank:key` words."""
    ranks: dict[int, list[str]] = {}
    for word in (joined or "").split():
        rank, _, key = word.partition(":")
        ranks.setdefault(int(rank), []).append(key)
    return [sorted(ranks[rank]) for rank in sorted(ranks)]


def _spelled_reasons(joined: str | None) -> str | None:
    """`a:useful b:incorrect` from `0:useful 1:incorrect`, sorted."""
    words = sorted(word.partition(":") for word in (joined or "").split())
    spelled = (f"{slot_letter(int(place)).lower()}:{reason}" for place, _, reason in words)
    return " ".join(spelled) or None


def comparison_rows(connection: Connection) -> Iterator[Record]:
    """Every pairwise outcome, by vote and slots."""
    view = comparisons.c
    model_a, model_b = models.alias("snapshot_a"), models.alias("snapshot_b")
    query = (
        select(
            view.vote_id,
            view.battle_id,
            *_annotator(),
            view.verdict,
            view.model_a,
            view.model_b,
            view.position_a.label("slot_a"),
            view.position_b.label("slot_b"),
            model_a.c.fingerprint.label("fingerprint_a"),
            model_b.c.fingerprint.label("fingerprint_b"),
            view.category,
            view.language,
            *(view[kind.value] for kind in EXCLUDING),
            view.created_at,
        )
        .join(annotators, annotators.c.id == view.annotator_id)
        .join(model_a, model_a.c.id == view.model_id_a)
        .join(model_b, model_b.c.id == view.model_id_b)
        .order_by(view.vote_id, view.position_a, view.position_b)
    )
    return _stream(connection, query, _comparison)


def _comparison(row: dict[str, Any]) -> Record:
    row["winner"] = _winner(row)
    for slot in ("slot_a", "slot_b"):
        row[slot] = slot_letter(row[slot])
    return row


def battle_rows(connection: Connection) -> Iterator[Record]:
    """Every battle in any state, oldest first."""
    opening = turns.alias("opening")
    places = select(
        func.aggregate_strings(cast(slots.c.position, Text) + ":" + slots.c.model_key, " ")
    ).where(slots.c.battle_id == battles.c.id)
    query = (
        select(
            battles.c.id.label("battle_id"),
            *_annotator(),
            battles.c.state,
            battles.c.category,
            battles.c.language,
            places.scalar_subquery().label("models"),
            _count(turns, turns.c.battle_id == battles.c.id).label("turns"),
            opening.c.prompt,
            battles.c.pair_probability,
            battles.c.created_at,
            battles.c.completed_at,
            battles.c.revealed_at,
        )
        .join(annotators, annotators.c.id == battles.c.annotator_id)
        .outerjoin(opening, and_(opening.c.battle_id == battles.c.id, opening.c.number == 1))
        .order_by(battles.c.created_at, battles.c.id)
    )
    return _stream(connection, query, _battle)


def _battle(row: dict[str, Any]) -> Record:
    row["models"] = " ".join(key for keys in _by_rank(row["models"]) for key in keys)
    return row


def reply_rows(connection: Connection) -> Iterator[Record]:
    """Every reply in every place where it was shown; one that was shown nowhere comes once."""
    later = slot_replies.alias("later")
    superseded = exists().where(
        later.c.battle_id == slot_replies.c.battle_id,
        later.c.turn == slot_replies.c.turn,
        later.c.position == slot_replies.c.position,
        later.c.attempt > slot_replies.c.attempt,
    )
    asked = and_(
        turns.c.battle_id == slot_replies.c.battle_id, turns.c.number == slot_replies.c.turn
    )
    query = (
        select(
            replies.c.id.label("reply_id"),
            slot_replies.c.battle_id,
            slot_replies.c.turn,
            slot_replies.c.position.label("slot"),
            slot_replies.c.attempt,
            superseded.label("superseded"),
            models.c.key.label("model"),
            models.c.fingerprint,
            turns.c.prompt,
            replies.c.text,
            replies.c.reasoning,
            replies.c.finish_reason,
            replies.c.error,
            _has_flag(FlagKind.IDENTITY_LEAK),
            _has_flag(FlagKind.TRUNCATED),
            replies.c.continues_id,
            replies.c.prompt_tokens,
            replies.c.reply_tokens,
            replies.c.first_token_s,
            replies.c.total_s,
            replies.c.rendered_prompt,
            replies.c.conversation_hash,
            replies.c.created_at,
        )
        .join(models, models.c.id == replies.c.model_id)
        .outerjoin(slot_replies, slot_replies.c.reply_id == replies.c.id)
        .outerjoin(turns, asked)
        .order_by(replies.c.id, slot_replies.c.battle_id, slot_replies.c.attempt)
    )
    return _stream(connection, query, _reply)


def _reply(row: dict[str, Any]) -> Record:
    row["slot"] = None if row["slot"] is None else slot_letter(row["slot"])
    return row


def annotator_rows(connection: Connection) -> Iterator[Record]:
    """Every account with what it voted; N-way rankings count as one vote and no verdict."""
    in_force = func.coalesce(_newest_verdict(), votes.c.verdict)
    query = (
        select(
            annotators.c.id.label("annotator_id"),
            annotators.c.name.label("annotator"),
            annotators.c.role,
            annotators.c.group_name,
            func.count(votes.c.id).label("votes"),
            *(
                func.sum(case((in_force == verdict.value, 1), else_=0)).label(verdict.value)
                for verdict in Verdict
            ),
            func.min(votes.c.created_at).label("first_vote_at"),
            func.max(votes.c.created_at).label("last_vote_at"),
            annotators.c.created_at,
            annotators.c.disabled_at,
        )
        .outerjoin(votes, votes.c.annotator_id == annotators.c.id)
        .group_by(annotators.c.id)
        .order_by(annotators.c.id)
    )
    return _stream(connection, query, dict)


def _stream(
    connection: Connection, query: Select[Any], finish: Callable[[dict[str, Any]], Record]
) -> Iterator[Record]:
    result = connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
    for row in result.mappings():
        yield finish(dict(row))


def _annotator() -> tuple[Label[int], Label[str]]:
    return annotators.c.id.label("annotator_id"), annotators.c.name.label("annotator")


def _count(table: Any, condition: Any) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(condition).scalar_subquery()


def _newest_verdict() -> ScalarSelect[str]:
    return (
        select(vote_revisions.c.verdict)
        .where(vote_revisions.c.vote_id == votes.c.id)
        .order_by(vote_revisions.c.revision.desc())
        .limit(1)
        .scalar_subquery()
    )


def _ranking() -> ScalarSelect[str]:
    place = slots.alias("ranked")
    word = cast(vote_rankings.c.rank, Text) + ":" + place.c.model_key
    return (
        select(func.aggregate_strings(word, " "))
        .where(
            vote_rankings.c.vote_id == votes.c.id,
            place.c.battle_id == votes.c.battle_id,
            place.c.position == vote_rankings.c.position,
        )
        .scalar_subquery()
    )


def _reasons() -> ScalarSelect[str]:
    word = cast(vote_reasons.c.position, Text) + ":" + vote_reasons.c.reason
    joined = select(func.aggregate_strings(word, " "))
    return joined.where(vote_reasons.c.vote_id == votes.c.id).scalar_subquery()


def _flags_of_vote() -> tuple[Label[bool], ...]:
    """Whether any comparison of the vote carries the flag."""
    view = comparisons.c
    return tuple(
        exists().where(view.vote_id == votes.c.id, view[kind.value]).label(kind.value)
        for kind in EXCLUDING
    )


def _has_flag(kind: FlagKind) -> Label[bool]:
    found = exists().where(flags.c.reply_id == replies.c.id, flags.c.kind == kind.value)
    return found.label(kind.value)
