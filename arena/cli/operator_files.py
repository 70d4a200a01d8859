"""The files that an operator writes, as options of commands and in what they print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from arena.catalog.operator_files import OperatorFiles, load_operator_files

__all__ = [
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
