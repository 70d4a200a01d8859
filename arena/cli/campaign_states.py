"""`arena campaign create|open|pause|close`: from a file to votes, and the end of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli.campaign_loading import CampaignFile, CatalogFile, loaded
from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.operator_files import ConfigFile
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.campaigns.opening import Openings
    from arena.storage.database import Database

_Name = Annotated[str, typer.Argument(help="The campaign's name.")]


def create(
    file: CampaignFile,
    models: CatalogFile = Path("models.yaml"),
    config: ConfigFile = None,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Store a campaign file; a changed file of the same name becomes a new version."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.creating import Campaigns

    campaign, _ = loaded(file, models, config)
    with _refusing(database_url, create=True) as database:
        version = Campaigns(database, SystemClock()).create(campaign)
    if version.new:
        typer.echo(f"Stored {campaign.name}, version {version.number}.")
    else:
        typer.echo(f"{campaign.name} is stored already, as version {version.number}.")


def open_campaign(
    name: _Name,
    accept_missing: Annotated[
        bool,
        typer.Option("--accept-missing", help="Leave out prompts and models without a reply."),
    ] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Let votes in. What is judged is decided when a campaign is first opened."""
    with _openings(database_url) as openings:
        accepted = openings.missing(name) if accept_missing else ()
        items = openings.open(name, accept_missing=accepted)
    typer.echo(f"{name} is open." + (f" {pluralized(items, 'item')} to judge." if items else ""))


def pause(name: _Name, database_url: DatabaseUrl = DEFAULT_URL) -> None:
    """Let no votes in until the campaign is opened again."""
    with _openings(database_url) as openings:
        openings.pause(name)
    typer.echo(f"{name} is paused.")


def close_campaign(name: _Name, database_url: DatabaseUrl = DEFAULT_URL) -> None:
    """End a campaign for good."""
    with _openings(database_url) as openings:
        openings.close(name)
    typer.echo(f"{name} is closed.")


@contextmanager
def _openings(url: str) -> "Iterator[Openings]":
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.opening import Openings

    with _refusing(url) as database:
        yield Openings(database, SystemClock(), SystemRandom())


@contextmanager
def _refusing(url: str, *, create: bool = False) -> "Iterator[Database]":
    from arena.services.campaigns.refusals import CampaignRefused

    with opened(url, create=create) as database:
        try:
            yield database
        except CampaignRefused as refused:
            stop(str(refused), BAD_INPUT)
