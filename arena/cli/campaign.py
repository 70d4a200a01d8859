"""`arena campaign`: evaluations with given prompts, models and annotators."""

from pathlib import Path
from typing import Annotated

import typer

from arena.catalog import CatalogError, FaultyFiles
from arena.cli.campaign_generate import generate
from arena.cli.campaign_status import status
from arena.cli.check import refuse_files
from arena.cli.operator_files import ConfigFile, OperatorFiles, load_operator_files
from arena.cli.shown_prompts import print_json

campaign = typer.Typer(
    help="Evaluations with given prompts, models and annotators.", no_args_is_help=True
)


campaign.command("generate")(generate)
campaign.command("status")(status)


@campaign.command("check")
def check_campaign(
    file: Annotated[Path, typer.Argument(help="The campaign file, such as campaign.yaml.")],
    models: Annotated[
        Path, typer.Option(envvar="ARENA_MODELS", help="The catalog with the models.")
    ] = Path("models.yaml"),
    config: ConfigFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a campaign file: every fault with its line and key, or what there is to do."""
    # Imported here: the identifier would slow the start of every command.
    from arena.campaign_files import KnownNames, load_campaign
    from arena.catalog.arena_config import CATEGORIES
    from arena.cli.campaign_report import document_of, examined, lines_of, warnings_of
    from arena.services.languages import LanguageIdentifier

    operator, errors = _operator_files(models, config)
    known = KnownNames(
        {row.key: row.name for row in operator.catalog.models} if operator else None,
        operator.config.categories if operator else CATEGORIES,
    )
    try:
        loaded = load_campaign(file, known, LanguageIdentifier().language_of)
    except FaultyFiles as refused:
        refuse_files(file, FaultyFiles((*errors, *refused.errors)), as_json=as_json)
    if operator is None:
        refuse_files(file, FaultyFiles(errors), as_json=as_json)
    found = examined(loaded)
    warnings = list(warnings_of(found, operator.catalog))
    if as_json:
        print_json({"file": str(file), **document_of(found), "warnings": warnings, "faults": []})
        return
    for line in lines_of(found):
        typer.echo(line)
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


def _operator_files(
    models: Path, config: Path | None
) -> tuple[OperatorFiles | None, tuple[CatalogError, ...]]:
    try:
        return load_operator_files(models, config), ()
    except FaultyFiles as refused:
        return None, refused.errors
