"""`arena campaign`: evaluations with given prompts, models and annotators."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.campaign_create import create
from arena.cli.campaign_exclude import exclude
from arena.cli.campaign_export import export_campaign
from arena.cli.campaign_file import checked_campaign
from arena.cli.campaign_generate import generate
from arena.cli.campaign_members import members
from arena.cli.campaign_states import close_campaign, open_campaign, pause
from arena.cli.campaign_status import status
from arena.cli.campaign_verify import verify
from arena.cli.operator_files import DEFAULT_MODELS, CatalogFile, ConfigFile
from arena.cli.shown_prompts import print_json

campaign = typer.Typer(
    help="Evaluations with given prompts, models and annotators.", no_args_is_help=True
)


campaign.command("create")(create)
campaign.command("generate")(generate)
campaign.command("open")(open_campaign)
campaign.command("pause")(pause)
campaign.command("close")(close_campaign)
campaign.command("status")(status)
campaign.command("export")(export_campaign)
campaign.command("verify")(verify)
campaign.command("exclude")(exclude)
campaign.command("members")(members)


@campaign.command("check")
def check_campaign(
    file: Annotated[Path, typer.Argument(help="The campaign file, such as campaign.yaml.")],
    models: CatalogFile = DEFAULT_MODELS,
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a campaign file: every fault with its line and key, or what there is to do."""
    # Imported here: what compares prompts would slow the start of every command.
    from arena.cli.campaign_report import document_of, lines_of
    from arena.services.campaigns.examining import examined, warnings_of

    loaded, operator = checked_campaign(file, models, config, as_json=as_json)
    found = examined(loaded)
    warnings = list(map(str, warnings_of(found, operator.catalog)))
    if as_json:
        print_json({"file": str(file), **document_of(found), "warnings": warnings, "faults": []})
        return
    for line in lines_of(found):
        typer.echo(line)
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
