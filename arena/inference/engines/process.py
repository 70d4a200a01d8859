"""One run of one engine process: spawn it, learn its port, check its health, end it."""

import asyncio
import json
import logging
import os
import re
import secrets
import signal
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from arena.catalog import ModelRow
from arena.inference.placement.machine import resident_bytes

logger = logging.getLogger(__name__)

_KEPT_LINES = 20
_LOOK_S = 0.1
"""So often an engine is looked at whether it has ended."""


class EngineFailed(Exception):
    """An engine did not start, died, or reports that it cannot answer."""


class EngineNeedsOperator(EngineFailed):
    """The engine says that the operator has to fix something before it can start."""


class EngineUnloadable(EngineFailed):
    """The engine says that its model cannot be loaded as the arena was started."""


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where a running engine listens, and the token that it demands."""

    port: int
    token: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Base of the engine's URLs, without a path."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What `/health` says. `detail` is the progress while loading, the reason when failed.

    `permanent`: after a failure, the operator has to fix something before the next start; `final`:
    that is impossible while the arena runs.
    """

    status: str
    detail: str = ""
    permanent: bool = False
    final: bool = False
    commit: str | None = None
    active: int = 0
    gpu_bytes: int | None = None


class EngineProcess:
    """A running engine process. Whoever spawns one calls `stop`."""

    def __init__(self, process: Process, label: str, token: str) -> None:
        self._process = process
        self._label = label
        self._token = token
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._pumps = [asyncio.create_task(self._pump(process.stderr))]

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send_row(self, row: ModelRow | None) -> None:
        """Give the engine its row, without waiting until it reads: one that has died never does."""
        if row is not None and self._process.stdin is not None:
            self._process.stdin.write(row.model_dump_json().encode() + b"\n")

    async def address(self, within_s: float) -> EngineAddress:
        """Wait for the one line that names the port; raise `EngineFailed` when none comes."""
        assert self._process.stdout is not None  # noqa: S101  (opened as a pipe below)
        try:
            async with asyncio.timeout(within_s):
                line = await self._process.stdout.readline()
            port = int(json.loads(line)["port"])
        except TimeoutError as error:
            raise EngineFailed(f"did not listen within {within_s:.0f} s") from error
        except (ValueError, KeyError, TypeError) as error:
            raise self.fault(f"did not start. {await self.last_output()}") from error
        self._pumps.append(asyncio.create_task(self._pump(self._process.stdout)))
        return EngineAddress(port, self._token)

    async def health(self, client: httpx.AsyncClient, address: EngineAddress) -> EngineHealth:
        """Return the engine's health; raise `EngineFailed` when it does not answer."""
        return await ask_health(client, address)

    def ram_bytes(self) -> int | None:
        """Return the main memory that the engine holds; None where that is not known."""
        return resident_bytes(self.pid)

    def fault(self, reason: str) -> EngineFailed:
        """Return the kind of failure that a reason is."""
        return EngineFailed(reason)

    async def ended(self) -> str:
        """Wait for the end of the process and say how it was."""
        code = await self._exited()
        self._kill_group()
        how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{how}. {await self.last_output()}".strip()

    async def last_output(self) -> str:
        """Return the last lines of its error output; waits for a dead process's pipe to drain."""
        await asyncio.wait(self._pumps[:1], timeout=1.0)
        return "\n".join(self._last_lines)

    async def stop(self, grace_s: float) -> None:
        """Terminate the process, kill it after `grace_s`, and close its pipes.

        What it has started and left behind is killed as well: it is of the same group.
        """
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(grace_s):
                    await self._exited()
            except TimeoutError:
                logger.warning("engine %s does not stop, killing it", self._label)
        self._kill_group()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _exited(self) -> int:
        """Wait for the exit code; asyncio alone also waits for children that hold the pipes."""
        waiting = asyncio.ensure_future(self._process.wait())
        try:
            while self._process.returncode is None:
                await asyncio.wait([waiting], timeout=_LOOK_S)
        finally:
            waiting.cancel()
        return self._process.returncode

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _pump(self, stream: asyncio.StreamReader | None) -> None:
        """Pass output to the log line by line; progress bars end their lines with CR."""
        held = ""
        while stream is not None and (chunk := await stream.read(65536)):
            *lines, held = re.split(r"[\r\n]+", held + chunk.decode(errors="replace"))
            for line in filter(str.strip, lines):
                self._last_lines.append(line)
                level, text = self.levelled(line)
                logger.log(level, "engine %s: %s", self._label, text)

    def levelled(self, line: str) -> tuple[int, str]:
        """Return the level that begins a line, and the rest; INFO where there is none."""
        name, _, text = line.partition(" ")
        level = logging.getLevelNamesMapping().get(name)
        return (logging.INFO, line) if level is None else (level, text)


async def spawn(argv: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Start a process in a session of its own (Ctrl-C reaches only us), its pipes open to us.

    Its standard input stays open: when this process dies in any way, the pipe closes, and the
    engine ends by that.
    """
    return await asyncio.create_subprocess_exec(
        *argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, start_new_session=True
    )


def new_token() -> str:
    """Return a secret for one run of one engine."""
    return secrets.token_urlsafe(32)


async def ask_health(client: httpx.AsyncClient, address: EngineAddress) -> EngineHealth:
    """Return the engine's health; raise `EngineFailed` when it does not answer."""
    headers = {"Authorization": f"Bearer {address.token}"}
    try:
        answer = await client.get(f"{address.origin}/health", headers=headers)
        body: dict[str, Any] = answer.json()
        held = body.get("gpu_bytes")
        return EngineHealth(
            status=str(body["status"]),
            detail=str(body["detail"]),
            permanent=bool(body.get("permanent", False)),
            final=bool(body.get("final", False)),
            commit=body.get("commit"),
            active=int(body["active"]),
            gpu_bytes=None if held is None else int(held),
        )
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise EngineFailed(f"does not answer ({error!r})") from error
