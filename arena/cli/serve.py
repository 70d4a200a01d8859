"""`arena serve`: the page and its models."""

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from arena.catalog import CatalogError, FaultyFiles, ModelCatalog, UnknownModelError
from arena.catalog.starter import begin_with_starter
from arena.cli.database import BAD_INPUT, FAILURE, refusals, stop
from arena.cli.listening import CannotListen, listening, port_of
from arena.cli.operator_files import OperatorFiles, load_operator_files
from arena.cli.start import Start
from arena.logs import configure_logging
from arena.places import places_in, users_places
from arena.settings import LogFormat, Settings, SettingsError, load_settings
from arena.web.http.open_files import raise_open_files

if TYPE_CHECKING:
    from arena.application import Application

_LIBRARIES = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # Gradio sums up its last 10,000 events in a data frame after every single one, for a page of
    # its own that we do not serve.
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
}
"""Settings of libraries, read when they are imported."""

_NEW_OBJECTS = 5_000
"""So many new objects start a garbage collection, seven times Python's own threshold."""


def serve(
    models: Annotated[
        Path | None, typer.Option(help="The catalog: a file, or the name of one.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="The operator's words.  [default: arena.yaml beside the catalog]"),
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Enable just these models: KEY,KEY.", metavar="KEYS")
    ] = None,
    database_url: Annotated[str | None, typer.Option(help="Where the votes go.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=0, max=65535)] = None,
    verbose: Annotated[bool, typer.Option(help="Log more.")] = False,
) -> None:
    """Serve the arena. Settings come from ARENA_* variables; these options win over them."""
    settings = _settings(
        models=models, config=config, database_url=database_url, host=host, port=port
    )
    configure_logging(
        verbose=verbose,
        as_json=settings.log_format is LogFormat.JSON,
        prompts=settings.log_prompts,
    )
    _begin(settings)
    files = _files(settings, only)
    for name, value in _LIBRARIES.items():
        os.environ.setdefault(name, value)

    raise_open_files()
    with ExitStack() as held:
        sockets = _alone_and_listening(held, settings)
        os.environ["GRADIO_TEMP_DIR"] = held.enter_context(_temporary_folder())
        application = _built(settings, files)
        _greet(settings, files.catalog, application, port_of(sockets))
        start = Start(application.states, _address(settings, port_of(sockets)))
        _run(settings, application, sockets, start)


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """Give Gradio a folder for this process alone (mode 0700) instead of its shared one.

    Without the handler a SIGTERM, which uvicorn passes on when it has shut down, would end the
    process at once and leave the folder.
    """
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with TemporaryDirectory(prefix="arena-", ignore_cleanup_errors=True) as folder:
        yield folder


def _settings(**flags: object) -> Settings:
    places = places_in(Path.cwd())
    defaults = {"models": places.models, "database_url": places.database_url}
    try:
        return load_settings(os.environ, defaults=defaults, **flags)
    except SettingsError as error:
        stop(str(error), BAD_INPUT)


def _begin(settings: Settings) -> None:
    """Give an arena in the user's folders a catalog, if it has none yet."""
    if settings.models != users_places().models:
        return
    try:
        if begin_with_starter(settings.models):
            typer.echo(f"New: {settings.models}, with two demo models; put yours there")
    except OSError as error:
        stop(f"{settings.models} cannot be written: {error.strerror}", FAILURE)


def _files(settings: Settings, only: str | None) -> OperatorFiles:
    try:
        files = load_operator_files(settings.models, settings.config)
        if only is not None:
            keys = [key.strip() for key in only.split(",") if key.strip()]
            files = replace(files, catalog=files.catalog.only(keys))
    except (FaultyFiles, CatalogError, UnknownModelError) as error:
        stop(str(error), BAD_INPUT)
    if len(files.catalog.enabled()) < 2:
        stop(f"{settings.models}: enable at least two models; a battle has two sides", BAD_INPUT)
    return files


def _alone_and_listening(held: ExitStack, settings: Settings) -> Sequence[socket]:
    """Take the address and the database for this process, before anything is started or written."""
    from arena.storage.opening import check_ledger_file
    from arena.storage.serving_lock import serving

    with refusals():
        check_ledger_file(settings.database_url, create=True)
    try:
        sockets = listening(settings.host, settings.port)
    except CannotListen as error:
        stop(str(error), FAILURE)
    for one in sockets:
        held.callback(one.close)
    with refusals():
        held.enter_context(serving(settings.database_url))
    return sockets


def _built(settings: Settings, files: OperatorFiles) -> "Application":
    # Imported here, with all of Gradio: who is refused has not waited for it.
    from arena.application import build_application
    from arena.inference.cpu_formats import with_cpu_formats

    catalog = with_cpu_formats(files.catalog, os.environ)
    try:
        with refusals():
            return build_application(settings, catalog, config=files.config)
    except SettingsError as error:
        stop(str(error), BAD_INPUT)


def _greet(
    settings: Settings, catalog: ModelCatalog, application: "Application", port: int | None
) -> None:
    names = ", ".join(row.name for row in catalog.enabled())
    typer.echo(f"Models: {names}  (from {_shown(settings.models)})")
    typer.echo(f"Votes: {_shown(settings.database_url.removeprefix('sqlite:///'))}")
    if application.new_admin_password:
        typer.echo(
            f"Admin password (shown this once): {application.new_admin_password}\n"
            "  change it with: arena admin set-password"
        )
    address = _address(settings, port)
    typer.echo(f"Arena: {address}  (models are loading; Ctrl+C ends it)")


def _shown(path: Path | str) -> str:
    """Return where a file is, however it was named."""
    return str(Path(path).absolute())


def _address(settings: Settings, port: int | None) -> str:
    return f"http://{settings.host_in_addresses}:{port}{settings.root_path}/"


def _spare_collections() -> None:
    """Exclude all objects made at startup from later garbage collections.

    Gradio alone makes some 400,000 objects. To look through them halts every page for a third of
    a second, about once in a hundred battles. Each page that is open adds thousands more: with
    Python's own thresholds a hundred battles are halted five times for nearly a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


def _run(
    settings: Settings, application: "Application", sockets: Sequence[socket], start: Start
) -> None:
    from arena.services.operations.thread_switching import shorten_switch_interval
    from arena.web.http.arena_server import ArenaServer
    from arena.web.http.listening import server_config

    config = server_config(application.app, host=settings.host, port=settings.port)
    server = ArenaServer(config, announce=start.announce, end_replies=application.end_replies)
    _spare_collections()
    shorten_switch_interval()
    try:
        server.run(sockets=list(sockets))
    except KeyboardInterrupt:
        typer.echo("Ended.")
    if not server.started:
        stop("the arena did not start: see above", FAILURE)
