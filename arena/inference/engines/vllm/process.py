"""One run of vLLM: its health, its memory, and what kind of end it came to."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Callable
from http import HTTPStatus
from typing import NoReturn

import httpx

from arena.inference.engines.process import (
    EngineAddress,
    EngineFailed,
    EngineHealth,
    EngineNeedsOperator,
    EngineProcess,
    EngineUnloadable,
)
from arena.inference.engines.vllm.log_lines import Remedy, VllmLog, levelled, remedy_for
from arena.inference.placement.machine import group_resident_bytes


class VllmProcess(EngineProcess):
    """A running vLLM under its guard. `commit_of` tells which commit of the hub it has loaded."""

    def __init__(
        self, process: Process, label: str, token: str, commit_of: Callable[[], str | None]
    ) -> None:
        self._log = VllmLog()
        self._commit_of = commit_of
        self._was_ready = False
        super().__init__(process, label, token)

    async def health(self, client: httpx.AsyncClient, address: EngineAddress) -> EngineHealth:
        """Return the health; until vLLM listens, which it does last, its log tells the progress."""
        try:
            answer = await client.get(f"{address.origin}/health")
        except httpx.HTTPError as error:
            if self._was_ready:
                raise EngineFailed(f"does not answer ({error!r})") from error
            return EngineHealth("loading", self._log.progress)
        if answer.status_code != HTTPStatus.OK:
            words = f"status {answer.status_code}. {await self.last_output()}"
            return EngineHealth("failed", words.strip())
        commit = None if self._was_ready else await asyncio.to_thread(self._commit_of)
        self._was_ready = True
        detail = " · ".join(filter(None, ("vLLM", self._log.cache)))
        return EngineHealth("ready", detail, commit=commit)

    def ram_bytes(self) -> int | None:
        """Return the main memory of vLLM and its children; what they share counts for each."""
        return group_resident_bytes(self.pid)

    async def ended(self) -> NoReturn:
        """Wait for the end, and raise how it was."""
        raise self.fault(await super().ended())

    def fault(self, reason: str) -> EngineFailed:
        """Return the kind of failure that a reason is."""
        remedy = remedy_for(reason)
        if remedy is Remedy.OPERATOR:
            return EngineNeedsOperator(reason)
        return EngineUnloadable(reason) if remedy is Remedy.RESTART else EngineFailed(reason)

    async def last_output(self) -> str:
        """Return the error that vLLM has logged, or else its last lines."""
        lines = await super().last_output()
        return self._log.cause or lines

    def levelled(self, line: str) -> tuple[int, str]:
        """Return the level of a line and the rest, and follow what it says."""
        self._log.note(line)
        return levelled(line)
