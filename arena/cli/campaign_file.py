"""A campaign file as commands read it: checked with the catalog, or every fault on stderr."""

from pathlib import Path

from arena.catalog import CatalogError, FaultyFiles
from arena.cli.check import refuse_files
from arena.cli.operator_files import OperatorFiles, load_operator_files
from arena.domain.campaign import Campaign


def checked_campaign(
    file: Path, models: Path, config: Path | None, *, as_json: bool = False
) -> tuple[Campaign, OperatorFiles]:
    """Read a campaign file and the files of the operator; end the command if any has a fault."""
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
        loaded = load_campaign(file, known, LanguageIdentifier().language_of)
    except FaultyFiles as refused:
        refuse_files(file, FaultyFiles((*errors, *refused.errors)), as_json=as_json)
    if operator is None:
        refuse_files(file, FaultyFiles(errors), as_json=as_json)
    return loaded, operator


def _operator_files(
    models: Path, config: Path | None
) -> tuple[OperatorFiles | None, tuple[CatalogError, ...]]:
    try:
        return load_operator_files(models, config), ()
    except FaultyFiles as refused:
        return None, refused.errors
