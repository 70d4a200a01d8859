"""Campaign files that were sent by a browser, checked as `arena campaign check` does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from arena.catalog import CatalogError, Fault, FaultyFiles
from arena.services.administration.uploads import Upload
from arena.services.campaigns.checking import load_checked
from arena.services.campaigns.examining import CampaignWarning, Examined, examined, warnings_of


@dataclass(frozen=True, slots=True)
class FileFault:
    """A fault of one of the files."""

    file: str
    fault: Fault


class FaultyUpload(Exception):
    """The files were refused. Carries every fault."""

    def __init__(self, faults: tuple[FileFault, ...]) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faults")


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """A campaign without faults, and what is missing or makes its results worth less."""

    found: Examined
    warnings: tuple[CampaignWarning, ...]


@dataclass(frozen=True, slots=True)
class CampaignChecks:
    """Checks with the operator's files as they are at that moment.

    `identify` returns the language code of a prompt whose row names none.
    """

    models: Path
    config: Path | None
    identify: Callable[[str], str]

    def check(self, upload: Upload) -> CheckedUpload:
        """Check files in a folder that is gone afterwards.

        Raises:
            FaultyUpload: With everything that is wrong in any file.
        """
        with TemporaryDirectory(prefix="arena-campaign-") as name:
            folder = Path(name)
            file = upload.write_to(folder)
            try:
                campaign, operator = load_checked(
                    file, self.models, self.config, self.identify, enclosed=True
                )
            except FaultyFiles as refused:
                raise FaultyUpload(tuple(_faults(refused, folder))) from refused
        found = examined(campaign)
        return CheckedUpload(found, tuple(warnings_of(found, operator.catalog)))


def _faults(refused: FaultyFiles, folder: Path) -> Iterator[FileFault]:
    for error in refused.errors:
        for fault in error.faults:
            yield FileFault(_shown(error, folder), fault)


def _shown(error: CatalogError, folder: Path) -> str:
    for root in (folder, folder.resolve()):
        if error.path.is_relative_to(root):
            return error.path.relative_to(root).as_posix()
    return error.path.name
