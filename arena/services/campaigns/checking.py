"""A campaign file checked with the operator's files: every fault of all of them at once."""

from collections.abc import Callable
from pathlib import Path

from arena.campaign_files import KnownNames, load_campaign
from arena.catalog import CatalogError, FaultyFiles
from arena.catalog.arena_config import CATEGORIES
from arena.catalog.operator_files import OperatorFiles, load_operator_files
from arena.domain.campaign import Campaign


def load_checked(
    file: Path,
    models: Path,
    config: Path | None,
    identify: Callable[[str], str],
    *,
    enclosed: bool = False,
) -> tuple[Campaign, OperatorFiles]:
    """Read a campaign file, the files that it names, and those of the operator.

    `identify` returns the language code of a prompt whose row names none. `enclosed`: the file
    comes from elsewhere, and may name files of its own folder alone.

    Raises:
        FaultyFiles: With everything that is wrong in any of them.
    """
    operator, errors = _operator_files(models, config)
    known = KnownNames(
        {row.key: row.name for row in operator.catalog.models} if operator else None,
        operator.config.categories if operator else CATEGORIES,
    )
    try:
        campaign = load_campaign(file, known, identify, enclosed=enclosed)
    except FaultyFiles as refused:
        raise FaultyFiles((*errors, *refused.errors)) from refused
    if operator is None:
        raise FaultyFiles(errors)
    return campaign, operator


def _operator_files(
    models: Path, config: Path | None
) -> tuple[OperatorFiles | None, tuple[CatalogError, ...]]:
    try:
        return load_operator_files(models, config), ()
    except FaultyFiles as refused:
        return None, refused.errors
