"""`arena campaign create`: a campaign file into the database."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.campaign_file import checked_campaign
from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.operator_files import DEFAULT_MODELS, CatalogFile, ConfigFile
from arena.cli.wording import pluralized


def create(
    file: Annotated[Path, typer.Argument(help="The campaign file, such as campaign.yaml.")],
    models: CatalogFile = DEFAULT_MODELS,
    config: ConfigFile = None,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Store a campaign, or a changed file of the same name as its next version."""
    campaign, _ = checked_campaign(file, models, config)
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.creating import Campaigns
    from arena.services.campaigns.refusals import CampaignRefused

    with opened(database_url, create=True) as database:
        try:
            version = Campaigns(database, SystemClock()).create(campaign)
        except CampaignRefused as error:
            stop(str(error), BAD_INPUT)
    if not version.new:
        typer.echo(f"{campaign.name}: stored already, version {version.number}.")
        return
    prompts = pluralized(len(campaign.prompts), "prompt")
    asked = pluralized(len(campaign.models), "model")
    typer.echo(f"{campaign.name}: version {version.number} stored, {prompts} for {asked}.")
    if version.number == 1:
        generated = any(not model.imported for model in campaign.models)
        command = "campaign generate" if generated else "import replies FILE --campaign"
        typer.echo(f"Next: arena {command} {campaign.name!r}")
