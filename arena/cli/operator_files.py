"""The files that an operator writes, as options of commands and in what they print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import typer

from arena.catalog.operator_files import OperatorFiles, load_operator_files
from arena.catalog.starter import starter_catalog
from arena.places import MODELS, places_in

__all__ = [
    "DEFAULT_MODELS",
    "SHOWN_MODELS",
    "CatalogFile",
    "ConfigFile",
    "OperatorFiles",
    "config_document",
    "config_lines",
    "load_operator_files",
]

ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="ARENA_CONFIG",
        help="The operator's words.  [default: arena.yaml beside the catalog]",
    ),
]


SHOWN_MODELS: Final = str(MODELS)
"""What the help of a command says of the default."""

CatalogFile: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--models",
        envvar="ARENA_MODELS",
        help="The catalog with the models.",
        show_default=SHOWN_MODELS,
    ),
]


def _default_models() -> Path:
    models = places_in(Path.cwd()).models
    return models if models.exists() else starter_catalog()


DEFAULT_MODELS: Final[Any] = _default_models
"""Looked up when a command runs without a catalog: it depends on the folder."""


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
