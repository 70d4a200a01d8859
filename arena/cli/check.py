"""`arena check`: is models.yaml right, and what exactly will a model read?"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from arena.catalog import FaultyFiles, ModelCatalog, ModelRow, UnknownModelError
from arena.catalog.rules import is_commit
from arena.checkpoints.gguf_header import is_gguf
from arena.checkpoints.hub_cache import hub_cache, hub_copy
from arena.cli.database import BAD_INPUT, FAILURE, stop
from arena.cli.engine import quieten_hub
from arena.cli.engine_report import engine_hints, engine_warnings
from arena.cli.format_warnings import format_hints, format_warnings
from arena.cli.gguf_report import gguf_warnings
from arena.cli.gpu_report import gpu_warnings
from arena.cli.hub_report import fetch_ahead, hub_document, hub_lines, hub_report
from arena.cli.operator_files import (
    DEFAULT_MODELS,
    SHOWN_MODELS,
    ConfigFile,
    OperatorFiles,
    config_document,
    config_lines,
    load_operator_files,
)
from arena.cli.package_warnings import package_warnings
from arena.cli.placement_report import plan_document, plan_lines, planned
from arena.cli.shown_prompts import print_json, show_prompts
from arena.inference.cpu_formats import with_cpu_formats
from arena.inference.engine_questions import ENGINE_PROGRAM, NoAnswer
from arena.prompting import PromptFormatError

_COLUMNS: Final = ("key", "name", "backend", "enabled", "format", "context", "source")


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="The catalog to check: a file, or the name of one that comes along.",
            show_default=SHOWN_MODELS,
        ),
    ] = DEFAULT_MODELS,
    config: ConfigFile = None,
    show_prompt: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEY TEXT", help="Print what this model would read for this text."),
    ] = None,
    follow_up: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT", help="With --show-prompt: say this next, instead of TEXT again."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the hub for sizes, and whether they can be had.")
    ] = False,
    download: Annotated[
        bool, typer.Option("--download", help="Download the enabled models of the hub now.")
    ] = False,
) -> None:
    """Check models.yaml and arena.yaml: every fault with its line and key, or what there is."""
    try:
        files = load_operator_files(file, config)
    except FaultyFiles as error:
        refuse_files(file, error, as_json=as_json)
    catalog = files.catalog
    if show_prompt is None:
        if follow_up:
            stop("--follow-up goes with --show-prompt KEY TEXT", BAD_INPUT)
        if online or download:
            quieten_hub()
        whole = not download or fetch_ahead(catalog, partial(typer.echo, err=True))
        _print_found(files, as_json=as_json, online=online)
        if not whole:
            raise typer.Exit(FAILURE)
        return
    key, text = show_prompt
    try:
        row = catalog.get(key)
    except UnknownModelError as error:
        stop(str(error), BAD_INPUT)
    try:
        show_prompts(
            row, file, (text, *(follow_up or [text])), as_json=as_json, engine=ENGINE_PROGRAM
        )
    except PromptFormatError as error:
        stop(str(error), BAD_INPUT)
    except NoAnswer as failure:
        stop(str(failure), FAILURE)


def warnings(catalog: ModelCatalog, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is no fault of the file but keeps battles from happening, or answers worse."""
    enabled = catalog.enabled()
    if len(enabled) < 2:
        yield f"a battle needs two enabled models, and this file has {len(enabled)}"
    for row in enabled:
        for warning in _row_warnings(row, environment):
            yield f"models.{row.key}.{warning}"


def _row_warnings(row: ModelRow, environment: Mapping[str, str]) -> Iterator[str]:
    if row.api_key_env and not environment.get(row.api_key_env):
        yield f"api_key_env: the environment variable {row.api_key_env} is not set"
    if row.backend == "local":
        yield from _source_warnings(row, environment)
        yield from format_warnings(row, environment)
        yield from package_warnings(row, environment)


def hints(catalog: ModelCatalog, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is worth a look and mostly right."""
    for row in catalog.enabled():
        for hint in format_hints(row, environment):
            yield f"models.{row.key}.{hint}"


def _format_choices(stated: ModelCatalog, settled: ModelCatalog) -> Iterator[str]:
    """Yield what `dtype: auto` means on this machine, where that is not float32."""
    for row, chosen in zip(stated.enabled(), settled.enabled(), strict=True):
        if row.dtype != chosen.dtype:
            yield (
                f"models.{row.key}.dtype: auto is {chosen.dtype} on this CPU, which was measured; "
                f"write {chosen.dtype} to have the same on every machine"
            )


def _source_warnings(row: ModelRow, environment: Mapping[str, str]) -> Iterator[str]:
    source = Path(row.resolved_source())
    if is_gguf(source):
        yield from gguf_warnings(row)
    elif source.is_absolute():
        if not source.is_dir():
            yield f"source: there is no checkpoint in {source}"
    elif not is_commit(row.revision):
        here = hub_copy(row, hub_cache(environment)).commit
        known = f" (here is {here})" if here else ""
        yield f"revision: {row.revision or 'main'} can change; pin a commit to be repeatable{known}"


def refuse_files(file: Path, refused: FaultyFiles, *, as_json: bool) -> NoReturn:
    """End the command with every fault on stderr; with `as_json` also on stdout, as values."""
    if as_json:
        faults = [
            {"file": str(error.path), **asdict(fault)}
            for error in refused.errors
            for fault in error.faults
        ]
        print_json({"file": str(file), "faults": faults})
    stop(str(refused), BAD_INPUT)


def _print_found(files: OperatorFiles, *, as_json: bool, online: bool) -> None:
    catalog = with_cpu_formats(files.catalog, os.environ, measure=lambda _: None)
    plan = planned(catalog, os.environ, ENGINE_PROGRAM)
    found = [
        *warnings(catalog, os.environ),
        *engine_warnings(catalog, os.environ),
        *gpu_warnings(catalog, plan, os.environ, ENGINE_PROGRAM),
    ]
    advice = [
        *hints(catalog, os.environ),
        *engine_hints(catalog, plan),
        *_format_choices(files.catalog, catalog),
    ]
    hub = hub_report(catalog, os.environ, online=online)
    if as_json:
        models = [
            {**row.configuration(), "key": row.key, "name": row.name, "enabled": row.enabled}
            for row in catalog.models
        ]
        document = {
            "models": models,
            "arena": config_document(files),
            "plan": plan_document(plan),
            "hub": hub_document(hub),
        }
        said = {"warnings": found, "hints": advice, "faults": []}
        print_json({"file": str(catalog.path), **document, **said})
        return
    for line in table([_COLUMNS, *(_cells(row) for row in catalog.models)]):
        typer.echo(line)
    for line in (*plan_lines(plan), *hub_lines(hub), *config_lines(files)):
        typer.echo(line)
    for warning in found:
        typer.echo(f"warning: {warning}", err=True)
    for hint in advice:
        typer.echo(f"hint: {hint}", err=True)


def _cells(row: ModelRow) -> tuple[str, ...]:
    source = row.source or f"{row.model} at {row.base_url}" if row.backend != "scripted" else "-"
    return (
        row.key,
        row.name,
        "vllm" if row.engine == "vllm" else row.backend,
        "yes" if row.enabled else "no",
        row.prompt_format if row.backend == "local" else "-",
        str(row.max_context or "-"),
        source,
    )


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows as lines of left-aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
