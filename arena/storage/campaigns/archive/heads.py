"""What an archive reads of a campaign besides replies and ballots: few rows, read at once."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, select, text, union

from arena.domain.assignment import CampaignState
from arena.domain.campaign import ProtocolKind
from arena.storage.addresses import HourOfAddress
from arena.storage.campaigns.archive.records import (
    ArchivedAnnotator,
    ArchivedAnswer,
    ArchivedCampaign,
    ArchivedEvent,
    ArchivedHour,
    ArchivedItem,
    ArchivedModel,
    ArchivedPrompt,
    ArchivedVersion,
    People,
)
from arena.storage.campaigns.items import read_positions
from arena.storage.campaigns.prompts import check_texts, prompts_of
from arena.storage.json_sql import listed
from arena.storage.schema import (
    address_hours,
    annotators,
    battles,
    campaign_answers,
    campaign_events,
    campaign_members,
    campaign_models,
    campaign_replies,
    campaign_versions,
    campaigns,
    items,
    models,
    replies,
    vote_revisions,
    votes,
)


def schema_revision(connection: Connection) -> str:
    """Return the newest migration of the database."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def people_of(connection: Connection, campaign_id: int) -> tuple[int, ...]:
    """Return the accounts that did anything in a campaign, in the order of their numbers."""
    revised = (
        select(vote_revisions.c.who)
        .join(votes, votes.c.id == vote_revisions.c.vote_id)
        .join(battles, battles.c.id == votes.c.battle_id)
        .where(battles.c.campaign_id == campaign_id)
    )
    happened = select(campaign_events.c.who).where(
        campaign_events.c.campaign_id == campaign_id, campaign_events.c.who.is_not(None)
    )
    found = union(_taking_part(campaign_id), revised, happened)
    return tuple(sorted(connection.execute(found).scalars()))


def _taking_part(campaign_id: int) -> Select[tuple[int]]:
    member, battle = campaign_members.c, battles.c
    joined = select(member.annotator_id).where(member.campaign_id == campaign_id)
    shown = select(battle.annotator_id).where(battle.campaign_id == campaign_id)
    return select(union(joined, shown).subquery().c.annotator_id)


def archived_hours(
    connection: Connection, hours: frozenset[HourOfAddress], people: People
) -> Iterator[ArchivedHour]:
    """Yield what each account cast in these hours; addresses are numbered from 1."""
    numbers: dict[int, int] = {}
    for row in _hour_rows(connection, hours):
        yield ArchivedHour(
            address=numbers.setdefault(row.address_id, len(numbers) + 1),
            hour=row.hour,
            annotator=people[row.annotator_id],
            votes=row.votes,
            first_at=row.first_at,
            last_at=row.last_at,
        )


def _hour_rows(connection: Connection, hours: frozenset[HourOfAddress]) -> Iterator[Row[Any]]:
    of = address_hours.c
    query = (
        select(address_hours)
        .where(of.address_id.in_(listed({hour.address_id for hour in hours})))
        .order_by(of.address_id, of.hour, of.annotator_id)
    )
    for row in connection.execute(query):
        if (row.address_id, row.hour) in hours:
            yield row


def archived_campaign(connection: Connection, campaign_id: int, people: People) -> ArchivedCampaign:
    """Return a campaign that has a file, with the versions of it as they are stored."""
    row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()
    version, event = campaign_versions.c, campaign_events.c
    versions = select(version.version, version.fingerprint, version.document, version.created_at)
    events = select(event.at, event.kind, event.who, event.detail)
    return ArchivedCampaign(
        name=row.name,
        created_at=row.created_at,
        state=CampaignState(row.state),
        protocol=ProtocolKind(row.protocol),
        versions=tuple(
            ArchivedVersion(*found)
            for found in connection.execute(
                versions.where(version.campaign_id == campaign_id).order_by(version.version)
            )
        ),
        events=tuple(
            ArchivedEvent(at, kind, None if who is None else people[who], detail)
            for at, kind, who, detail in connection.execute(
                events.where(event.campaign_id == campaign_id).order_by(event.id)
            )
        ),
    )


def archived_prompts(connection: Connection, campaign_id: int) -> Iterator[ArchivedPrompt]:
    """Yield the prompts of a campaign by number."""
    for record in prompts_of(connection, campaign_id):
        asked = record.prompt
        check = record.purpose.value == "check"
        texts = check_texts(connection, campaign_id, record.number) if check else (None, None)
        yield ArchivedPrompt(
            number=record.number,
            id=asked.id,
            kind=record.purpose,
            turns=asked.turns,
            system_prompt=asked.system_prompt,
            category=asked.category,
            language=asked.language,
            difficulty=asked.difficulty,
            notes=asked.notes,
            better=texts[0],
            worse=texts[1],
        )


def archived_models(connection: Connection, campaign_id: int) -> Iterator[ArchivedModel]:
    """Yield the configurations whose replies are in force, in the order of their numbers."""
    in_force = (
        select(replies.c.model_id)
        .join(campaign_replies, campaign_replies.c.reply_id == replies.c.id)
        .where(campaign_replies.c.campaign_id == campaign_id)
    )
    query = (
        select(models, campaign_models.c.position)
        .join(campaign_models, campaign_models.c.model_key == models.c.key)
        .where(campaign_models.c.campaign_id == campaign_id, models.c.id.in_(in_force))
        .order_by(models.c.id)
    )
    for row in connection.execute(query):
        yield ArchivedModel(
            position=row.position,
            key=row.key,
            fingerprint=row.fingerprint,
            name=row.name,
            origin=row.origin,
            license=row.license,
            card=row.card,
            configuration=row.configuration,
            created_at=row.created_at,
        )


def archived_annotators(
    connection: Connection, campaign_id: int, people: People
) -> Iterator[ArchivedAnnotator]:
    """Yield people with their group, membership and answers, in the order of their numbers."""
    answers = _answers(connection, campaign_id)
    of, member = annotators.c, campaign_members.c
    query = (
        select(of.id, of.group_name, member.joined_at, member.consented_at, member.finished_at)
        .outerjoin(
            campaign_members,
            (member.annotator_id == of.id) & (member.campaign_id == campaign_id),
        )
        .where(of.id.in_(listed(people.keys())))
        .order_by(of.id)
    )
    for row in connection.execute(query):
        yield ArchivedAnnotator(
            annotator=people[row.id],
            group=row.group_name,
            joined_at=row.joined_at,
            consented_at=row.consented_at,
            finished_at=row.finished_at,
            answers=tuple(answers[row.id]),
        )


def _answers(connection: Connection, campaign_id: int) -> dict[int, list[ArchivedAnswer]]:
    of = campaign_answers.c
    query = select(of.annotator_id, of.question, of.answer, of.answered_at)
    query = query.where(of.campaign_id == campaign_id).order_by(of.annotator_id, of.question)
    found: dict[int, list[ArchivedAnswer]] = defaultdict(list)
    for account, *answer in connection.execute(query):
        found[account].append(ArchivedAnswer(*answer))
    return found


def archived_items(connection: Connection, campaign_id: int) -> Iterator[ArchivedItem]:
    """Yield what is judged in a campaign, in the order of its items' numbers."""
    query = select(items.c.prompt, items.c.models).where(items.c.campaign_id == campaign_id)
    for prompt, spelling in connection.execute(query.order_by(items.c.id)):
        yield ArchivedItem(prompt, read_positions(spelling))
