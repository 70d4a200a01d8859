"""The real application in a thread of the test process, so that a test can look inside."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from threading import Event, Thread
from types import AsyncGeneratorType
from typing import Any

import psutil
import pytest
import uvicorn
from gradio.routes import App
from starlette.routing import Mount

from arena.application import build_application
from arena.catalog import load_catalog
from arena.settings import load_settings
from arena.web.http.listening import server_config
from arena.web.server import WebApp
from tests.e2e.serving import ADMIN_PASSWORD, ROOM, free_port

DATABASE_FILE = "arena.sqlite3"

_NO_STATISTICS = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
}
"""As `arena serve` sets them."""


class _Server(uvicorn.Server):
    """Tells when it listens, also that it never will."""

    def __init__(self, config: uvicorn.Config, tried: Event) -> None:
        super().__init__(config)
        self._tried = tried

    async def startup(self, sockets: list[socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self._tried.set()


class InProcess:
    """A running application, and what its memory holds.

    It is built on its own event loop: without one, Gradio makes some that nobody closes.
    """

    app: WebApp
    _loop: asyncio.AbstractEventLoop
    _server: uvicorn.Server

    def __init__(self, build: Callable[[], WebApp]) -> None:
        self._build = build
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="arena")
        self._tried = Event()

    def start(self) -> None:
        """Return when the page answers."""
        self._thread.start()
        assert self._tried.wait(60)
        assert self._server.started

    def stop(self) -> None:
        """Shut down as on Ctrl+C."""
        self._server.should_exit = True
        self._thread.join()

    def in_loop(self, function: Callable[[], Any]) -> Any:
        """Call a function on the server's event loop and return its result."""

        async def call() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(60)

    def pages(self) -> Iterator[App]:
        """Gradio's applications."""
        for route in self.app.routes:
            if isinstance(route, Mount) and isinstance(route.app, App):
                yield route.app

    def database_files(self) -> int:
        """Open files of the database: SQLite keeps those of closed connections for the next."""
        return sum(
            Path(file.path).name.startswith(DATABASE_FILE) for file in psutil.Process().open_files()
        )

    def census(self) -> dict[str, int]:
        """How much there is of everything that battles could leave behind, by name.

        Files of the database are left out, see `database_files`.
        """
        gc.collect()
        return {
            "open files": psutil.Process().num_fds() - self.database_files(),
            **self.at_work(),
            **_arena_objects(),
        }

    def at_work(self) -> dict[str, int]:
        """The part of the census that costs nothing: tasks, and what Gradio keeps."""
        return {
            **self.in_loop(_tasks),
            **self.in_loop(lambda: _kept_by_gradio(self.pages())),
        }

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.app = self._build()
        config = server_config(self.app, host="127.0.0.1", port=self._port)
        self._server = _Server(config, self._tried)
        await self._server.serve()


@contextmanager
def in_process(folder: Path, catalog: str, **settings: str) -> Iterator[InProcess]:
    """A running application with a catalog and a database of its own."""
    models = folder / "models.yaml"
    models.write_text(catalog, encoding="utf-8")
    environment = {
        "ARENA_DATABASE_URL": f"sqlite:///{folder / DATABASE_FILE}",
        "ARENA_MODELS": str(models),
        "ARENA_ADMIN_PASSWORD": ADMIN_PASSWORD,
        **ROOM,
        **settings,
    }
    read = load_settings(environment)
    running = InProcess(lambda: build_application(read, load_catalog(read.models)).app)
    with pytest.MonkeyPatch.context() as process:
        for name, value in _NO_STATISTICS.items():
            process.setenv(name, value)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def _tasks() -> dict[str, int]:
    names = Counter(
        getattr(task.get_coro(), "__qualname__", "task") for task in asyncio.all_tasks()
    )
    return {f"task {name}": count for name, count in names.items()}


def _kept_by_gradio(pages: Iterator[App]) -> dict[str, int]:
    kept: Counter[str] = Counter()
    for page in pages:
        queue = page.get_blocks()._queue
        kept += Counter(
            {
                "pages": len(page.state_holder.session_data),
                "times of pages": len(page.state_holder.time_last_used),
                "generators": len(page.iterators),
                "generators to reset": len(page.iterators_to_reset),
                "streams": len(page.get_blocks().pending_streams),
                "sessions with messages": len(queue.pending_messages_per_session),
                "sessions with events": len(queue.pending_event_ids_session),
                "events": len(queue.event_ids_to_events),
                "queued events": len(queue),
                "running events": sum(job is not None for job in queue.active_jobs),
                "tasks of the queue": len(queue._asyncio_tasks),
            }
        )
    return dict(kept)


def _arena_objects() -> dict[str, int]:
    """Objects of the arena's own classes, and its generators that have not ended."""
    objects = gc.get_objects()
    kinds = Counter(type(one) for one in objects)
    # By type: isinstance asks objects for their class, and torch has one that warns when asked.
    streams = Counter(one.__qualname__ for one in objects if type(one) is AsyncGeneratorType)
    return {f"generator {name}": count for name, count in streams.items()} | {
        f"{kind.__module__}.{kind.__qualname__}": count
        for kind, count in kinds.items()
        if str(kind.__module__).startswith("arena.")
    }
