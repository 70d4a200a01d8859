"""Stores a campaign file: once, and afterwards as further versions of what may change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import BattlePurpose
from arena.domain.campaign import Campaign, CheckItem
from arena.domain.clock import Clock
from arena.domain.conversation import Message, ModelKey, Role
from arena.domain.reply import ReplyEnd
from arena.services.battle.turn_results import conversation_hash
from arena.services.campaigns.documents import differing_parts, document_of, fingerprint_of
from arena.services.campaigns.finding import required
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.storage.campaigns.campaigns import (
    CampaignEvent,
    add_version,
    campaign_named,
    insert_campaign,
    insert_event,
    is_name_taken,
)
from arena.storage.campaigns.prompts import (
    PromptRecord,
    check_texts,
    insert_check,
    insert_models,
    insert_prompts,
    models_of_campaign,
    prompts_of,
)
from arena.storage.database import Connection, Database
from arena.storage.imports import EXTERNAL
from arena.storage.models import ModelSnapshot, ensure_snapshot
from arena.storage.replies import NewReply, insert_reply

CHECK_MODELS = (ModelKey("check-better"), ModelKey("check-worse"))
"""The external models that check items show. They stand on no board."""


@dataclass(frozen=True, slots=True)
class Version:
    """A stored campaign file. `new` is False where the same file was there already."""

    campaign_id: int
    number: int
    new: bool


class Campaigns:
    """Campaign files in the database. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, campaign: Campaign, *, who: AnnotatorId | None = None) -> Version:
        """Store a campaign, or a changed file of the same name as its newest version.

        The same file again changes nothing. `who` is None for the command line.

        Raises:
            CampaignRefused: Something differs that never changes once it is stored, or the name
                belongs to imported votes.
        """
        now = self._clock.now()
        with self._database.writing() as connection:
            stored = campaign_named(connection, campaign.name)
            if stored is None:
                return self._insert(connection, campaign, who, now)
            if stored.fingerprint == fingerprint_of(campaign):
                return Version(stored.id, stored.version, new=False)
            before = whole(connection, campaign.name)
            differing = sorted(differing_parts(before, campaign))
            if differing:
                raise CampaignRefused(
                    f"{campaign.name!r} is stored with other {', '.join(differing)}: these never "
                    "change, so give the new campaign another name",
                    CampaignRefusal.FIXED_PARTS,
                    name=campaign.name,
                    parts=", ".join(differing),
                )
            return _add_version(connection, stored.id, campaign, who, now)

    def _insert(
        self, connection: Connection, campaign: Campaign, who: AnnotatorId | None, now: datetime
    ) -> Version:
        if is_name_taken(connection, campaign.name):
            raise CampaignRefused(
                f"{campaign.name!r} collects imported votes: give the new campaign another name",
                CampaignRefusal.NAME_OF_IMPORTED_VOTES,
                name=campaign.name,
            )
        number = insert_campaign(
            connection,
            name=campaign.name,
            protocol=campaign.protocol.kind,
            overlap=campaign.overlap,
            now=now,
        )
        insert_prompts(connection, number, list(_prompts(campaign)))
        insert_models(connection, number, campaign.models)
        first_check = len(campaign.prompts) + 1
        for prompt, item in enumerate(campaign.check_items, start=first_check):
            _insert_check(connection, number, prompt, item, now)
        return _add_version(connection, number, campaign, who, now)


def whole(connection: Connection, name: str) -> Campaign:
    """Return a stored campaign with its prompts and check items, as its file said.

    Raises:
        CampaignRefused: There is no such campaign.
    """
    stored = required(connection, name)
    prompts = prompts_of(connection, stored.id)
    judged = [one.prompt for one in prompts if one.purpose is BattlePurpose.JUDGED]
    checks = [
        CheckItem(one.prompt, *texts)
        for one in prompts
        if one.purpose is BattlePurpose.CHECK
        and (texts := check_texts(connection, stored.id, one.number))
    ]
    return replace(
        stored.terms,
        prompts=tuple(judged),
        check_items=tuple(checks),
        models=models_of_campaign(connection, stored.id),
    )


def _prompts(campaign: Campaign) -> Iterator[PromptRecord]:
    judged = [(BattlePurpose.JUDGED, prompt) for prompt in campaign.prompts]
    checks = [(BattlePurpose.CHECK, item.prompt) for item in campaign.check_items]
    for number, (purpose, prompt) in enumerate([*judged, *checks], start=1):
        yield PromptRecord(number, purpose, prompt)


def _insert_check(
    connection: Connection, campaign_id: int, prompt: int, item: CheckItem, now: datetime
) -> None:
    asked = [Message(Role.USER, turn) for turn in item.prompt.turns]
    better, worse = (
        insert_reply(
            connection,
            NewReply(
                ensure_snapshot(connection, _external(key), now),
                conversation_hash(asked),
                text,
                ReplyEnd.STOP,
            ),
            now,
        )
        for key, text in zip(CHECK_MODELS, (item.better, item.worse), strict=True)
    )
    insert_check(connection, campaign_id, prompt=prompt, better=better, worse=worse)


def _external(key: ModelKey) -> ModelSnapshot:
    return ModelSnapshot(key=key, fingerprint="check", name=key, origin=EXTERNAL)


def _add_version(
    connection: Connection,
    campaign_id: int,
    campaign: Campaign,
    who: AnnotatorId | None,
    now: datetime,
) -> Version:
    fingerprint = fingerprint_of(campaign)
    number = add_version(
        connection,
        campaign_id,
        fingerprint=fingerprint,
        document=document_of(campaign),
        overlap=campaign.overlap,
        overlap_on_disagreement=campaign.overlap_on_disagreement,
        now=now,
    )
    kind = "created" if number == 1 else "version"
    insert_event(connection, campaign_id, CampaignEvent(now, kind, who, fingerprint))
    return Version(campaign_id, number, new=True)
