"""Queries on what a campaign asks of whom: its prompts, check items and models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from arena.domain.assignment import BattlePurpose
from arena.domain.campaign import CampaignModel, CampaignPrompt
from arena.domain.conversation import ModelKey
from arena.storage.schema import campaign_models, campaign_prompts, check_replies, replies


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """A prompt of a campaign. `number` counts from 1, check items follow upon the others."""

    number: int
    purpose: BattlePurpose
    prompt: CampaignPrompt


def insert_prompts(
    connection: Connection, campaign_id: int, prompts: Sequence[PromptRecord]
) -> None:
    """Store the prompts of a new campaign."""
    rows = [
        {
            "campaign_id": campaign_id,
            "number": record.number,
            "identifier": record.prompt.id,
            "kind": record.purpose.value,
            "turns": list(record.prompt.turns),
            "system_prompt": record.prompt.system_prompt,
            "category": record.prompt.category,
            "language": record.prompt.language,
            "difficulty": record.prompt.difficulty,
            "notes": record.prompt.notes,
        }
        for record in prompts
    ]
    connection.execute(insert(campaign_prompts), rows)


def insert_models(
    connection: Connection, campaign_id: int, models: Sequence[CampaignModel]
) -> None:
    """Store the models of a new campaign in the order of its file."""
    rows = [
        {
            "campaign_id": campaign_id,
            "position": position,
            "model_key": model.key,
            "name": model.name,
            "imported": model.imported,
        }
        for position, model in enumerate(models)
    ]
    connection.execute(insert(campaign_models), rows)


def insert_check(
    connection: Connection, campaign_id: int, *, prompt: int, better: int, worse: int
) -> None:
    """Store which two replies a check item shows."""
    values = {
        "campaign_id": campaign_id,
        "prompt": prompt,
        "better_reply_id": better,
        "worse_reply_id": worse,
    }
    connection.execute(insert(check_replies).values(values))


def prompt(connection: Connection, campaign_id: int, number: int) -> PromptRecord:
    """Return a prompt of a campaign."""
    of = campaign_prompts.c
    query = select(campaign_prompts).where(of.campaign_id == campaign_id, of.number == number)
    return _record(connection.execute(query).one())


def prompts_of(connection: Connection, campaign_id: int) -> tuple[PromptRecord, ...]:
    """Return every prompt of a campaign, check items last."""
    of = campaign_prompts.c
    query = select(campaign_prompts).where(of.campaign_id == campaign_id).order_by(of.number)
    return tuple(_record(row) for row in connection.execute(query))


def check_texts(connection: Connection, campaign_id: int, prompt: int) -> tuple[str, str]:
    """Return the better and the worse reply of a check item."""
    of, better, worse = check_replies.c, replies.alias("better"), replies.alias("worse")
    query = (
        select(better.c.text, worse.c.text)
        .select_from(check_replies)
        .join(better, better.c.id == of.better_reply_id)
        .join(worse, worse.c.id == of.worse_reply_id)
        .where(of.campaign_id == campaign_id, of.prompt == prompt)
    )
    row = connection.execute(query).one()
    return row[0], row[1]


def _record(row: Any) -> PromptRecord:
    told = CampaignPrompt(
        id=row.identifier,
        turns=tuple(row.turns),
        language=row.language,
        category=row.category,
        system_prompt=row.system_prompt,
        difficulty=row.difficulty,
        notes=row.notes,
    )
    return PromptRecord(row.number, BattlePurpose(row.kind), told)


def check_numbers(connection: Connection, campaign_id: int) -> tuple[int, ...]:
    """Return the numbers of the check items' prompts."""
    of = campaign_prompts.c
    query = select(of.number).where(
        of.campaign_id == campaign_id, of.kind == BattlePurpose.CHECK.value
    )
    return tuple(connection.execute(query.order_by(of.number)).scalars())


def models_of_campaign(connection: Connection, campaign_id: int) -> tuple[CampaignModel, ...]:
    """Return the models of a campaign by position."""
    of = campaign_models.c
    query = select(of.model_key, of.name, of.imported).where(of.campaign_id == campaign_id)
    return tuple(
        CampaignModel(ModelKey(row.model_key), row.name, row.imported)
        for row in connection.execute(query.order_by(of.position))
    )
