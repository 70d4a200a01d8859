"""Stores the models and replies of an archive, those of check items too."""

from collections.abc import Mapping

from arena.domain.campaign import CampaignModel
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import ReplyEnd
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.archive.files import MODELS, REPLIES
from arena.services.campaigns.archive.reading import OpenArchive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.creating import CHECK_MODELS
from arena.storage.campaigns.archive.records import (
    ArchivedCampaign,
    ArchivedModel,
    ArchivedPlace,
    ArchivedPrompt,
    ArchivedReply,
)
from arena.storage.campaigns.archive.writing import (
    insert_archived_place,
    insert_archived_reply,
    is_check,
)
from arena.storage.campaigns.battles import GivenReply
from arena.storage.campaigns.prompts import insert_check
from arena.storage.database import Connection
from arena.storage.imports import EXTERNAL, insert_model, known_models
from arena.storage.models import ModelSnapshot
from arena.storage.replies import NewReply, insert_reply

Given = dict[tuple[int, int, int], GivenReply]
"""Stored replies by prompt, position and turn; of a check item the better one is at 0."""


class ReplyStoring:
    """Stores replies for the campaign of a number; models that are stored already stay as is."""

    def __init__(
        self, connection: Connection, archive: OpenArchive, campaign_id: int, head: ArchivedCampaign
    ) -> None:
        self._connection, self._archive = connection, archive
        self._campaign_id, self._head = campaign_id, head
        self._models = {
            (one.snapshot.key, one.snapshot.fingerprint): one.id for one in known_models(connection)
        }
        self._replies: dict[int, int] = {}

    def store(
        self, prompts: Mapping[int, ArchivedPrompt], models: tuple[CampaignModel, ...]
    ) -> Given:
        """Store all models and replies; raises `BadArchive` where one has no place."""
        keys = tuple(model.key for model in models)
        answering = self._answering(keys)
        given: Given = {}
        for line, place in enumerate(self._archive.records(REPLIES), start=1):
            if place.reply is None:
                continue
            if not _fits(place, place.reply, prompts, keys, answering):
                raise BadArchive(f"{REPLIES}:{line}: its prompt or model is not there")
            given[place.prompt, place.position, place.turn] = self._place(place, place.reply)
        for prompt in filter(is_check, prompts.values()):
            given |= self._check(prompt)
        return given

    def _answering(self, keys: tuple[ModelKey, ...]) -> set[tuple[str, str]]:
        """Store the configurations of models, and return them."""
        found: set[tuple[str, str]] = set()
        for model in self._archive.records(MODELS):
            if not 0 <= model.position < len(keys) or keys[model.position] != model.key:
                raise BadArchive(f"{MODELS}: {model.key!a} has another place in the campaign")
            self._model(_snapshot(model))
            found.add((model.key, model.fingerprint))
        return found

    def _model(self, snapshot: ModelSnapshot) -> int:
        at = (snapshot.key, snapshot.fingerprint)
        if at not in self._models:
            self._models[at] = insert_model(self._connection, snapshot, self._head.created_at)
        return self._models[at]

    def _place(self, place: ArchivedPlace, reply: ArchivedReply) -> GivenReply:
        model_id = self._models[ModelKey(reply.model), reply.fingerprint]
        if reply.reply_id not in self._replies:
            stored = insert_archived_reply(self._connection, reply, model_id)
            self._replies[reply.reply_id] = stored
        number = self._replies[reply.reply_id]
        insert_archived_place(self._connection, self._campaign_id, place, number)
        # Without its text: nobody reads it here, and a campaign may have a million.
        where = (place.position, place.turn, number)
        return GivenReply(*where, "", reply.finish_reason.value, model_id, reply.model)

    def _check(self, prompt: ArchivedPrompt) -> Given:
        better, worse = (
            self._check_reply(prompt, position, text or "")
            for position, text in enumerate((prompt.better, prompt.worse))
        )
        insert_check(
            self._connection,
            self._campaign_id,
            prompt=prompt.number,
            better=better.reply_id,
            worse=worse.reply_id,
        )
        return {(prompt.number, one.position, 1): one for one in (better, worse)}

    def _check_reply(self, prompt: ArchivedPrompt, position: int, text: str) -> GivenReply:
        key = CHECK_MODELS[position]
        model_id = self._model(ModelSnapshot(key, "check", key, origin=EXTERNAL))
        asked = conversation_hash([Message(Role.USER, turn) for turn in prompt.turns])
        reply = NewReply(model_id, asked, text, ReplyEnd.STOP)
        number = insert_reply(self._connection, reply, self._head.created_at)
        return GivenReply(position, 1, number, "", ReplyEnd.STOP.value, model_id, key)


def _fits(
    place: ArchivedPlace,
    reply: ArchivedReply,
    prompts: Mapping[int, ArchivedPrompt],
    keys: tuple[ModelKey, ...],
    answering: set[tuple[str, str]],
) -> bool:
    return (
        place.prompt in prompts
        and 0 <= place.position < len(keys)
        and keys[place.position] == reply.model
        and (reply.model, reply.fingerprint) in answering
    )


def _snapshot(model: ArchivedModel) -> ModelSnapshot:
    return ModelSnapshot(
        key=ModelKey(model.key),
        fingerprint=model.fingerprint,
        name=model.name,
        license=model.license,
        card=model.card,
        configuration=model.configuration,
        origin=model.origin,
    )
