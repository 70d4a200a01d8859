"""Keeps one engine process alive: starts it, watches its health, restarts it with back-off."""

import asyncio
import logging
from dataclasses import dataclass, field

import httpx

from arena.domain.backoff import Backoff
from arena.inference.backend import EngineMemory, ModelState
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.engines.command import StartCommand
from arena.inference.engines.process import (
    EngineAddress,
    EngineFailed,
    EngineHealth,
    EngineNeedsOperator,
    EngineProcess,
    EngineUnloadable,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SupervisorTimings:
    """All waits of a supervisor, in seconds.

    `backoff` follows a failure; an engine that was ready for `stable_s` resets its count.
    `missed_polls` unanswered polls in a row mean that the engine hangs. After a fault that the
    operator has to fix, such as a licence to be accepted, the supervisor waits `operator_wait_s`.
    """

    listen_s: float = 60.0
    loading_poll_s: float = 0.2
    ready_poll_s: float = 2.0
    answer_s: float = 10.0
    missed_polls: int = 3
    backoff: Backoff = field(default=Backoff(1.0, 300.0))
    operator_wait_s: float = 300.0
    stable_s: float = 60.0
    stop_grace_s: float = 25.0


@dataclass(frozen=True, slots=True)
class _Exit:
    """Why an engine ended.

    `needs_operator`: it was no crash, the operator has to fix something; `final`: starting it again
    is useless.
    """

    reason: str
    needs_operator: bool = False
    final: bool = False


class EngineSupervisor:
    """Owns the process of one local model from `start` to `stop`.

    `command` may be exchanged and counts from the next start on. `restarts` counts only those
    after a crash. Later starts take the commit of the hub that the first one took: a branch may
    have moved meanwhile, and replies are stored under one configuration.
    """

    def __init__(
        self, command: StartCommand, *, clock: Clock, timings: SupervisorTimings | None = None
    ) -> None:
        self.command = command
        self._clock = clock
        self._timings = timings or SupervisorTimings()
        self._task: asyncio.Task[None] | None = None
        self._address: EngineAddress | None = None
        self._ready_since: float | None = None
        self._given_up = False
        self._first_commit: str | None = None
        self.commit: str | None = None
        self.state = ModelState.STOPPED
        self.progress = ""
        self.last_error: str | None = None
        self.pid: int | None = None
        self.starts = 0
        self.restarts = 0
        self.memory = EngineMemory()

    @property
    def address(self) -> EngineAddress | None:
        """Where to send requests; None unless the engine is ready."""
        return self._address if self.state is ModelState.READY else None

    @property
    def given_up(self) -> bool:
        """Whether the engine is not restarted: its model cannot be loaded as things are."""
        return self._given_up

    @property
    def recovering(self) -> bool:
        """Whether the engine has died after it was ready, and is about to be started again."""
        return self.state is ModelState.FAILED and self._ready_since is not None

    async def start(self) -> None:
        """Begin to keep the engine alive; returns at once. Idempotent."""
        if self._task is None:
            self._given_up = False
            self._enter(ModelState.LOADING, "starting")
            self._task = asyncio.create_task(self._keep_alive(), name=f"engine {self._label}")

    async def stop(self) -> None:
        """End the engine and wait for its end. Idempotent."""
        task, self._task = self._task, None
        await cancel_and_wait(task)
        self._enter(ModelState.STOPPED, "")

    @property
    def _label(self) -> str:
        return self.command.label

    async def _keep_alive(self) -> None:
        failures = 0
        while True:
            end = await self._run_once()
            self.last_error = end.reason
            if end.final:
                self._stop_retrying(end)
                return
            if end.needs_operator:
                await self._wait_for_operator(end)
                continue
            failures = 1 if self._was_stable() else failures + 1
            delay = self._timings.backoff.delay_s(failures)
            self._enter(ModelState.FAILED, f"restarting in {delay:.0f} s")
            logger.error("engine %s %s; restarting in %.1f s", self._label, end.reason, delay)
            await self._clock.sleep(delay)
            self.restarts += 1
            self._enter(ModelState.LOADING, "restarting")

    def _stop_retrying(self, end: _Exit) -> None:
        """Give the model up: loading it again would take minutes and fail in the same way."""
        self._given_up = True
        self._enter(ModelState.FAILED, "not retried: fix the cause and restart the arena")
        logger.error("engine %s: %s (not retried)", self._label, end.reason)

    async def _wait_for_operator(self, end: _Exit) -> None:
        """Wait before the next attempt: a licence can be accepted while the arena runs."""
        delay = self._timings.operator_wait_s
        self._enter(ModelState.FAILED, f"retried every {delay:.0f} s, and at the next start")
        logger.error("%s: %s (retried in %.0f s)", self._label, end.reason, delay)
        await self._clock.sleep(delay)
        self.last_error = None
        self._enter(ModelState.LOADING, "retrying")

    async def _run_once(self) -> _Exit:
        """Run one engine from spawn to its end and return why it ended."""
        self._ready_since = None
        self.starts += 1
        try:
            command = self.command.at_commit(self._first_commit)
            async with command.running(grace_s=self._timings.stop_grace_s) as engine:
                self.pid = engine.pid
                try:
                    return await self._first_to_end(engine)
                finally:
                    self._address = None
                    self.memory = EngineMemory()
        except EngineNeedsOperator as refused:
            return _Exit(str(refused), needs_operator=True)
        except EngineUnloadable as lost:
            return _Exit(str(lost), final=True)
        except (EngineFailed, OSError) as error:
            return _Exit(str(error))
        except Exception as error:
            logger.exception("supervising engine %s", self._label)
            return _Exit(repr(error))

    async def _first_to_end(self, engine: EngineProcess) -> _Exit:
        """Watch the process and its health side by side; return the end that is noticed first."""
        watches = [asyncio.create_task(engine.ended()), asyncio.create_task(self._watch(engine))]
        try:
            done, _ = await asyncio.wait(watches, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)
        # A dying engine ends both: its exit code and last lines say more than a lost connection.
        return _Exit((watches[0] if watches[0] in done else watches[1]).result())

    async def _watch(self, engine: EngineProcess) -> str:
        """Follow the engine's health until it reports a failure or stops answering."""
        self._address = address = await engine.address(self._timings.listen_s)
        missed = 0
        async with httpx.AsyncClient(trust_env=False, timeout=self._timings.answer_s) as client:
            while True:
                try:
                    health = await engine.health(client, address)
                    missed = 0
                except EngineFailed:
                    missed += 1
                    if missed >= self._timings.missed_polls:
                        raise
                else:
                    self._follow(health)
                    self.memory = EngineMemory(engine.ram_bytes(), health.gpu_bytes)
                await self._clock.sleep(self._poll_s())

    def _follow(self, health: EngineHealth) -> None:
        if health.status == "failed" and health.permanent:
            raise EngineNeedsOperator(health.detail)
        if health.status == "failed" and health.final:
            raise EngineUnloadable(health.detail)
        if health.status == "failed":
            raise EngineFailed(f"reports a failure: {health.detail}")
        if health.status != "ready":
            self._enter(ModelState.LOADING, health.detail)
        elif self.state is not ModelState.READY:
            self._ready_since = self._clock.monotonic()
            self.commit = health.commit
            self._first_commit = self._first_commit or health.commit
            self._enter(ModelState.READY, health.detail)
            logger.info("engine %s is ready (%s)", self._label, health.detail)

    def _poll_s(self) -> float:
        ready = self.state is ModelState.READY
        return self._timings.ready_poll_s if ready else self._timings.loading_poll_s

    def _was_stable(self) -> bool:
        since = self._ready_since
        return since is not None and self._clock.monotonic() - since >= self._timings.stable_s

    def _enter(self, state: ModelState, progress: str) -> None:
        self.state = state
        self.progress = progress
