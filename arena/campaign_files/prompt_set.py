"""Files of prompts and of check items -> domain objects, or every faulty row at once."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from arena.campaign_files.files import read_records
from arena.campaign_files.layouts import layout_of
from arena.campaign_files.prompt_rows import CheckRow, PromptRow
from arena.campaign_files.records import Record, RowFault, faults_of_file
from arena.catalog import CatalogError
from arena.catalog.explanations import explanation, suggestion, unknown_key
from arena.domain.campaign import CampaignPrompt, CheckItem

_ID_DIGITS: Final = 12
_Row = TypeVar("_Row", bound=PromptRow)


@dataclass(slots=True)
class PromptReader:
    """Reads files of prompts whose ids must differ from each other in all of them.

    `categories` may be named by rows; `identify` returns the language code of a text. `errors`
    gathers what is wrong, by file.
    """

    categories: Collection[str]
    identify: Callable[[str], str]
    errors: list[CatalogError] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)

    def prompts(self, path: Path) -> tuple[CampaignPrompt, ...]:
        """Return the prompts of a file; its faulty rows become an error."""
        return tuple(self._prompt(row) for row in self._rows(path, PromptRow))

    def check_items(self, path: Path) -> tuple[CheckItem, ...]:
        """Return the check items of a file; its faulty rows become an error."""
        return tuple(
            CheckItem(self._prompt(row), row.better, row.worse)
            for row in self._rows(path, CheckRow)
        )

    def _rows(self, path: Path, model: type[_Row]) -> Sequence[_Row]:
        try:
            records = read_records(path)
        except CatalogError as error:
            self.errors.append(error)
            return ()
        reader = _Rows(model, self.categories, path.name, self._ids, list(records.faults))
        rows = reader.valid(records.read)
        if reader.faults:
            self.errors.append(CatalogError(path, faults_of_file(reader.faults)))
        return rows

    def _prompt(self, row: PromptRow) -> CampaignPrompt:
        turns = tuple(row.turns())
        return CampaignPrompt(
            id=row.id or self._derived_id(row),
            turns=turns,
            language=row.language or self.identify("\n".join(turns)),
            category=row.category,
            system_prompt=row.system(),
            difficulty=row.difficulty,
            notes=row.notes,
        )

    def _derived_id(self, row: PromptRow) -> str:
        """Return an id that follows from what is asked; the second of two equal prompts gets -2."""
        said = json.dumps([row.system(), *row.turns()], ensure_ascii=False)
        stem = sha256(said.encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]
        derived, number = stem, 1
        while derived in self._ids:
            number += 1
            derived = f"{stem}-{number}"
        self._ids[derived] = "a prompt without an id of its own"
        return derived


@dataclass(slots=True)
class _Rows(Generic[_Row]):
    """Checks the records of one file, and gathers what is wrong with them."""

    model: type[_Row]
    categories: Collection[str]
    file: str
    ids: dict[str, str]
    faults: list[RowFault]

    def valid(self, records: Sequence[Record]) -> list[_Row]:
        """Return the rows without a fault, in the file's order."""
        layout = layout_of(records[0].cells) if records else None
        rows = []
        for record in records:
            cells = layout.ours(record.cells) if layout else record.cells
            row = self._row(record, {key: cell for key, cell in cells.items() if _holds(cell)})
            if row is not None:
                rows.append(row)
        return rows

    def _row(self, record: Record, cells: dict[str, Any]) -> _Row | None:
        before = len(self.faults)
        self._check_id(record, cells)
        self._check_category(record, cells.get("category"))
        try:
            row = self.model.model_validate(cells)
        except ValidationError as invalid:
            for error in invalid.errors():
                column = str(error["loc"][0]) if error["loc"] else ""
                if error["type"] == "extra_forbidden":
                    sentence = unknown_key(column, tuple(self.model.model_fields))
                else:
                    sentence = explanation(error)
                self._add(record, column, sentence)
            return None
        return row if len(self.faults) == before else None

    def _check_id(self, record: Record, cells: dict[str, Any]) -> None:
        own = cells.get("id")
        if not isinstance(own, int | str):
            return
        first = self.ids.get(str(own).strip())
        if first is not None:
            self._add(record, "id", f"{own!r} is the id of {first} already: choose another")
            return
        self.ids[str(own).strip()] = f"row {record.row} of {self.file}"

    def _check_category(self, record: Record, name: object) -> None:
        if isinstance(name, str) and name not in self.categories:
            hint = suggestion(name, self.categories)
            known = ", ".join(self.categories)
            change = f"Choose from {known}, or declare it under `categories` in the campaign file"
            self._add(record, "category", f"{name!r} is unknown{hint or '.'} {change}")

    def _add(self, record: Record, column: str, message: str) -> None:
        self.faults.append(RowFault(record.row, record.line, column, message))


def _holds(cell: object) -> bool:
    return cell is not None and cell != ""


def texts_of(prompts: Iterable[CampaignPrompt]) -> list[str]:
    """Return what is said in each prompt, by which prompts are compared."""
    return ["\n".join((prompt.system_prompt or "", *prompt.turns)) for prompt in prompts]
