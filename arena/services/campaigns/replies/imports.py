"""Replies that were made elsewhere into a campaign: a file is imported whole or not at all."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from arena.domain.campaign_replies import Place
from arena.domain.clock import Clock
from arena.domain.conversation import FinishReason, Message, ModelKey, Role
from arena.domain.reply import ReplyEnd
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.replies.ledger import reply_flags
from arena.services.campaigns.replies.matching import MatchedReply, Matching, imported_model
from arena.services.campaigns.replies.plans import (
    AskedModel,
    CampaignPlan,
    opening_messages,
    plan_of,
    require_created,
)
from arena.services.importing.replies.formats import ReplyFormat, read_replies
from arena.services.importing.rows import RowFault
from arena.storage.campaigns.campaigns import CampaignEvent, insert_event
from arena.storage.campaigns.replies import put_reply, replies_in_force, replies_to
from arena.storage.database import Connection, Database
from arena.storage.imports import EXTERNAL
from arena.storage.models import ModelSnapshot, ensure_snapshot
from arena.storage.replies import NewReply, flag_reply, insert_reply

_ENDS = {FinishReason.STOP: ReplyEnd.STOP, FinishReason.LENGTH: ReplyEnd.LENGTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyImportReport:
    """What an import did: replies by place. With `faults` nothing was imported.

    `prompts` were answered by `models`.
    """

    new: int = 0
    replaced: int = 0
    already_there: int = 0
    prompts: int = 0
    models: tuple[ModelKey, ...] = ()
    faults: tuple[RowFault, ...] = ()


class _Stored(Enum):
    NEW = auto()
    REPLACED = auto()
    ALREADY_THERE = auto()


class ReplyImports:
    """Imports replies into campaigns of one database. For commands on the machine."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def replies(
        self,
        content: bytes,
        campaign: str,
        source: ReplyFormat | None = None,
        *,
        model: ModelKey | None = None,
        dry_run: bool = False,
    ) -> ReplyImportReport:
        """Import the replies of a file in one transaction; `dry_run` takes it back.

        `source` None tells the format by the file itself. All replies are those of `model` if
        one is given.

        Raises:
            UnreadableFile: The file as a whole cannot be read.
            CampaignRefused: There is no such campaign, it has been opened, or has no such model.
            StorageError: Nothing was stored.
        """
        rows = list(read_replies(content, source))
        with self._database.writing() as connection:
            plan = plan_of(connection, campaign)
            require_created(plan)
            matching = Matching(plan, imported_model(plan, model))
            matched = matching.matched(rows)
            if matching.faults:
                return ReplyImportReport(faults=tuple(sorted(matching.faults)))
            counts = _Storing(connection, plan, self._clock).store(matched)
            models = tuple(dict.fromkeys(one.model.key for one in matched))
            if counts[_Stored.NEW] or counts[_Stored.REPLACED]:
                self._note(connection, plan, models, counts)
            if dry_run:
                connection.rollback()
        return ReplyImportReport(
            new=counts[_Stored.NEW],
            replaced=counts[_Stored.REPLACED],
            already_there=counts[_Stored.ALREADY_THERE],
            prompts=len({one.prompt.number for one in matched}),
            models=models,
        )

    def _note(
        self,
        connection: Connection,
        plan: CampaignPlan,
        models: Sequence[ModelKey],
        counts: Counter[_Stored],
    ) -> None:
        """Note in the campaign's events what was imported."""
        facts = {"models": list(models)} | {one.name.lower(): counts[one] for one in _Stored}
        detail = json.dumps(facts, ensure_ascii=False)
        event = CampaignEvent(self._clock.now(), "replies_imported", None, detail)
        insert_event(connection, plan.id, event)


class _Storing:
    """Stores matched replies in the transaction of the caller."""

    def __init__(self, connection: Connection, plan: CampaignPlan, clock: Clock) -> None:
        self._connection = connection
        self._plan = plan
        self._now = clock.now()
        self._in_force = replies_in_force(connection, plan.id)
        self._snapshots: dict[ModelKey, int] = {}

    def store(self, matched: Sequence[MatchedReply]) -> Counter[_Stored]:
        """Store all of them and count the places by what was done."""
        return Counter(outcome for one in matched for outcome in self._conversation(one))

    def _conversation(self, matched: MatchedReply) -> Sequence[_Stored]:
        messages, row, outcomes = opening_messages(matched.prompt), matched.row, []
        told = zip(matched.prompt.turns, row.turns, row.finish_reasons, strict=True)
        for turn, (asked, text, reason) in enumerate(told, start=1):
            messages.append(Message(Role.USER, asked))
            place = Place(matched.model.position, matched.prompt.number, turn)
            reply = NewReply(
                model_id=self._snapshot(matched.model),
                conversation_hash=conversation_hash(messages),
                text=text,
                end=_ENDS[reason],
            )
            outcomes.append(self._put(place, reply, messages))
            messages.append(Message(Role.ASSISTANT, text))
        return outcomes

    def _put(self, place: Place, reply: NewReply, messages: Sequence[Message]) -> _Stored:
        reply_id = self._reply_id(reply, messages)
        before = self._in_force.get(place)
        if before is not None and before.id == reply_id:
            return _Stored.ALREADY_THERE
        number, text = self._plan.id, reply.text
        put_reply(self._connection, number, place, reply_id, text=text, before=before)
        return _Stored.NEW if before is None else _Stored.REPLACED

    def _reply_id(self, reply: NewReply, messages: Sequence[Message]) -> int:
        """Return the number of this reply, stored unless it came with an earlier file."""
        known = replies_to(self._connection, [reply.model_id], reply.conversation_hash)
        for one in known:
            if (one.text, one.end) == (reply.text, reply.end):
                return one.id
        reply_id = insert_reply(self._connection, reply, self._now)
        for flag in reply_flags(reply, messages, identity_words=()):
            flag_reply(self._connection, reply_id, flag, self._now)
        return reply_id

    def _snapshot(self, model: AskedModel) -> int:
        if model.key not in self._snapshots:
            snapshot = _snapshot_of(model)
            self._snapshots[model.key] = ensure_snapshot(self._connection, snapshot, self._now)
        return self._snapshots[model.key]


def _snapshot_of(model: AskedModel) -> ModelSnapshot:
    """Return a model of which only its key and name are known."""
    configuration = {"imported_from": "replies", "name": model.key}
    text = json.dumps(configuration, ensure_ascii=False)
    return ModelSnapshot(
        key=model.key,
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:16],
        name=model.name,
        configuration=configuration,
        origin=EXTERNAL,
    )
