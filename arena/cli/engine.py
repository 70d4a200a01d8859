"""`arena engine`: one local model as an OpenAI-compatible server, or a description of it."""

import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from arena.catalog import CatalogError, ModelRow, UnknownModelError, load_catalog
from arena.catalog.fields import device_choice
from arena.child_environment import ENGINE_TOKEN
from arena.cli.database import BAD_INPUT, FAILURE, stop
from arena.cli.operator_files import DEFAULT_MODELS, SHOWN_MODELS

_CHATTY = ("ContinuousBatchingLogger", "httpx2")
_HUB_LIBRARY = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_VERBOSITY": "error"}
"""Read by huggingface_hub at its import; its warnings hold signed addresses of the storage."""

Models = Annotated[
    Path, typer.Option("--models", help="The catalog file.", show_default=SHOWN_MODELS)
]
Key = Annotated[str | None, typer.Option("--key", help="Which of its models to serve.")]
Describe = Annotated[
    str | None, typer.Option("--describe", metavar="KEY", help="Describe this model and end.")
]
Texts = Annotated[
    list[str] | None,
    typer.Option("--text", help="With --describe: show it as tokens; again for further turns."),
]
AsJson = Annotated[bool, typer.Option("--json", help="With --describe: print a JSON document.")]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", help="Port to listen on; 0 takes a free one.")]
Threads = Annotated[int | None, typer.Option("--threads", help="Threads of torch on a CPU.", min=1)]
ExitWithStdin = Annotated[
    bool, typer.Option("--exit-with-stdin", help="End when standard input is closed.")
]

RowOnStdin = Annotated[
    bool,
    typer.Option(
        "--row-on-stdin", help="Instead of --models: the row is the first line of standard input."
    ),
]
Gpus = Annotated[
    bool, typer.Option("--gpus", help="Tell in JSON what PyTorch sees of the GPUs, and end.")
]
Devices = Annotated[
    str | None,
    typer.Option("--devices", help="Instead of the row's own: auto, cpu, or numbers: 0,1."),
]
CacheBytes = Annotated[
    int | None, typer.Option("--cache-bytes", help="Most bytes of KV cache.", min=1)
]


def engine(
    models: Models = DEFAULT_MODELS,
    key: Key = None,
    describe: Describe = None,
    text: Texts = None,
    as_json: AsJson = False,
    host: Host = "127.0.0.1",
    port: Port = 0,
    threads: Threads = None,
    exit_with_stdin: ExitWithStdin = False,
    row_on_stdin: RowOnStdin = False,
    gpus: Gpus = False,
    devices: Devices = None,
    cache_bytes: CacheBytes = None,
) -> None:
    """Serve one local model over HTTP; its port comes on standard output as one JSON line.

    Clients send the token of ARENA_ENGINE_TOKEN. Started by `arena serve`; rarely by hand.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    quieten_hub()
    find = _handed_row if row_on_stdin else partial(_row, models)
    if gpus:
        _tell_gpus()
    elif describe is not None:
        _describe(find(describe), text or (), as_json=as_json)
    elif key is not None:
        _serve(
            _on_devices(find(key), devices),
            host=host,
            port=port,
            threads=threads or os.cpu_count() or 1,
            exit_with_stdin=exit_with_stdin,
            cache_bytes=cache_bytes,
        )
    else:
        stop("name a model: --key KEY, or --describe KEY; or ask for --gpus", BAD_INPUT)


def quieten_hub() -> None:
    """Switch telemetry and noise of huggingface_hub off, before it is imported."""
    for variable, value in _HUB_LIBRARY.items():
        os.environ.setdefault(variable, value)


def _serve(
    row: ModelRow,
    *,
    host: str,
    port: int,
    threads: int,
    exit_with_stdin: bool,
    cache_bytes: int | None,
) -> None:
    from arena.engine.process import EngineOptions, EngineUsageError, run_engine

    if row.engine != "arena":
        stop(f"{row.key} has engine {row.engine}, which arena serve starts", BAD_INPUT)
    options = EngineOptions(
        row=row,
        host=host,
        port=port,
        threads=threads,
        token=os.environ.get(ENGINE_TOKEN) or None,
        exit_with_stdin=exit_with_stdin,
        cache_bytes=cache_bytes,
    )
    try:
        run_engine(options)
    except EngineUsageError as error:
        stop(str(error), BAD_INPUT)
    except OSError as error:
        stop(f"cannot listen on {host}:{port}: {error}", FAILURE)


def _describe(row: ModelRow, texts: Sequence[str], *, as_json: bool) -> None:
    from arena.engine.describe import describe as description
    from arena.engine.hub import DownloadFailed, obtain
    from arena.engine.loading.failures import LoadingFailed
    from arena.prompting import PromptFormatError

    try:
        document = description(obtain(row, on_progress=_told, weights=False).row, texts)
    except (DownloadFailed, LoadingFailed, PromptFormatError) as error:
        stop(str(error), FAILURE)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        for name, value in document.items():
            typer.echo(f"{name}: {value}")


def _tell_gpus() -> None:
    from arena.engine.loading.gpus import gpu_facts

    typer.echo(json.dumps(asdict(gpu_facts())))


def _told(progress: str) -> None:
    logging.getLogger(__name__).debug("%s", progress)


def _row(models: Path, key: str) -> ModelRow:
    try:
        row = load_catalog(models).get(key)
    except (CatalogError, UnknownModelError) as error:
        stop(str(error), BAD_INPUT)
    return _local(row)


def _handed_row(key: str) -> ModelRow:
    """Read the row that our parent checked; what follows on standard input is its end."""
    try:
        row = ModelRow.model_validate_json(sys.stdin.buffer.readline())
    except ValidationError as error:
        stop(f"the row on standard input cannot be read: {error}", BAD_INPUT)
    if row.key != key:
        stop(f"the row on standard input is that of {row.key}, not of {key}", BAD_INPUT)
    return _local(row)


def _local(row: ModelRow) -> ModelRow:
    if row.backend != "local":
        stop(f"{row.key} has backend {row.backend}: only local models have an engine", BAD_INPUT)
    return row


def _on_devices(row: ModelRow, devices: str | None) -> ModelRow:
    if devices is None:
        return row
    numbers = devices.split(",") if devices not in {"auto", "cpu"} else []
    try:
        choice = device_choice([int(number) for number in numbers] if numbers else devices)
    except ValueError:
        stop(f"--devices {devices}: write auto, cpu, or GPU numbers such as 0,1", BAD_INPUT)
    return row.model_copy(update={"devices": choice})
