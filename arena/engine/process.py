"""Runs an engine as a process: listens first, loads, drains on SIGTERM, ends with its parent."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from arena.catalog import ModelRow
from arena.domain.addresses import is_loopback
from arena.engine.hub import obtain
from arena.engine.loading.progress import logged, weights_reported
from arena.engine.protocol.server import create_app
from arena.engine.service import Assemble, Engine, Served

logger = logging.getLogger(__name__)

_SWITCH_S = 1e-4
"""The generating thread asks for the GIL after each tensor operation, and Python's default of 5 ms
lets the event loop keep it waiting: measured 15 % fewer tokens a second at 32 requests."""

_SPINS = "1000"
"""Turns that an idle OpenMP thread waits for work before it sleeps, some microseconds. The default
of milliseconds takes the core from whoever needs it: ten times slower, on a busy machine."""


class EngineUsageError(ValueError):
    """The command line asks for something unsafe or impossible."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to run. `port` 0 takes a free one; `threads` are torch's, on a CPU.

    `cache_bytes` is the most that the KV cache may take; None: what is free. Replies in
    hand have `drain_s` seconds to end after SIGTERM.
    """

    row: ModelRow
    host: str = "127.0.0.1"
    port: int = 0
    threads: int = 1
    token: str | None = field(default=None, repr=False)
    exit_with_stdin: bool = False
    cache_bytes: int | None = None
    drain_s: float = 20.0


def run_engine(options: EngineOptions) -> NoReturn:
    """Serve until SIGTERM or SIGINT, then end the process.

    Raises EngineUsageError, and OSError for a taken port.
    """
    if options.token is None:
        if not is_loopback(options.host):
            raise EngineUsageError("set ARENA_ENGINE_TOKEN to listen on more than loopback")
        logger.warning("no ARENA_ENGINE_TOKEN: everyone on this machine can use this engine")
    if options.exit_with_stdin:
        threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    # OpenMP reads this when torch is imported, which happens later, in a thread.
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    sys.setswitchinterval(_SWITCH_S)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family, backlog=1024)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(options, listener))
    except Exception:
        logger.exception("the engine fails")
        _exit(1)
    _exit(0)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvicorn's choice, uvloop where installed: 10 % less CPU per token at 32 requests."""
    return uvicorn.Config(app="", log_config=None).get_loop_factory()


async def _serve(options: EngineOptions, listener: socket.socket) -> None:
    def note(commit: str | None) -> None:
        engine.commit = commit

    engine = Engine(options.row, _assembler(options, on_commit=note))
    server = _Server(create_app(engine, token=options.token))
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    loading = asyncio.create_task(engine.load())
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)  # noqa: T201  (the protocol)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not loading.done():
        _exit(0)  # a load cannot be interrupted, and holds nothing that needs an end
    await engine.drain(options.drain_s)
    server.should_exit = True
    await serving
    await engine.close()


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: they would end the process before it has drained."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=1,
                timeout_keep_alive=75,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the engine."""
        yield


def _assembler(options: EngineOptions, *, on_commit: Callable[[str | None], None]) -> Assemble:
    def assemble(report: Callable[[str], None]) -> Served:
        progress = logged(report)
        copy = obtain(options.row, on_progress=progress)
        on_commit(copy.commit)
        progress("importing torch")
        # Imported here, in the loading thread: it takes seconds, and the engine listens already.
        from arena.engine import assembly

        with weights_reported(progress):
            served = assembly.assemble(
                copy.row,
                threads=options.threads,
                cache_bytes=options.cache_bytes,
                on_progress=progress,
            )
        # Torch and transformers make 400,000 objects. Every collection that looks through them
        # halts all replies for a third of a second.
        gc.collect()
        gc.freeze()
        return served

    return assemble


def _exit_at_end_of_input() -> None:
    """End the process when the parent has died or closed standard input: it has no reader then."""
    while sys.stdin.buffer.read(1):
        pass
    _exit(0)


def _exit(code: int) -> NoReturn:
    """End without Python's own ending, which takes torch a second and waits for any thread."""
    logging.shutdown()
    os._exit(code)
