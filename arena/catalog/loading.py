"""models.yaml -> ModelCatalog, or every fault of the file at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from arena.catalog.document import Document, YamlPath, dotted, read_document
from arena.catalog.explanations import explanation, unknown_key
from arena.catalog.faults import CatalogError, Fault
from arena.catalog.fields import ReasoningFields, SamplingFields, Script, TimeoutFields
from arena.catalog.model_catalog import ModelCatalog
from arena.catalog.rows import PROMPT_FORMAT_NAMES, ModelRow
from arena.catalog.rules import KEY_PATTERN, broken_rules, understood_sampling
from arena.catalog.shipped_catalogs import catalog_path, is_bare_name, shipped_names

_SECTIONS: Final = ("defaults", "models")
_GIVEN: Final = ("key", "directory", "prompt_template")
_BLOCK: Final = "must be a block of `key: value` lines"
_FIELDS: Final = tuple(field for field in ModelRow.model_fields if field not in _GIVEN)
_BLOCKS: Final = {
    "sampling": tuple(SamplingFields.model_fields),
    "timeouts": tuple(TimeoutFields.model_fields),
    "reasoning": tuple(ReasoningFields.model_fields),
    "script": tuple(Script.model_fields),
}


def load_catalog(path: Path) -> ModelCatalog:
    """Read and check a catalog: a file, or one that comes with the arena, by its name.

    Raises:
        CatalogError: With all of its faults.
    """
    path = catalog_path(path)
    if is_bare_name(path) and not path.exists():
        names = ", ".join(shipped_names())
        raise CatalogError(
            path, (Fault(0, "", f"is no file, and no catalog that comes with the arena: {names}"),)
        )
    document = read_document(path)
    reader = _Reader(document, path.parent)
    rows = reader.rows()
    faults = sorted({*document.duplicates, *reader.faults})
    if faults:
        raise CatalogError(path, tuple(faults))
    return ModelCatalog(path, rows)


class _Reader:
    """Builds the rows of one document and gathers what is wrong with them."""

    def __init__(self, document: Document, directory: Path) -> None:
        self.faults: list[Fault] = []
        self._document = document
        self._directory = directory
        self._defaults: dict[str, Any] = {}

    def rows(self) -> tuple[ModelRow, ...]:
        """Return the valid rows; the others have left faults."""
        sections = self._sections()
        self._defaults = self._block(sections.get("defaults") or {}, ("defaults",))
        models = self._block(sections.get("models") or {}, ("models",))
        if not models and not self.faults:
            self._add(("models",), "list at least one model under `models:`")
        rows = [self._row(key, values) for key, values in models.items()]
        return tuple(row for row in rows if row is not None)

    def _sections(self) -> dict[str, Any]:
        sections = self._block(self._document.values or {}, ())
        for name in sections:
            if name not in _SECTIONS:
                self._add((name,), unknown_key(name, _SECTIONS))
        return sections

    def _row(self, key: object, values: object) -> ModelRow | None:
        path = ("models", str(key))
        if not isinstance(key, str) or not KEY_PATTERN.fullmatch(key):
            allowed = "small letters, digits, dots, dashes and underscores"
            self._add(path, f"a key has {allowed}, and starts with a letter or digit")
        own = self._block(values, path)
        if not own:
            return None
        merged = _merged(self._defaults, own)
        for fault in broken_rules(own, merged, self._directory):
            self._add_to_row(path, tuple(fault.field.split(".")), fault.message)
        return self._validated(path, merged)

    def _validated(self, path: YamlPath, merged: dict[str, Any]) -> ModelRow | None:
        for field in _GIVEN:
            if field in merged:
                self._add_to_row(path, (field,), unknown_key(field, _FIELDS, _BLOCKS))
        template = self._template(path, merged.get("prompt_format"))
        given = {"key": path[-1], "directory": self._directory, "prompt_template": template}
        try:
            return ModelRow.model_validate({**merged, **given})
        except ValidationError as invalid:
            for error in invalid.errors():
                self._add_to_row(path, error["loc"], _sentence(error))
            return None

    def _template(self, path: YamlPath, name: object) -> str | None:
        """Return what a row's Jinja file holds now; that it is there is a rule's matter."""
        if not isinstance(name, str) or not name or name in PROMPT_FORMAT_NAMES:
            return None
        file = self._directory / name
        try:
            return file.read_text(encoding="utf-8") if file.is_file() else None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._add_to_row(path, ("prompt_format",), f"{file} cannot be read: {reason}")
            return None

    def _block(self, values: object, path: YamlPath) -> dict[str, Any]:
        if isinstance(values, Mapping) and (values or path in ((), ("defaults",), ("models",))):
            return dict(values)
        self._add(path, _BLOCK)
        return {}

    def _add(self, path: YamlPath, message: str) -> None:
        self.faults.append(Fault(self._document.line_of(path), dotted(path), message))

    def _add_to_row(self, row: YamlPath, field: YamlPath, message: str) -> None:
        in_defaults = ("defaults", *field)
        inherited = (*row, *field) not in self._document.lines
        if inherited and in_defaults in self._document.lines:
            self._add(in_defaults, message)
        else:
            self._add((*row, *field), message)


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**defaults, **own}
    for block in ("sampling", "timeouts"):
        inherited, given = defaults.get(block), own.get(block)
        if isinstance(inherited, Mapping) and isinstance(given, Mapping):
            merged[block] = {**inherited, **given}
    if isinstance(merged.get("sampling"), Mapping):
        merged["sampling"] = understood_sampling(own, merged)
    return merged


def _sentence(error: ErrorDetails) -> str:
    if error["type"] != "extra_forbidden":
        return explanation(error)
    *parents, key = error["loc"]
    if parents:
        return unknown_key(key, _BLOCKS[str(parents[0])])
    return unknown_key(key, _FIELDS, _BLOCKS)
