"""campaign.yaml -> Campaign, or every fault of the file and of its prompt sets at once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from arena.campaign_files.building import campaign_of
from arena.campaign_files.fields import BLOCKS, CampaignFields
from arena.campaign_files.prompt_set import PromptReader
from arena.campaign_files.records import refuse
from arena.campaign_files.rules import broken_rules
from arena.catalog import CatalogError, Fault, FaultyFiles
from arena.catalog.document import Document, YamlPath, dotted, read_document
from arena.catalog.explanations import explanation, unknown_key
from arena.domain.campaign import Campaign, CampaignPrompt, CheckItem

_FIELDS: Final = tuple(CampaignFields.model_fields)
_KEY_MARK: Final = "[key]"
"""What pydantic appends to the place of a key that is wrong itself."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a campaign file may name without declaring it.

    `models` are names by key, None where the catalog could not be read.
    """

    models: Mapping[str, str] | None
    categories: Collection[str]


def load_campaign(
    path: Path, known: KnownNames, identify: Callable[[str], str], *, enclosed: bool = False
) -> Campaign:
    """Read and check a campaign file and the files that it names.

    `identify` returns the language code of a prompt whose row names none. An `enclosed` file comes
    from elsewhere: it may name files of its own folder alone, so that it reads no others.

    Raises:
        FaultyFiles: With everything that is wrong in any of the files.
    """
    try:
        document = read_document(path)
        if not isinstance(document.values, dict):
            refuse(path, "must be a block of `key: value` lines", 1)
    except CatalogError as error:
        raise FaultyFiles((error,)) from error
    reader = _Reader(document, path.parent, known, identify, enclosed=enclosed)
    campaign = reader.campaign(document.values)
    faults = {*document.duplicates, *reader.faults}
    own = [CatalogError(path, tuple(sorted(faults)))] if faults else []
    if campaign is None or own or reader.errors:
        raise FaultyFiles((*own, *reader.errors))
    return campaign


class _Reader:
    """Builds the campaign of one document, and gathers what is wrong with it."""

    def __init__(
        self,
        document: Document,
        directory: Path,
        known: KnownNames,
        identify: Callable[[str], str],
        *,
        enclosed: bool,
    ) -> None:
        self.faults: list[Fault] = []
        self.errors: list[CatalogError] = []
        self._document = document
        self._directory = directory
        self._known = known
        self._identify = identify
        self._enclosed = enclosed

    def campaign(self, values: dict[str, Any]) -> Campaign | None:
        """Return the campaign; None where its own file has faults."""
        for rule in broken_rules(values, self._known.models):
            self._add(rule.path, rule.message)
        prompts, check_items = self._rows(values)
        try:
            fields = CampaignFields.model_validate(values)
        except ValidationError as invalid:
            for error in invalid.errors():
                self._add_invalid(error)
            return None
        return campaign_of(fields, self._known.models or {}, prompts, check_items)

    def _rows(
        self, values: dict[str, Any]
    ) -> tuple[tuple[CampaignPrompt, ...], tuple[CheckItem, ...]]:
        declared = values.get("categories")
        known = declared if isinstance(declared, dict | list) else self._known.categories
        reader = PromptReader([str(name) for name in known], self._identify)
        prompts: list[CampaignPrompt] = []
        for place, name in _named_files(values.get("prompts")):
            if file := self._file(place, name):
                prompts += reader.prompts(file)
        file = self._file(("check_items",), values.get("check_items"))
        check_items = reader.check_items(file) if file else ()
        self.errors = reader.errors
        return tuple(prompts), check_items

    def _file(self, place: YamlPath, name: object) -> Path | None:
        """Return the file of a name, relative to the campaign file; None where there is none."""
        if not isinstance(name, str) or not name:
            return None
        if self._enclosed:
            return self._enclosed_file(place, name)
        file = self._directory / Path(name).expanduser()
        if file.is_file():
            return file
        self._add(place, f"there is no file {file}")
        return None

    def _enclosed_file(self, place: YamlPath, name: str) -> Path | None:
        folder = self._directory.resolve()
        file = (folder / name.replace("\0", "")).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return file
        self._add(place, f"{name!r} is not among the files that came with this one")
        return None

    def _add_invalid(self, error: ErrorDetails) -> None:
        path = tuple(step for step in error["loc"] if step != _KEY_MARK)
        if error["type"] == "extra_forbidden":
            self._add(path, _unknown(path))
            return
        lines = self._document.lines
        while error["type"] != "missing" and len(path) > 1 and path not in lines:
            path = path[:-1]
        self._add(path, explanation(error))

    def _add(self, path: YamlPath, message: str) -> None:
        self.faults.append(Fault(self._document.line_of(path), dotted(path), message))


def _named_files(value: object) -> Iterator[tuple[YamlPath, object]]:
    """Yield the names under `prompts`, one or a list, and where they stand."""
    if isinstance(value, list):
        yield from ((("prompts", place), name) for place, name in enumerate(value))
    else:
        yield ("prompts",), value


def _unknown(path: YamlPath) -> str:
    if len(path) == 1:
        return unknown_key(path[0], _FIELDS, BLOCKS)
    nested = f"{path[0]}.{path[1]}" if len(path) > 2 else ""
    return unknown_key(path[-1], BLOCKS.get(nested, BLOCKS[str(path[0])]))
