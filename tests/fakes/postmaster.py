"""The processes of a PostgreSQL server: started unprivileged in a folder, and crashed at will."""

import ctypes
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from pwd import getpwnam

PROGRAMS = "ARENA_TEST_POSTGRES"
_DEBIAN = Path("/usr/lib/postgresql")
_DIES_WITH_PARENT = 1


class NoServer(Exception):
    """Why there is no PostgreSQL here, and how to get it."""


class Postmaster:
    """A server with its data and its socket in a folder; nothing listens on a port.

    Raises `NoServer`, in every method.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self._settings = settings
        self._programs = _programs()
        self._account = _account()
        self._running: subprocess.Popen[bytes] | None = None
        self._initialize()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        command = [self._program("postgres"), "-D", str(self.folder / "data")]
        command += ["-k", str(self.folder)]
        command += [f"-c{name}={value}" for name, value in self._settings.items()]
        log = self.folder / "log"
        with log.open("ab") as written:
            self._running = subprocess.Popen(
                command,
                stdout=written,
                stderr=written,
                user=self._account,
                group=self._account,
                cwd=self.folder,
                preexec_fn=_die_with_parent,
            )
        ready = [self._program("pg_isready"), "-q", "-h", str(self.folder)]
        while subprocess.run(ready, check=False).returncode != 0:
            if _ended(self._running, within_s=0.05):
                raise NoServer(f"PostgreSQL does not start: {log.read_text()}")

    def crash(self) -> None:
        """End all processes in the middle of whatever they do, if the server runs."""
        if self._running is not None:
            self._running.send_signal(signal.SIGQUIT)
            self._running.wait()
        self._running = None

    def _initialize(self) -> None:
        if self._account is not None:
            owner = getpwnam(self._account)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        made: Sequence[str] = (
            *(self._program("initdb"), "--pgdata", str(self.folder / "data")),
            *("--username=arena", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
        )
        subprocess.run(
            made,
            check=True,
            capture_output=True,
            user=self._account,
            group=self._account,
            cwd=self.folder,
        )

    def _program(self, name: str) -> str:
        return str(self._programs / name)


def _programs() -> Path:
    """Return the folder of the newest server's programs."""
    named = os.environ.get(PROGRAMS)
    found = [Path(named)] if named else sorted(_DEBIAN.glob("*/bin"), key=_version, reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer(
        "PostgreSQL is not installed: `apt-get install postgresql`, or set "
        f"{PROGRAMS} to the folder of its programs"
    )


def _version(folder: Path) -> list[int]:
    return list(map(int, re.findall(r"\d+", folder.parent.name)))


def _account() -> str | None:
    """Return whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            getpwnam(name)
        except KeyError:
            continue
        return name
    raise NoServer("PostgreSQL does not run as root, and there is no account `postgres` here")


def _ended(process: subprocess.Popen[bytes], *, within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGQUIT)
