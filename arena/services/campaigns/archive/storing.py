"""Stores an archive in a database, in the transaction of the caller and under all its rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from arena.domain.campaign import Campaign
from arena.services.campaigns.archive.files import (
    ADDRESS_HOURS,
    ANNOTATORS,
    BALLOTS,
    CAMPAIGN,
    ITEMS,
    PROMPTS,
)
from arena.services.campaigns.archive.placing import Placing
from arena.services.campaigns.archive.pseudonymous import whole_campaign
from arena.services.campaigns.archive.reading import OpenArchive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.archive.replies import Given, ReplyStoring
from arena.services.campaigns.documents import fingerprint_of
from arena.storage.campaigns.archive.ballot_rows import BallotStore
from arena.storage.campaigns.archive.records import (
    ArchivedAnnotator,
    ArchivedCampaign,
    ArchivedEvent,
    ArchivedHour,
    ArchivedItem,
    ArchivedPrompt,
)
from arena.storage.campaigns.archive.writing import (
    batched,
    end_import,
    insert_archived_campaign,
    insert_archived_events,
    insert_archived_hours,
    insert_archived_items,
    insert_archived_members,
    insert_archived_people,
    insert_archived_prompts,
    is_check,
    item_numbers,
)
from arena.storage.campaigns.prompts import insert_models
from arena.storage.database import Connection

IMPORTED = "imported"
"""The event of an import; its detail is the SHA-256 of the archive's checksums."""


@dataclass(frozen=True, slots=True)
class StoredArchive:
    """A campaign that was stored, with the numbers of its accounts by pseudonym."""

    campaign_id: int
    name: str
    accounts: dict[str, int]
    votes: int


def head_of(archive: OpenArchive) -> ArchivedCampaign:
    """Return the campaign of an archive; raises `BadArchive` unless there is exactly one."""
    heads: list[ArchivedCampaign] = list(archive.records(CAMPAIGN))
    if len(heads) != 1 or not heads[0].versions or not heads[0].name.strip():
        raise BadArchive(f"{CAMPAIGN}: it should have one line, with a name and a version")
    return heads[0]


def store_archive(connection: Connection, archive: OpenArchive, now: datetime) -> StoredArchive:
    """Store all of an archive.

    Its campaign is closed in the end: its annotators vote elsewhere. Ballots are streamed;
    prompts, items, and the numbers of replies are held in memory.

    Raises:
        BadArchive: The archive contradicts itself.
        StorageError: It contradicts the rules of the database.
    """
    return _Storing(connection, archive, head_of(archive)).stored(now)


class _Storing:
    def __init__(
        self, connection: Connection, archive: OpenArchive, head: ArchivedCampaign
    ) -> None:
        self._connection, self._archive, self._head = connection, archive, head
        self._prompts = _prompts(archive)
        self._versions = _versions(head, list(self._prompts.values()))

    def stored(self, now: datetime) -> StoredArchive:
        connection, newest = self._connection, self._versions[-1]
        overlap = max(version.overlap for version in self._versions)
        number = insert_archived_campaign(connection, self._head, overlap=overlap)
        insert_archived_prompts(connection, number, self._prompts.values())
        insert_models(connection, number, newest.models)
        accounts = self._people(number)
        replies = ReplyStoring(connection, self._archive, number, self._head)
        given = replies.store(self._prompts, newest.models)
        votes = self._ballots(number, accounts, given)
        insert_archived_hours(connection, self._hours(accounts), accounts)
        self._events(number, accounts, now)
        end_import(connection, number, overlap=newest.overlap)
        return StoredArchive(number, self._head.name, accounts, votes)

    def _people(self, number: int) -> dict[str, int]:
        people: list[ArchivedAnnotator] = list(self._archive.records(ANNOTATORS))
        if len({person.annotator for person in people}) < len(people):
            raise BadArchive(f"{ANNOTATORS}: a person is there twice")
        names = {f"{self._head.name}:{person.annotator}": person for person in people}
        accounts = insert_archived_people(self._connection, self._head, names)
        insert_archived_members(self._connection, number, people, accounts)
        return accounts

    def _ballots(self, number: int, accounts: dict[str, int], given: Given) -> int:
        """Store items and ballots, and return the number of votes."""
        items = self._items()
        insert_archived_items(self._connection, number, items)
        known = frozenset((item.prompt, item.models) for item in items)
        placing = Placing(self._prompts, given, known, frozenset(accounts))
        store = BallotStore(number, accounts, item_numbers(self._connection, number))
        votes = 0
        for some in batched(placing.placed(self._archive.records(BALLOTS))):
            store.insert(self._connection, some)
            votes += sum(one.ballot.vote is not None for one in some)
        return votes

    def _items(self) -> list[ArchivedItem]:
        items: list[ArchivedItem] = list(self._archive.records(ITEMS))
        for item in items:
            prompt = self._prompts.get(item.prompt)
            if prompt is None or is_check(prompt) != (not item.models):
                raise BadArchive(f"{ITEMS}: an item does not fit its prompt {item.prompt}")
        return items

    def _hours(self, accounts: dict[str, int]) -> Iterator[ArchivedHour]:
        for hour in self._archive.records(ADDRESS_HOURS):
            if hour.annotator not in accounts:
                raise BadArchive(f"{ADDRESS_HOURS}: somebody is not among the annotators")
            yield hour

    def _events(self, number: int, accounts: dict[str, int], now: datetime) -> None:
        if any(event.who not in {None, *accounts} for event in self._head.events):
            raise BadArchive(f"{CAMPAIGN}: events: somebody is not among the annotators")
        imported = ArchivedEvent(now, IMPORTED, None, self._archive.digest)
        insert_archived_events(self._connection, number, (*self._head.events, imported), accounts)


def _prompts(archive: OpenArchive) -> dict[int, ArchivedPrompt]:
    found: dict[int, ArchivedPrompt] = {}
    for prompt in archive.records(PROMPTS):
        both = prompt.better is not None and prompt.worse is not None and len(prompt.turns) == 1
        if prompt.number in found or not prompt.turns or (is_check(prompt) and not both):
            raise BadArchive(f"{PROMPTS}: prompt {prompt.number} is there twice or not whole")
        found[prompt.number] = prompt
    return found


def _versions(head: ArchivedCampaign, prompts: list[ArchivedPrompt]) -> list[Campaign]:
    """Return the campaign of every version, once their fingerprints are right."""
    campaigns = []
    for version in head.versions:
        try:
            campaign = whole_campaign(version.document, prompts)
            fingerprint = fingerprint_of(campaign)
        except (ValueError, TypeError, RecursionError) as error:
            raise BadArchive(f"{CAMPAIGN}: version {version.version} is no campaign") from error
        if fingerprint != version.fingerprint:
            raise BadArchive(f"{CAMPAIGN}: version {version.version} has another fingerprint")
        campaigns.append(campaign)
    fixed = (campaigns[0].models, head.protocol, head.name)
    if any((one.models, one.protocol.kind, one.name) != fixed for one in campaigns):
        raise BadArchive(f"{CAMPAIGN}: its versions differ in their models, protocol or name")
    return campaigns
