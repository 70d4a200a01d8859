"""How a generated turn is written down: replies, flags and the battle's next state."""

import hashlib
import json
import logging
from collections.abc import Sequence

from arena.domain.battle import BattleId, BattleState
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.conversation import Message, Role
from arena.domain.identity import identity_leak
from arena.domain.reply import FlagKind, ReplyEnd
from arena.services.battle.live_turn import SlotJob, SlotResult
from arena.storage.battles import BattleRecord, TurnRecord, held, move_battle
from arena.storage.database import Connection, Database
from arena.storage.replies import Flag, NewReply, flag_reply, insert_reply, show_reply

logger = logging.getLogger(__name__)


def conversation(battle: BattleRecord, position: int) -> tuple[Message, ...]:
    """Return what the slot at `position` was told and answered, up to the last prompt."""
    messages: list[Message] = []
    for turn in battle.turns[:-1]:
        messages.append(Message(Role.USER, turn.prompt))
        messages.append(Message(Role.ASSISTANT, turn.replies[position].text))
    messages.append(Message(Role.USER, battle.turns[-1].prompt))
    return tuple(messages)


def conversation_hash(messages: Sequence[Message]) -> str:
    """SHA-256 over roles and texts, in hexadecimal: equal for equal conversations."""
    plain = [[message.role.value, message.content] for message in messages]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


class TakenOver(Exception):
    """The battle is another server's by now, or was stopped: this one's lease had expired."""


def store_results(
    database: Database,
    clock: Clock,
    battle: BattleRecord,
    results: Sequence[SlotResult],
    *,
    owner: str,
) -> BattleState:
    """Store every result of the battle's last turn in one transaction; returns the new state.

    A failed slot voids the battle for all slots. A battle that was abandoned meanwhile keeps
    that state and gets the replies all the same. Raises `TakenOver` when `owner` does not generate
    the battle any more; then nothing is stored.
    """
    state = _state_after(results)
    now = clock.now()
    with database.writing() as connection:
        for result in results:
            reply_id = insert_reply(connection, _reply(result), now)
            show_reply(
                connection,
                battle.id,
                turn=battle.turns[-1].number,
                position=result.job.position,
                reply_id=reply_id,
            )
            for flag in _flags(battle, result):
                flag_reply(connection, reply_id, flag, now)
        moved = move_battle(
            connection,
            battle.id,
            sources={BattleState.GENERATING},
            target=state,
            completed_at=now if state is BattleState.COMPLETE else None,
            held_by=owner,
        )
        if not moved:
            _require_abandoned(connection, battle.id, owner)
    _log_failures(battle, results)
    return state


def _require_abandoned(connection: Connection, battle_id: BattleId, owner: str) -> None:
    now, state = held(connection, battle_id)
    if now != owner or state is not BattleState.ABANDONED:
        raise TakenOver(f"battle {battle_id} is {state.value}, and no longer this server's")


def store_void(database: Database, battle_id: BattleId, *, owner: str) -> None:
    """Void a battle that `owner` generates, without replies: they could not be stored."""
    sources, target = {BattleState.GENERATING}, BattleState.VOID
    with database.writing() as connection:
        move_battle(connection, battle_id, sources=sources, target=target, held_by=owner)


def cut_slots(turn: TurnRecord) -> tuple[int, ...]:
    """Positions whose newest reply reached its length limit."""
    return tuple(reply.position for reply in turn.replies if reply.end is ReplyEnd.LENGTH)


def _state_after(results: Sequence[SlotResult]) -> BattleState:
    ends = {result.end for result in results}
    if ReplyEnd.ERROR in ends:
        return BattleState.VOID
    return BattleState.STOPPED if ReplyEnd.CANCELLED in ends else BattleState.COMPLETE


def _reply(result: SlotResult) -> NewReply:
    job, finished = result.job, result.finished
    return NewReply(
        model_id=job.contestant.model_id,
        conversation_hash=conversation_hash(job.messages),
        text=to_well_formed(result.text),
        end=result.end,
        reasoning=to_well_formed(result.reasoning),
        continues_id=job.continues_id,
        error=_sound(result.error),
        rendered_prompt=_sound(finished.rendered_prompt) if finished else None,
        prompt_tokens=finished.prompt_tokens if finished else None,
        reply_tokens=finished.reply_tokens if finished else None,
        first_token_s=result.first_token_s,
        total_s=result.total_s,
    )


def _sound(text: str | None) -> str | None:
    return None if text is None else to_well_formed(text)


def _flags(battle: BattleRecord, result: SlotResult) -> list[Flag]:
    found = []
    if result.end is ReplyEnd.LENGTH:
        found.append(Flag(FlagKind.TRUNCATED))
    leak = _leak(battle, result.job, result.text)
    if leak is not None:
        found.append(Flag(FlagKind.IDENTITY_LEAK, leak))
    return found


def _leak(battle: BattleRecord, job: SlotJob, text: str) -> str | None:
    return identity_leak(
        text, user_texts=battle.user_texts, identity_words=job.contestant.identity_words
    )


def _log_failures(battle: BattleRecord, results: Sequence[SlotResult]) -> None:
    for result in results:
        if result.error:
            logger.warning(
                "battle %s is void: %s failed: %s",
                battle.id,
                result.job.contestant.key,
                result.error,
            )
