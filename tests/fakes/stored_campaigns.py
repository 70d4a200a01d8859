"""Campaigns in a database, as `arena campaign create` leaves them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, text

from arena.domain.campaign_replies import ReplyStatus
from arena.services.campaigns.replies import CampaignReplies
from arena.storage.database import Database
from arena.storage.schema import campaign_models, campaign_prompts, campaigns

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def store_campaign(
    database: Database,
    *prompts: str | Sequence[str],
    models: Sequence[str] = ("one", "two"),
    imported: Sequence[str] = (),
    name: str = "pilot",
    system_prompt: str | None = None,
    state: str | None = "created",
) -> int:
    """Store a campaign; its prompts are called p1, p2, …, a text or the texts of its turns."""
    with database.writing() as connection:
        head = {"name": name, "created_at": NOW, "state": state, "protocol": "pairwise"}
        made = insert(campaigns).values(**head, overlap=1).returning(campaigns.c.id)
        number = int(connection.execute(made).scalar_one())
        for place, prompt in enumerate(prompts, start=1):
            turns = [prompt] if isinstance(prompt, str) else list(prompt)
            row = {"campaign_id": number, "number": place, "identifier": f"p{place}"}
            row |= {"kind": "judged", "turns": turns, "language": "en"}
            row["system_prompt"] = system_prompt
            connection.execute(insert(campaign_prompts).values(row))
        for position, key in enumerate((*models, *imported)):
            row = {"campaign_id": number, "position": position, "model_key": key}
            row |= {"name": f"The {key}", "imported": key in imported}
            connection.execute(insert(campaign_models).values(row))
    return number


def open_campaign(database: Database, name: str = "pilot") -> None:
    """Let a campaign be open."""
    with database.writing() as connection:
        opened = text("UPDATE campaigns SET state = 'open' WHERE name = :name")
        connection.execute(opened, {"name": name})


def statuses(database: Database, name: str = "pilot") -> dict[tuple[str, str, int], ReplyStatus]:
    """Return the status of every place, by model, prompt and turn."""
    _, standings = CampaignReplies(database).standings(name)
    return {(one.model, one.prompt_id, one.place.turn): one.status for one in standings}


def texts(database: Database, name: str = "pilot") -> dict[tuple[str, str, int], str]:
    """Return the text in force of every place that has one."""
    _, standings = CampaignReplies(database).standings(name)
    return {
        (one.model, one.prompt_id, one.place.turn): one.reply.text
        for one in standings
        if one.reply is not None
    }


def count(database: Database, table: str) -> int:
    """Return the number of rows of a table."""
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
