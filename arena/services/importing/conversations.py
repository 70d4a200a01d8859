"""The conversations of imported battles: turns, replies and flags like those that are made here."""

from collections.abc import Iterator, Sequence

from arena.domain.conversation import Message, Role
from arena.domain.identity import identity_leak
from arena.domain.reply import FlagKind, ReplyEnd
from arena.services.battle.turn_results import conversation_hash
from arena.services.importing.rows import ImportedTurn, ImportedVote
from arena.storage.battles import SlotRecord
from arena.storage.external_votes import ExternalReply, ExternalTurn
from arena.storage.replies import Flag, NewReply

FLAGS_OF_REPLIES = (FlagKind.IDENTITY_LEAK, FlagKind.TRUNCATED)
"""Flags that replies carry, not votes."""


def external_turns(vote: ImportedVote, slots: Sequence[SlotRecord]) -> Iterator[ExternalTurn]:
    """Yield every turn of the vote's battle; replies that name their model are flagged.

    A file without texts may say that a reply was flagged, but not which: then the first turn gets
    an empty reply with that flag in every slot, so that boards leave the vote out as they should.
    """
    said = tuple(Flag(kind, "imported") for kind in FLAGS_OF_REPLIES if kind in vote.flags)
    for number, turn in enumerate(vote.turns, start=1):
        replies: Iterator[ExternalReply] = iter(())
        if turn.replies:
            replies = (_reply(vote.turns[:number], slot) for slot in slots)
        elif said and number == 1:
            replies = (_flagged(turn.prompt, slot, said) for slot in slots)
        yield ExternalTurn(turn.prompt, tuple(replies))


def _reply(turns: Sequence[ImportedTurn], slot: SlotRecord) -> ExternalReply:
    """Return the reply of a slot in the last of the turns."""
    text = turns[-1].replies[slot.position]
    seconds = turns[-1].seconds[slot.position] if turns[-1].seconds else None
    told = conversation_hash(_messages(turns, slot.position))
    leak = identity_leak(text, user_texts=[turn.prompt for turn in turns], identity_words=())
    return ExternalReply(
        NewReply(slot.model_id, told, text, ReplyEnd.STOP, total_s=seconds),
        (Flag(FlagKind.IDENTITY_LEAK, leak),) if leak else (),
    )


def _messages(turns: Sequence[ImportedTurn], position: int) -> list[Message]:
    messages = []
    for turn in turns[:-1]:
        messages.append(Message(Role.USER, turn.prompt))
        if turn.replies:
            messages.append(Message(Role.ASSISTANT, turn.replies[position]))
    return [*messages, Message(Role.USER, turns[-1].prompt)]


def _flagged(prompt: str, slot: SlotRecord, flags: tuple[Flag, ...]) -> ExternalReply:
    told = conversation_hash([Message(Role.USER, prompt)])
    return ExternalReply(NewReply(slot.model_id, told, "", ReplyEnd.STOP), flags)
