"""`arena check`: is models.yaml right, and what exactly will a model read?"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from arena.catalog import CatalogError, ModelCatalog, ModelRow, UnknownModelError, load_catalog
from arena.cli.engine import quieten_hub
from arena.cli.gpu_report import gpu_warnings
from arena.cli.hub_report import fetch_ahead, hub_document, hub_lines, hub_report
from arena.cli.placement_report import plan_document, plan_lines, planned
from arena.domain.conversation import Message, Role
from arena.inference.pool_building import environment_of
from arena.prompting import (
    AUTO,
    PromptFormatError,
    choose_format,
    render,
    validate_template,
)

BAD_INPUT: Final = 2
FAILURE: Final = 1

ENGINE_COMMAND: tuple[str, ...] = (sys.executable, "-m", "arena", "engine")
"""Knows the tokenizers; a process of its own, since it imports torch."""

PINNED: Final = re.compile(r"[0-9a-f]{40}")

_COLUMNS: Final = ("key", "name", "backend", "enabled", "format", "context", "source")


class EngineFailure(Exception):
    """The engine could not describe a model; its own words."""


def check(
    file: Annotated[Path, typer.Argument(help="The catalogue to check.")] = Path("models.yaml"),
    show_prompt: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KEY TEXT", help="Print what this model would read for this text."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the hub for sizes, and whether they can be had.")
    ] = False,
    download: Annotated[
        bool, typer.Option("--download", help="Download the enabled models of the hub now.")
    ] = False,
) -> None:
    """Check models.yaml: every fault with its line and key, or the table of models."""
    try:
        catalog = load_catalog(file)
    except CatalogError as error:
        _refuse(error, as_json=as_json)
    if show_prompt is None:
        if online or download:
            quieten_hub()
        whole = not download or fetch_ahead(catalog, partial(typer.echo, err=True))
        _print_models(catalog, as_json=as_json, online=online)
        if not whole:
            raise typer.Exit(FAILURE)
        return
    key, text = show_prompt
    try:
        row = catalog.get(key)
    except UnknownModelError as error:
        _stop(str(error), BAD_INPUT)
    _print_prompt(row, file, text, as_json=as_json)


def warnings(catalog: ModelCatalog, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is not a fault of the file but will keep a battle from happening."""
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
        yield from _source_warnings(row)
    file = row.prompt_format_file()
    if file is not None:
        try:
            validate_template(choose_format(row.prompt_format, file=file), bos="<s>", eos="</s>")
        except PromptFormatError as error:
            yield f"prompt_format: {error}"


def _source_warnings(row: ModelRow) -> Iterator[str]:
    source = Path(row.resolved_source())
    if source.is_absolute():
        if not source.is_dir():
            yield f"source: there is no checkpoint in {source}"
    elif not PINNED.fullmatch(row.revision or ""):
        yield f"revision: {row.revision or 'main'} can change; pin a commit to be repeatable"


def _refuse(error: CatalogError, *, as_json: bool) -> NoReturn:
    if as_json:
        faults = [{"line": f.line, "key": f.key, "message": f.message} for f in error.faults]
        _print_json({"file": str(error.path), "faults": faults})
    _stop(str(error), BAD_INPUT)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _print_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_models(catalog: ModelCatalog, *, as_json: bool, online: bool) -> None:
    plan = planned(catalog, os.environ, ENGINE_COMMAND)
    found = [
        *warnings(catalog, os.environ),
        *gpu_warnings(catalog, plan, os.environ, ENGINE_COMMAND),
    ]
    hub = hub_report(catalog, os.environ, online=online)
    if as_json:
        models = [
            {**row.configuration(), "key": row.key, "name": row.name, "enabled": row.enabled}
            for row in catalog.models
        ]
        document = {"models": models, "plan": plan_document(plan), "hub": hub_document(hub)}
        said = {"warnings": found, "faults": []}
        _print_json({"file": str(catalog.path), **document, **said})
        return
    for line in table([_COLUMNS, *(_cells(row) for row in catalog.models)]):
        typer.echo(line)
    for line in (*plan_lines(plan), *hub_lines(hub)):
        typer.echo(line)
    for warning in found:
        typer.echo(f"warning: {warning}", err=True)


def _cells(row: ModelRow) -> tuple[str, ...]:
    source = row.source or f"{row.model} at {row.base_url}" if row.backend != "scripted" else "-"
    return (
        row.key,
        row.name,
        row.backend,
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


def _print_prompt(row: ModelRow, file: Path, text: str, *, as_json: bool) -> None:
    if row.backend != "local":
        _print_messages(row, text, as_json=as_json)
        return
    try:
        description = _described(row, file, text)
    except EngineFailure as failure:
        if not as_json:
            _print_without_tokens(row, text)
        _stop(str(failure), FAILURE)
    if as_json:
        _print_json(description)
        return
    typer.echo(description["rendered"])
    typer.echo(f"\n{len(description['tokens'])} tokens:")
    for token, shown in zip(description["tokens"], description["token_texts"], strict=True):
        typer.echo(f"{token:>8}  {shown!r}")


def _described(row: ModelRow, file: Path, text: str) -> dict[str, Any]:
    question = ["--describe", row.key, "--models", str(file), "--json", "--text", text]
    engine = subprocess.run(  # noqa: S603  # our own command; the text is one argument
        [*ENGINE_COMMAND, *question],
        capture_output=True,
        text=True,
        check=False,
        env=environment_of(row, os.environ),
    )
    if engine.returncode:
        raise EngineFailure(engine.stderr.rstrip() or "the engine failed and said nothing")
    try:
        description: dict[str, Any] = json.loads(engine.stdout)
    except json.JSONDecodeError as error:
        raise EngineFailure(f"the engine's answer is not JSON: {engine.stdout!r}") from error
    return description


def _print_without_tokens(row: ModelRow, text: str) -> None:
    """Show the text as far as it is known without the tokenizer, which `auto` needs."""
    if row.prompt_format == AUTO:
        return
    try:
        prompt_format = choose_format(row.prompt_format, file=row.prompt_format_file())
        message = Message(Role.USER, text)
        prompt = render(prompt_format, [message], system_prompt=row.system_prompt)
    except PromptFormatError as error:
        _stop(str(error), BAD_INPUT)
    typer.echo(prompt.text)
    typer.echo("\nThe tokens are not known, because the engine failed:", err=True)


def _print_messages(row: ModelRow, text: str, *, as_json: bool) -> None:
    messages = [{"role": str(Role.USER), "content": text}]
    if row.system_prompt:
        messages.insert(0, {"role": str(Role.SYSTEM), "content": row.system_prompt})
    if as_json:
        _print_json({"messages": messages})
        return
    typer.echo("The model's server renders the prompt itself. It is sent these messages:")
    for message in messages:
        typer.echo(f"{message['role']}: {message['content']}")
