"""Runs a server on a free port, and ends it with all its children when standard input closes.

A script of the standard library alone, the parent of a server that knows nothing of the arena:

    python guard.py PROGRAM ARGUMENT...

adds `--port N` to the command, and tells N as JSON on standard output, as `arena engine` does. All
output of the server goes to standard error. SIGTERM is passed on. The guard ends as the server
does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NoReturn

GRACE_S: Final = 20.0
"""So long may the server take for its own end once nobody is there any more."""

NOT_STARTED: Final = 127
"""The exit code where the program cannot be started, as a shell has it."""


def main(argv: Sequence[str]) -> NoReturn:
    """Run the server to its end."""
    signal.signal(signal.SIGTERM, _end_group)
    port = free_port()
    try:
        server = subprocess.Popen(  # noqa: S603  # the arena's own command
            [*argv, "--port", str(port)], stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
    except OSError as error:
        sys.stderr.write(f"{argv[0]} cannot be started: {error.strerror}\n")
        sys.exit(NOT_STARTED)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    orphaned = threading.Event()
    threading.Thread(target=_end_with_input, args=(server, orphaned), daemon=True).start()
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    code = server.wait()
    if orphaned.is_set():
        _end_group()  # otherwise the arena does it
    _end_as(code)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _end_with_input(server: subprocess.Popen[bytes], orphaned: threading.Event) -> None:
    """End the server when the arena has died: it has no clients any more."""
    while sys.stdin.buffer.read(1):
        pass
    orphaned.set()
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(GRACE_S)
    _end_group()


def _end_group(*_: object) -> None:
    """Kill what is left of the server, its children and this process."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _end_as(code: int) -> NoReturn:
    """End with the server's exit code, or by the signal that killed it."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
