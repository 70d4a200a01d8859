"""Stores what an archive says of a campaign besides its ballots, under the rules of the ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select, update

from arena.domain.accounts import AccountRole
from arena.domain.assignment import BattlePurpose, CampaignState
from arena.storage.campaigns.archive.records import (
    ArchivedAnnotator,
    ArchivedCampaign,
    ArchivedEvent,
    ArchivedFlag,
    ArchivedHour,
    ArchivedItem,
    ArchivedPlace,
    ArchivedPrompt,
    ArchivedReply,
)
from arena.storage.campaigns.items import spelled
from arena.storage.replies import answer_hash
from arena.storage.schema import (
    address_hours,
    addresses,
    annotators,
    campaign_answers,
    campaign_events,
    campaign_members,
    campaign_prompts,
    campaign_replies,
    campaign_versions,
    campaigns,
    flags,
    items,
    replies,
)
from arena.storage.styles import insert_styles

AT_ONCE = 500
_Some = TypeVar("_Some")
Rows = Sequence[Mapping[str, Any]]


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, if there are any."""
    if rows:
        connection.execute(insert(table), rows)


def batched(found: Iterable[_Some]) -> Iterator[list[_Some]]:
    """Yield lists of up to `AT_ONCE`."""
    source = iter(found)
    while some := list(islice(source, AT_ONCE)):
        yield some


def insert_archived_campaign(
    connection: Connection, campaign: ArchivedCampaign, *, overlap: int
) -> int:
    """Store a campaign in state `created` with the versions of its file; return its number.

    `overlap` is the largest that it ever had: its items were assigned under that.
    """
    values = {
        "name": campaign.name,
        "created_at": campaign.created_at,
        "state": CampaignState.CREATED.value,
        "protocol": campaign.protocol.value,
        "overlap": overlap,
    }
    inserted = insert(campaigns).values(values).returning(campaigns.c.id)
    number = int(connection.execute(inserted).scalar_one())
    versions = [
        {
            "campaign_id": number,
            "version": one.version,
            "fingerprint": one.fingerprint,
            "document": one.document,
            "created_at": one.created_at,
        }
        for one in campaign.versions
    ]
    add(connection, campaign_versions, versions)
    return number


def end_import(connection: Connection, number: int, *, overlap: int) -> None:
    """Close an imported campaign: its annotators are elsewhere. `overlap` is that in force."""
    closed = update(campaigns).where(campaigns.c.id == number)
    connection.execute(closed.values(state=CampaignState.CLOSED.value, overlap=overlap))


def insert_archived_events(
    connection: Connection,
    number: int,
    events: Iterable[ArchivedEvent],
    accounts: Mapping[str, int],
) -> None:
    """Store what happened, in order."""
    rows = [
        {
            "campaign_id": number,
            "at": event.at,
            "kind": event.kind,
            "who": None if event.who is None else accounts[event.who],
            "detail": event.detail,
        }
        for event in events
    ]
    add(connection, campaign_events, rows)


def insert_archived_people(
    connection: Connection, campaign: ArchivedCampaign, names: Mapping[str, ArchivedAnnotator]
) -> dict[str, int]:
    """Store an account for each person under the given names, in order; numbers by pseudonym.

    Nobody can sign in with one.
    """
    numbers: dict[str, int] = {}
    for name, person in names.items():
        values = {
            "name": name,
            "role": AccountRole.ANNOTATOR.value,
            "group_name": person.group,
            "created_at": campaign.created_at,
            "disabled_at": campaign.created_at,
        }
        inserted = insert(annotators).values(values).returning(annotators.c.id)
        numbers[person.annotator] = int(connection.execute(inserted).scalar_one())
    return numbers


def insert_archived_members(
    connection: Connection,
    campaign_id: int,
    people: Iterable[ArchivedAnnotator],
    accounts: Mapping[str, int],
) -> None:
    """Store who takes part, and what they answered about themselves."""
    members = [person for person in people if person.joined_at is not None]
    keys = {
        one.annotator: {"campaign_id": campaign_id, "annotator_id": accounts[one.annotator]}
        for one in members
    }
    joined = [
        keys[one.annotator]
        | {
            "joined_at": one.joined_at,
            "consented_at": one.consented_at,
            "finished_at": one.finished_at,
        }
        for one in members
    ]
    told = [
        keys[one.annotator]
        | {"question": it.question, "answer": it.answer, "answered_at": it.answered_at}
        for one in members
        for it in one.answers
    ]
    add(connection, campaign_members, joined)
    add(connection, campaign_answers, told)


def insert_archived_prompts(
    connection: Connection, campaign_id: int, prompts: Iterable[ArchivedPrompt]
) -> None:
    """Store the prompts of an archive, without the replies of check items."""
    rows = [
        {
            "campaign_id": campaign_id,
            "number": one.number,
            "identifier": one.id,
            "kind": one.kind.value,
            "turns": list(one.turns),
            "system_prompt": one.system_prompt,
            "category": one.category,
            "language": one.language,
            "difficulty": one.difficulty,
            "notes": one.notes,
        }
        for one in prompts
    ]
    add(connection, campaign_prompts, rows)


def insert_archived_place(
    connection: Connection, campaign_id: int, place: ArchivedPlace, reply_id: int
) -> None:
    """Let a stored reply be the one in force in a place."""
    values = {
        "campaign_id": campaign_id,
        "prompt": place.prompt,
        "position": place.position,
        "turn": place.turn,
        "reply_id": reply_id,
    }
    connection.execute(insert(campaign_replies).values(values))


def insert_archived_reply(connection: Connection, reply: ArchivedReply, model_id: int) -> int:
    """Store a reply with its flags, and return its number."""
    values = {
        "model_id": model_id,
        "conversation_hash": reply.conversation_hash,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason.value,
        "error": reply.error,
        "rendered_prompt": reply.rendered_prompt,
        "prompt_tokens": reply.prompt_tokens,
        "reply_tokens": reply.reply_tokens,
        "first_token_s": reply.first_token_s,
        "total_s": reply.total_s,
        "created_at": reply.created_at,
        "answer_hash": answer_hash(reply.conversation_hash, reply.text),
    }
    inserted = insert(replies).values(values).returning(replies.c.id)
    number = int(connection.execute(inserted).scalar_one())
    insert_styles(connection, {number: reply.text})
    add(connection, flags, flag_rows(reply.flags, reply_id=number))
    return number


def flag_rows(raised: Iterable[ArchivedFlag], **subject: int) -> list[dict[str, Any]]:
    """Return a row for each flag of a vote or a reply."""
    return [
        {"kind": one.kind.value, "detail": one.detail, "created_at": one.created_at, **subject}
        for one in raised
    ]


def insert_archived_items(
    connection: Connection, campaign_id: int, archived: Iterable[ArchivedItem]
) -> None:
    """Store what is judged, in the given order."""
    for some in batched(archived):
        rows = [
            {"campaign_id": campaign_id, "prompt": one.prompt, "models": spelled(one.models)}
            for one in some
        ]
        add(connection, items, rows)


def item_numbers(connection: Connection, campaign_id: int) -> dict[tuple[int, str], int]:
    """Return the numbers of a campaign's items by prompt and models."""
    query = select(items.c.prompt, items.c.models, items.c.id)
    found = connection.execute(query.where(items.c.campaign_id == campaign_id))
    return {(prompt, spelling): number for prompt, spelling, number in found}


def insert_archived_hours(
    connection: Connection, hours: Iterable[ArchivedHour], accounts: Mapping[str, int]
) -> None:
    """Store what was cast from addresses, which get numbers of their own and no hash."""
    numbers: dict[int, int] = {}
    for hour in hours:
        if hour.address not in numbers:
            made = insert(addresses).values(expires_at=hour.last_at).returning(addresses.c.id)
            numbers[hour.address] = int(connection.execute(made).scalar_one())
        values = {
            "address_id": numbers[hour.address],
            "hour": hour.hour,
            "annotator_id": accounts[hour.annotator],
            "votes": hour.votes,
            "first_at": hour.first_at,
            "last_at": hour.last_at,
        }
        connection.execute(insert(address_hours).values(values))


def is_check(prompt: ArchivedPrompt) -> bool:
    """Return whether a prompt is a check item's."""
    return prompt.kind is BattlePurpose.CHECK
