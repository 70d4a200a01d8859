"""The places of one model in a campaign: what is there, what can be reused, what is written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from arena.domain.campaign_replies import Place, ReplyStatus, is_no_worse, status_of
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.conversation import Message, Role
from arena.domain.identity import identity_leak
from arena.domain.reply import FlagKind, ReplyEnd
from arena.services.battle.contestants import Contestant
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.replies.writing import Written
from arena.storage.campaigns.replies import (
    StoredReply,
    put_reply,
    replies_to,
    reply_in_force,
)
from arena.storage.database import Connection, Database
from arena.storage.replies import Flag, NewReply, flag_reply, insert_reply


@dataclass(frozen=True, slots=True)
class Settled:
    """The reply in force in a place, and whether it was there, reused or written just now."""

    reply: StoredReply
    status: ReplyStatus


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply that was written for a place, and the conversation that it answers."""

    place: Place
    messages: Sequence[Message]
    written: Written


class ReplyLedger:
    """What one model of a campaign has answered. Blocking; safe for several threads.

    `model_ids` are the configurations whose whole replies count as this model's. What `again`
    names is asked for once more, and such replies are not reused.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        campaign_id: int,
        contestant: Contestant,
        model_ids: Collection[int],
        again: Collection[ReplyStatus],
    ) -> None:
        self._database = database
        self._clock = clock
        self._campaign_id = campaign_id
        self._contestant = contestant
        self._model_ids = model_ids
        self._again = again

    def reused(self, place: Place, messages: Sequence[Message]) -> Settled | None:
        """Point a place to a reply that the model gave to this conversation before.

        Raises:
            StorageError: Nothing was stored.
        """
        with self._database.reading() as connection:  # mostly there is none: no lock for that
            if self._best(connection, messages) is None:
                return None
        with self._database.writing() as connection:
            return self.reuse(connection, place, messages)

    def reuse(
        self, connection: Connection, place: Place, messages: Sequence[Message]
    ) -> Settled | None:
        """Do the same in a transaction of the caller."""
        best = self._best(connection, messages)
        if best is not None:
            before = reply_in_force(connection, self._campaign_id, place)
            self._put(connection, place, best.reply, before)
        return best

    def _best(self, connection: Connection, messages: Sequence[Message]) -> Settled | None:
        """Return the newest whole reply to a conversation, or else the newest that is cut."""
        found = replies_to(connection, self._model_ids, conversation_hash(messages))
        settled = [Settled(reply, status_of(reply.text, reply.end)) for reply in found]
        whole = [one for one in settled if one.status is ReplyStatus.WHOLE]
        return next(iter(whole or filter(self._may_be_cut, settled)), None)

    def _may_be_cut(self, settled: Settled) -> bool:
        """Return whether a reply that is not whole may be reused: it had the same budget."""
        same = settled.reply.model_id == self._contestant.model_id
        return same and settled.status not in self._again

    def keep_all(self, answered: Sequence[Answered]) -> list[Settled]:
        """Store replies and put each in force, unless a better one stands in its place.

        All are one transaction: no kill parts a reply from its place.

        Raises:
            StorageError: Nothing was stored.
        """
        with self._database.writing() as connection:
            return [self._keep(connection, one) for one in answered]

    def _keep(self, connection: Connection, answered: Answered) -> Settled:
        place, messages, written = answered.place, answered.messages, answered.written
        told = conversation_hash(messages)
        new = status_of(written.text, written.end, written.error)
        before = reply_in_force(connection, self._campaign_id, place)
        if before is not None and before.conversation_hash == told:
            old = status_of(before.text, before.end, before.error)
            if not is_no_worse(new, old) or self._is_settled(old):
                return Settled(before, old)
        reply = _new_reply(self._contestant.model_id, told, written)
        reply_id = insert_reply(connection, reply, self._clock.now())
        for flag in self._flags(messages, reply):
            flag_reply(connection, reply_id, flag, self._clock.now())
        stored = StoredReply(reply_id, reply.model_id, told, reply.text, reply.end, reply.error)
        self._put(connection, place, stored, before)
        return Settled(stored, new)

    def _put(
        self,
        connection: Connection,
        place: Place,
        reply: StoredReply,
        before: StoredReply | None,
    ) -> None:
        number, text = self._campaign_id, reply.text
        put_reply(connection, number, place, reply.id, text=text, before=before)

    def _is_settled(self, status: ReplyStatus) -> bool:
        """Return whether another process has answered meanwhile: its reply stays."""
        return status is not ReplyStatus.MISSING and status not in self._again

    def _flags(self, messages: Sequence[Message], reply: NewReply) -> list[Flag]:
        return reply_flags(reply, messages, self._contestant.identity_words)


def reply_flags(
    reply: NewReply, messages: Sequence[Message], identity_words: Sequence[str]
) -> list[Flag]:
    """Return why votes on a reply may be left out of boards."""
    found = [Flag(FlagKind.TRUNCATED)] if reply.end is ReplyEnd.LENGTH else []
    asked = [message.content for message in messages if message.role is Role.USER]
    leak = identity_leak(reply.text, user_texts=asked, identity_words=identity_words)
    return [*found, Flag(FlagKind.IDENTITY_LEAK, leak)] if leak else found


def _new_reply(model_id: int, told: str, written: Written) -> NewReply:
    finished = written.finished
    rendered = finished.rendered_prompt if finished else None
    return NewReply(
        model_id=model_id,
        conversation_hash=told,
        text=to_well_formed(written.text),
        end=written.end,
        reasoning=to_well_formed(written.reasoning),
        error=None if written.error is None else to_well_formed(written.error),
        rendered_prompt=None if rendered is None else to_well_formed(rendered),
        prompt_tokens=finished.prompt_tokens if finished else None,
        reply_tokens=finished.reply_tokens if finished else None,
        first_token_s=written.first_token_s,
        total_s=written.total_s,
    )
