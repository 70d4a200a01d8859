"""The files that an operator writes, read together: models.yaml and arena.yaml."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer

from arena.catalog import (
    ArenaConfig,
    CatalogError,
    FaultyFiles,
    ModelCatalog,
    find_arena_config,
    load_catalog,
)
from arena.catalog.arena_file import arena_file

T = TypeVar("T")

ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="ARENA_CONFIG",
        help="The operator's words.  [default: arena.yaml beside the catalog]",
    ),
]


@dataclass(frozen=True, slots=True)
class OperatorFiles:
    """What the files say. `config_path` is None where there is no `arena.yaml`."""

    catalog: ModelCatalog
    config: ArenaConfig
    config_path: Path | None


def load_operator_files(models: Path, config: Path | None) -> OperatorFiles:
    """Read a catalog and its `arena.yaml`, the one beside it unless another one is given.

    Raises:
        FaultyFiles: With everything that is wrong in either.
    """
    errors: list[CatalogError] = []
    catalog = _noting(errors, lambda: load_catalog(models))
    words = _noting(errors, lambda: find_arena_config(models, config))
    if catalog is None or words is None:
        raise FaultyFiles(tuple(errors))
    return OperatorFiles(catalog, words, arena_file(models, config))


def _noting(errors: list[CatalogError], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except CatalogError as error:
        errors.append(error)
        return None


def config_lines(files: OperatorFiles) -> Iterator[str]:
    """Yield what `arena.yaml` sets, in one line; nothing where there is none."""
    config = files.config
    if files.config_path is None:
        return
    title = config.text("title")
    facts = [title.text_for(()) if title else "no title"]
    facts += [f"{name} given" for name in ("welcome", "guidelines", "contact") if config.text(name)]
    facts.append(f"{len(config.categories)} categories")
    if config.examples is not None:
        facts.append(f"{len(config.examples)} examples")
    if config.reveal is not None:
        facts.append(f"reveal {config.reveal}")
    yield f"{files.config_path}: {', '.join(facts)}"


def config_document(files: OperatorFiles) -> dict[str, object] | None:
    """Return what `arena.yaml` sets, as JSON-able values by key; None where there is none."""
    if files.config_path is None:
        return None
    values = files.config.model_dump(mode="json")
    given = {key: value for key, value in values.items() if value is not None}
    return {"file": str(files.config_path), **given}
