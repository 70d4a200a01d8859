"""arena.yaml -> ArenaConfig, or every fault of the file at once."""

from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from arena.catalog.arena_config import CATEGORIES, ArenaConfig, Example
from arena.catalog.document import Document, YamlPath, dotted, read_document
from arena.catalog.examples import ExamplesError, read_examples
from arena.catalog.explanations import explanation, unknown_key
from arena.catalog.faults import CatalogError, Fault

FILE_NAME: Final = "arena.yaml"
_FIELDS: Final = tuple(ArenaConfig.model_fields)
_KEY_MARK: Final = "[key]"
"""What pydantic appends to the place of a key that is wrong itself."""


def find_arena_config(models: Path, configured: Path | None) -> ArenaConfig:
    """Return the content of the configured file, or of the `arena.yaml` beside the catalog.

    Without either it is a configuration that says nothing. Raises CatalogError.
    """
    file = arena_file(models, configured)
    return ArenaConfig() if file is None else load_arena_config(file)


def arena_file(models: Path, configured: Path | None) -> Path | None:
    """Return the file of `find_arena_config`; one that is configured may not exist."""
    beside = models.parent / FILE_NAME
    return configured or (beside if beside.is_file() else None)


def load_arena_config(path: Path) -> ArenaConfig:
    """Read and check an `arena.yaml`. Raises CatalogError with all of its faults."""
    document = read_document(path)
    values = {} if document.values is None else document.values
    if not isinstance(values, dict):
        raise CatalogError(path, (Fault(1, "", "must be a block of `key: value` lines"),))
    examples, faults = _examples(document, values, path.parent)
    try:
        config = ArenaConfig.model_validate({**values, "examples": examples})
    except ValidationError as invalid:
        faults += [_fault(document, error) for error in invalid.errors()]
    if faults or document.duplicates:
        raise CatalogError(path, tuple(sorted({*document.duplicates, *faults})))
    return config


def _examples(
    document: Document, values: dict[str, Any], directory: Path
) -> tuple[tuple[Example, ...] | None, list[Fault]]:
    """Return the examples of the file that `examples` names, and what is wrong with them."""
    name = values.get("examples")
    if name is None:
        return None, []
    place = ("examples",)
    if not isinstance(name, str) or not name:
        message = f"write the path of a JSON file, such as examples.json (it is {name!r})"
        return None, [_at(document, place, message)]
    categories = values.get("categories")
    known = [str(key) for key in categories] if isinstance(categories, dict | list) else CATEGORIES
    try:
        return read_examples((directory / Path(name).expanduser()).absolute(), known), []
    except ExamplesError as error:
        return None, [_at(document, place, sentence) for sentence in error.faults]


def _fault(document: Document, error: ErrorDetails) -> Fault:
    path = tuple(step for step in error["loc"] if step != _KEY_MARK)
    if error["type"] == "extra_forbidden":
        return _at(document, path, unknown_key(path[-1], _FIELDS))
    shown = path if path in document.lines else path[:1]
    return _at(document, shown, explanation(error))


def _at(document: Document, path: YamlPath, message: str) -> Fault:
    return Fault(document.line_of(path), dotted(path), message)
