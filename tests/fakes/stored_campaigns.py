"""Campaigns in a database, as `arena campaign create` leaves them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from arena.domain.campaign import Campaign, CampaignModel, CampaignPrompt
from arena.domain.campaign_replies import ReplyStatus
from arena.domain.conversation import ModelKey
from arena.services.campaigns.creating import Campaigns
from arena.services.campaigns.replies.plans import CampaignReplies
from arena.storage.database import Database
from tests.fakes.campaigns import planned
from tests.fakes.loop import FakeClock


def campaign_of(
    *prompts: str | Sequence[str],
    models: Sequence[str] = ("one", "two"),
    imported: Sequence[str] = (),
    name: str = "pilot",
    system_prompt: str | None = None,
) -> Campaign:
    """Return a campaign; its prompts are called p1, p2, …, a text or the texts of its turns."""
    asked = (
        CampaignPrompt(
            id=f"p{place}",
            turns=(prompt,) if isinstance(prompt, str) else tuple(prompt),
            language="en",
            system_prompt=system_prompt,
        )
        for place, prompt in enumerate(prompts, start=1)
    )
    own = [CampaignModel(ModelKey(key), f"The {key}") for key in models]
    others = [CampaignModel(ModelKey(key), f"The {key}", imported=True) for key in imported]
    return replace(planned(name=name, prompts=tuple(asked)), models=(*own, *others))


def store_campaign(database: Database, *prompts: str | Sequence[str], **more: Any) -> None:
    """Store a campaign as `campaign_of` makes it."""
    Campaigns(database, FakeClock()).create(campaign_of(*prompts, **more))


def open_campaign(database: Database, name: str = "pilot") -> None:
    """Let a campaign be open."""
    set_state(database, "open", name)


def set_state(database: Database, state: str, name: str = "pilot") -> None:
    """Let a campaign be in a state."""
    with database.writing() as connection:
        moved = text("UPDATE campaigns SET state = :state WHERE name = :name")
        connection.execute(moved, {"state": state, "name": name})


def statuses(database: Database, name: str = "pilot") -> dict[tuple[str, str, int], ReplyStatus]:
    """Return the status of every place, by model, prompt and turn."""
    _, places = CampaignReplies(database).places(name)
    return {(one.model, one.prompt_id, one.place.turn): one.status for one in places}


def texts(database: Database, name: str = "pilot") -> dict[tuple[str, str, int], str]:
    """Return the text in force of every place that has one."""
    _, places = CampaignReplies(database).places(name)
    return {
        (one.model, one.prompt_id, one.place.turn): one.reply.text
        for one in places
        if one.reply is not None
    }


def count(database: Database, table: str) -> int:
    """Return the number of rows of a table."""
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
