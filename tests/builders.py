"""Stored battles and votes for tests, through the same functions that the services use."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, select, update

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.battle import BattleId, BattleState
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import FlagKind, ReplyEnd
from arena.domain.verdict import Reason, Verdict
from arena.services.battle.turn_results import conversation_hash
from arena.storage.accounts import insert_annotator, insert_session
from arena.storage.addresses import address_number
from arena.storage.battles import (
    NewBattle,
    SlotRecord,
    insert_battle,
    insert_turn,
    move_battle,
)
from arena.storage.campaigns import ensure_campaign
from arena.storage.database import Database
from arena.storage.models import ModelSnapshot, ensure_snapshot
from arena.storage.replies import Flag, NewReply, flag_reply, insert_reply, show_reply
from arena.storage.schema import annotators
from arena.storage.votes import NewVote, insert_vote

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADMIN = Caller(AnnotatorId(901), "root", AccountRole.ADMIN)
ANNOTATOR = Caller(AnnotatorId(902), "reader", AccountRole.ANNOTATOR)


@dataclass(frozen=True, slots=True)
class SeededBattle:
    """What was stored: the battle, its replies by (turn, position), and the vote, if any."""

    battle_id: BattleId
    reply_ids: Mapping[tuple[int, int], int]
    vote_id: int | None


def snapshot(key: str, *, fingerprint: str = "1") -> ModelSnapshot:
    """A model called `Name of KEY`; its fingerprint is `KEY-1`."""
    return ModelSnapshot(ModelKey(key), f"{key}-{fingerprint}", f"Name of {key}")


def seed_battle(
    database: Database,
    *,
    models: Sequence[str] = ("alpha", "beta"),
    annotator: str = "ada",
    prompts: Sequence[str] = ("What is a tie?",),
    category: str | None = None,
    language: str = "en",
    reply_flags: Mapping[int, Sequence[FlagKind]] = {},
    failing: int | None = None,
    fingerprint: str = "1",
    state: BattleState = BattleState.COMPLETE,
    at: datetime = NOON,
) -> SeededBattle:
    """A battle in `state`, every turn answered; `reply_flags` of the last turn, by position.

    The slot at position `failing` ends in an error instead of a text.
    """
    with database.writing() as connection:
        return _seed_battle(
            connection,
            models=models,
            annotator_id=_annotator(connection, annotator, at),
            prompts=prompts,
            category=category,
            language=language,
            reply_flags=reply_flags,
            failing=failing,
            fingerprint=fingerprint,
            state=state,
            at=at,
        )


def seed_vote(
    ledger: Database | Connection,
    verdict: Verdict | None = Verdict.A_BETTER,
    *,
    models: Sequence[str] = ("alpha", "beta"),
    annotator: str = "ada",
    prompts: Sequence[str] = ("What is a tie?",),
    category: str | None = None,
    language: str = "en",
    ranks: Sequence[int] = (),
    recognised: bool = False,
    reply_flags: Mapping[int, Sequence[FlagKind]] = {},
    reasons: Sequence[tuple[int, Reason]] = (),
    comment: str = "",
    reading_s: float | None = None,
    fingerprint: str = "1",
    campaign: str | None = None,
    chances: tuple[float, float | None] = (1.0, None),
    at: datetime = NOON,
) -> SeededBattle:
    """A battle with its vote: `verdict`, or None and `ranks` by position (1 is best).

    `chances` are that of its pair and the even one. A transaction of its own, unless `ledger` is
    the connection of one for many votes.
    """
    with nullcontext(ledger) if isinstance(ledger, Connection) else ledger.writing() as connection:
        annotator_id = _annotator(connection, annotator, at)
        seeded = _seed_battle(
            connection,
            models=models,
            annotator_id=annotator_id,
            prompts=prompts,
            category=category,
            language=language,
            reply_flags=reply_flags,
            failing=None,
            fingerprint=fingerprint,
            state=BattleState.COMPLETE,
            at=at,
            campaign=campaign,
            chances=chances,
        )
        vote = NewVote(
            battle_id=seeded.battle_id,
            annotator_id=annotator_id,
            verdict=verdict,
            ranks=ranks,
            reasons=reasons,
            comment=comment,
            reading_s=reading_s,
            flags=(Flag(FlagKind.RECOGNISED),) if recognised else (),
        )
        vote_id = insert_vote(connection, vote, at)
        _move(connection, seeded.battle_id, BattleState.COMPLETE, BattleState.VOTED)
    return SeededBattle(seeded.battle_id, seeded.reply_ids, vote_id)


def seed_group(database: Database, group: str, *members: str) -> None:
    """One vote of each member, who then belongs to the group."""
    for member in members:
        seed_vote(database, annotator=member)
    with database.writing() as connection:
        theirs = update(annotators).where(annotators.c.name.in_(members))
        connection.execute(theirs.values(group_name=group))


def seed_votes(
    database: Database,
    *,
    models: tuple[str, str] = ("alpha", "beta"),
    wins: int = 0,
    losses: int = 0,
    ties: int = 0,
    both_bad: int = 0,
    category: str | None = None,
) -> None:
    """Many votes of one pair, told from the first model's side, sides alternating."""
    outcomes = (
        [Verdict.A_BETTER] * wins
        + [Verdict.B_BETTER] * losses
        + [Verdict.TIE] * ties
        + [Verdict.BOTH_BAD] * both_bad
    )
    with database.writing() as connection:
        for number, verdict in enumerate(outcomes):
            exchanged = number % 2 == 1
            seed_vote(
                connection,
                verdict.mirrored if exchanged else verdict,
                models=models[::-1] if exchanged else models,
                category=category,
            )


def _annotator(connection: Connection, name: str, at: datetime) -> AnnotatorId:
    query = select(annotators.c.id).where(annotators.c.name == name)
    found = connection.execute(query).scalar_one_or_none()
    if found is not None:
        return AnnotatorId(found)
    return insert_annotator(connection, name=name, role=AccountRole.ANNOTATOR, created_at=at)


def _seed_battle(
    connection: Connection,
    *,
    models: Sequence[str],
    annotator_id: AnnotatorId,
    prompts: Sequence[str],
    category: str | None,
    language: str,
    reply_flags: Mapping[int, Sequence[FlagKind]],
    failing: int | None,
    fingerprint: str,
    state: BattleState,
    at: datetime,
    campaign: str | None = None,
    chances: tuple[float, float | None] = (1.0, None),
) -> SeededBattle:
    slots = tuple(
        SlotRecord(
            position,
            ensure_snapshot(connection, snapshot(key, fingerprint=fingerprint), at),
            ModelKey(key),
        )
        for position, key in enumerate(models)
    )
    battle_id = BattleId(uuid4().hex)
    number = ensure_campaign(connection, campaign, at) if campaign else None
    drawn, even = chances
    battle = NewBattle(
        *(battle_id, annotator_id, category, language, drawn, slots, number),
        even_probability=even,
    )
    insert_battle(connection, battle, at)
    reply_ids: dict[tuple[int, int], int] = {}
    for number, prompt in enumerate(prompts, start=1):
        insert_turn(connection, battle_id, number=number, prompt=prompt, now=at)
        for slot in slots:
            reply = _reply(slot, prompts[:number], fails=slot.position == failing)
            reply_id = insert_reply(connection, reply, at)
            show_reply(
                connection, battle_id, turn=number, position=slot.position, reply_id=reply_id
            )
            reply_ids[number, slot.position] = reply_id
    for position, kinds in reply_flags.items():
        for kind in kinds:
            flag_reply(connection, reply_ids[len(prompts), position], Flag(kind), at)
    if state is not BattleState.GENERATING:
        _move(connection, battle_id, BattleState.GENERATING, state)
    return SeededBattle(battle_id, reply_ids, None)


def _reply(slot: SlotRecord, prompts: Sequence[str], *, fails: bool) -> NewReply:
    told = [Message(Role.USER, prompts[0])]
    for number, prompt in enumerate(prompts[1:], start=1):
        told += [Message(Role.ASSISTANT, _text(slot, number)), Message(Role.USER, prompt)]
    return NewReply(
        model_id=slot.model_id,
        conversation_hash=conversation_hash(told),
        text="" if fails else _text(slot, len(prompts)),
        end=ReplyEnd.ERROR if fails else ReplyEnd.STOP,
        error="connection lost" if fails else None,
        reply_tokens=7,
        total_s=0.5,
    )


def _text(slot: SlotRecord, turn: int) -> str:
    return f"Reply {turn} of {slot.model_key}"


def _move(
    connection: Connection, battle_id: BattleId, source: BattleState, target: BattleState
) -> None:
    assert move_battle(connection, battle_id, sources={source}, target=target)


def seed_farm(
    database: Database,
    *,
    accounts: int = 70,
    votes: int = 140,
    verdict: Verdict = Verdict.A_BETTER,
    name: str = "farm",
    address: str = "a1",
    at: datetime = NOON,
) -> None:
    """Accounts of one address that vote in turn within a minute of `at`."""
    length = timedelta(hours=1)
    with database.writing() as connection:
        for number in range(accounts):
            account = _annotator(connection, f"{name}-{number}", at)
            where = address_number(connection, address, now=at, expires_at=at + length)
            insert_session(
                connection,
                token_hash=f"{name}-{number}",
                annotator_id=account,
                created_at=at,
                expires_at=at + length,
                address_id=where,
            )
        for number in range(votes):
            seed_vote(
                connection,
                verdict,
                annotator=f"{name}-{number % accounts}",
                prompts=(f"Prompt {number % 20}",),
                at=at + timedelta(seconds=60 * number / votes),
            )
