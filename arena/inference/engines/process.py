"""One run of one engine process: spawn it, learn its port, check its health, end it."""

import asyncio
import json
import logging
import re
import secrets
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from arena.catalog import ModelRow
from arena.child_environment import ENGINE_TOKEN

logger = logging.getLogger(__name__)

_KEPT_LINES = 20


class EngineFailed(Exception):
    """An engine did not start, died, or reports that it cannot answer."""


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """How to start an engine. The token is added to `environment`, which must be complete.

    The engine reads `row` as one line of JSON from its standard input: a row that was read from
    models.yaml again would no longer be that of the fingerprint under which replies are stored.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    label: str
    row: ModelRow | None = field(default=None, repr=False)

    def at_commit(self, commit: str | None) -> "EngineCommand":
        """Return the command for just this commit of the hub, if one is given."""
        if commit is None or self.row is None:
            return self
        return replace(self, row=self.row.model_copy(update={"revision": commit}))


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
    """A running engine process. Made by `running_engine`, which also ends it."""

    def __init__(self, process: Process, command: EngineCommand, token: str) -> None:
        self._process = process
        self._label = command.label
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
            raise EngineFailed(f"did not start. {await self.last_output()}") from error
        self._pumps.append(asyncio.create_task(self._pump(self._process.stdout)))
        return EngineAddress(port, self._token)

    async def ended(self) -> str:
        """Wait for the end of the process and say how it was."""
        code = await self._process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{how}. {await self.last_output()}".strip()

    async def last_output(self) -> str:
        """Return the last lines of its error output; waits for a dead process's pipe to drain."""
        await asyncio.wait(self._pumps[:1], timeout=1.0)
        return "\n".join(self._last_lines)

    async def stop(self, grace_s: float) -> None:
        """Terminate the process, kill it after `grace_s`, and close its pipes."""
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(grace_s):
                    await self._process.wait()
            except TimeoutError:
                logger.warning("engine %s does not stop, killing it", self._label)
                self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _pump(self, stream: asyncio.StreamReader | None) -> None:
        """Pass output to the log line by line; progress bars end their lines with CR."""
        held = ""
        while stream is not None and (chunk := await stream.read(65536)):
            *lines, held = re.split(r"[\r\n]+", held + chunk.decode(errors="replace"))
            for line in filter(str.strip, lines):
                self._last_lines.append(line)
                level, text = _levelled(line)
                logger.log(level, "engine %s: %s", self._label, text)


def _levelled(line: str) -> tuple[int, str]:
    """Return the level with which an engine begins a line, and the rest; INFO where it does not."""
    name, _, text = line.partition(" ")
    level = logging.getLevelNamesMapping().get(name)
    return (logging.INFO, line) if level is None else (level, text)


@asynccontextmanager
async def running_engine(
    command: EngineCommand, *, grace_s: float
) -> AsyncGenerator[EngineProcess, None]:
    """Start an engine with a new random token and end it on the way out, whatever happens.

    It runs in a session of its own (Ctrl-C reaches only us). Its standard input brings its row,
    and then stays open: when this process dies in any way, the pipe closes and the engine ends.
    """
    token = secrets.token_urlsafe(32)
    process = await asyncio.create_subprocess_exec(
        *command.argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**command.environment, ENGINE_TOKEN: token},
        start_new_session=True,
    )
    engine = EngineProcess(process, command, token)
    try:
        engine.send_row(command.row)
        yield engine
    finally:
        await engine.stop(grace_s)


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
