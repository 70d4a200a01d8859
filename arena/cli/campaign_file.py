"""A campaign file as commands read it: checked with the catalog, or every fault on stderr."""

from pathlib import Path

from arena.catalog import FaultyFiles
from arena.cli.check import refuse_files
from arena.cli.operator_files import OperatorFiles
from arena.domain.campaign import Campaign


def checked_campaign(
    file: Path, models: Path, config: Path | None, *, as_json: bool = False
) -> tuple[Campaign, OperatorFiles]:
    """Read a campaign file and the files of the operator; end the command if any has a fault."""
    # Imported here: the identifier would slow the start of every command.
    from arena.services.campaigns.checking import load_checked
    from arena.services.languages import LanguageIdentifier

    try:
        return load_checked(file, models, config, LanguageIdentifier().language_of)
    except FaultyFiles as refused:
        refuse_files(file, refused, as_json=as_json)
