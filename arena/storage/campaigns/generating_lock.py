"""One generation at a time in a database: two would ask every model everything twice."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.storage.database import UnusableLedger
from arena.storage.faults import explanation
from arena.storage.location import is_file, ledger_path
from arena.storage.postgres_server import GENERATOR
from arena.storage.private_files import PRIVATE, make_private
from arena.storage.server_locks import lock_held

_LONGEST_NOTE = 100
_REFUSED = "replies are being generated already ({}): wait for its end, or stop it"


def lock_path(url: str) -> Path:
    """Return the lock file of generations in a database."""
    real = ledger_path(url).resolve()
    return real.with_name(f"{real.name}.generating")


@contextmanager
def generating_alone(url: str) -> Iterator[None]:
    """Hold the lock while the block runs; it is released whenever the process ends.

    Raises:
        UnusableLedger: Another process holds it, or the server of the database is not there.
    """
    if not is_file(url):
        with lock_held(url, GENERATOR, _REFUSED.format("another process")):
            yield
        return
    with _file_lock(url):
        yield


@contextmanager
def _file_lock(url: str) -> Iterator[None]:
    path = lock_path(url)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        make_private(path)
    except OSError as error:
        raise UnusableLedger(explanation(error, path)) from error
    try:
        _take(descriptor)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, _LONGEST_NOTE, 0).decode(errors="replace").strip()
        raise UnusableLedger(_REFUSED.format(holder or "an unknown process")) from None
