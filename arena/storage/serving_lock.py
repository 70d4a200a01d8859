"""Who serves a database: a file one `arena serve`, a server of databases as many as share it."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

from arena.storage.database import UnusableLedger
from arena.storage.faults import explanation
from arena.storage.location import is_file, ledger_path, place_of
from arena.storage.postgres_server import SERVER
from arena.storage.private_files import PRIVATE, make_private
from arena.storage.server_locks import lock_held

_LONGEST_NOTE = 300
_REFUSED = (
    "another arena serves {} already ({}): stop that one, or give this one a database of its own "
    "with --database-url"
)


def lock_path(url: str) -> Path:
    """Return the lock file of a database, beside the real file that links and dots lead to."""
    real = ledger_path(url).resolve()
    return real.with_name(f"{real.name}.lock")


_BUSY = (
    "{} is copied or restored right now, perhaps on another machine: start this arena when that "
    "has ended"
)


@contextmanager
def serving(url: str) -> Iterator[None]:
    """Hold the lock of a database that is served: a file alone, one on a server with others.

    Raises:
        UnusableLedger: As `serving_alone` does.
    """
    if is_file(url):
        held = _file_lock(url)
    else:
        held = lock_held(url, SERVER, _BUSY.format(place_of(url)), shared=True)
    with held:
        yield


@contextmanager
def serving_alone(url: str) -> Iterator[None]:
    """Hold the lock of a database that nobody may serve meanwhile.

    The kernel or the server releases it when the process ends, however that happens; a file stays.

    Raises:
        UnusableLedger: Another process holds it, or the file has a second name: SQLite keeps its
            log by name, so that two names of one file lose votes.
    """
    if not is_file(url):
        with lock_held(url, SERVER, _REFUSED.format(place_of(url), "perhaps on another machine")):
            yield
        return
    with _file_lock(url):
        yield


@contextmanager
def _file_lock(url: str) -> Iterator[None]:
    path = ledger_path(url).resolve()
    _require_one_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _opened(lock_path(url))
    except OSError as error:
        raise UnusableLedger(f"{path} cannot be locked: {explanation(error, path)}") from error
    try:
        _take(descriptor, path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _opened(lock: Path) -> int:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    make_private(lock)
    return descriptor


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, _LONGEST_NOTE, 0).decode(errors="replace").strip()
        raise UnusableLedger(_REFUSED.format(path, holder or "an unknown process")) from None
    except OSError as error:
        raise UnusableLedger(
            f"{path} cannot be locked, so that a second server could not be kept out: put it on "
            f"a disk of this machine ({error})"
        ) from error


def _require_one_name(path: Path) -> None:
    try:
        found = path.stat()
    except OSError:
        return
    names = found.st_nlink
    if stat.S_ISREG(found.st_mode) and names > 1:
        raise UnusableLedger(
            f"{path} has {names} names (hard links), and SQLite loses votes when a file is used "
            "under two names: remove the others, or serve a copy"
        )
