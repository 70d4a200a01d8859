"""`arena campaign open|pause|close`: when votes are taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import SystemRandom
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.campaigns.opening import Openings

_Name = Annotated[str, typer.Argument(help="The campaign's name.")]


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
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.opening import Openings
    from arena.services.campaigns.refusals import CampaignRefused

    with opened(url) as database:
        try:
            yield Openings(database, SystemClock(), SystemRandom())
        except CampaignRefused as refused:
            stop(str(refused), BAD_INPUT)
