"""Reading a campaign file for a command, which ends with every fault of all the files it names."""

from pathlib import Path
from typing import Annotated

import typer

from arena.catalog import CatalogError, FaultyFiles, ModelCatalog
from arena.cli.check import refuse_files
from arena.cli.operator_files import OperatorFiles, load_operator_files
from arena.domain.campaign import Campaign

CampaignFile = Annotated[Path, typer.Argument(help="The campaign file, such as campaign.yaml.")]
CatalogFile = Annotated[
    Path, typer.Option(envvar="ARENA_MODELS", help="The catalog with the models.")
]


def loaded(
    file: Path, models: Path, config: Path | None, *, as_json: bool = False
) -> tuple[Campaign, ModelCatalog]:
    """Return a campaign without faults and the catalog; end the command otherwise."""
    # Imported here: the identifier would slow the start of every command.
    from arena.campaign_files import KnownNames, load_campaign
    from arena.catalog.arena_config import CATEGORIES
    from arena.services.languages import LanguageIdentifier

    operator, errors = _operator_files(models, config)
    known = KnownNames(
        {row.key: row.name for row in operator.catalog.models} if operator else None,
        operator.config.categories if operator else CATEGORIES,
    )
    try:
        campaign = load_campaign(file, known, LanguageIdentifier().language_of)
    except FaultyFiles as refused:
        refuse_files(file, FaultyFiles((*errors, *refused.errors)), as_json=as_json)
    if operator is None:
        refuse_files(file, FaultyFiles(errors), as_json=as_json)
    return campaign, operator.catalog


def _operator_files(
    models: Path, config: Path | None
) -> tuple[OperatorFiles | None, tuple[CatalogError, ...]]:
    try:
        return load_operator_files(models, config), ()
    except FaultyFiles as refused:
        return None, refused.errors
