"""The engine processes of a served arena: found, slowed down and killed from outside."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType

import psutil

from tests.e2e.serving import ServedArena

_RUN_S = 0.004


def engines_of(arena: ServedArena) -> Mapping[str, psutil.Process]:
    """The engine that runs now for each model, by the model's key."""
    found = {}
    for process in psutil.Process(arena.pid).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            line = process.cmdline()
            if "--key" in line:
                found[line[line.index("--key") + 1]] = process
    return found


class Brake:
    """Lets processes run for a few milliseconds at a time, so that a short answer lasts.

    A killed process is no trouble; what lives runs freely again at the end.
    """

    def __init__(self, processes: Iterable[psutil.Process], *, rest_s: float) -> None:
        self._processes = tuple(processes)
        self._rest_s = rest_s
        self._off = Event()
        self._thread = Thread(target=self._slow_down, name="brake")

    def __enter__(self) -> "Brake":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: object, _trace: TracebackType | None
    ) -> None:
        self._off.set()
        self._thread.join()

    def _slow_down(self) -> None:
        while not self._off.wait(_RUN_S):
            self._each("suspend")
            self._off.wait(self._rest_s)
            self._each("resume")
        self._each("resume")

    def _each(self, action: str) -> None:
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                getattr(process, action)()
