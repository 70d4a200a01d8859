"""From catalog rows to backends: which class, which address, which engine command."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace

from arena.catalog import ModelCatalog, ModelRow
from arena.catalog.dialects import REMOTE_DIALECTS
from arena.domain.conversation import Message, ModelKey
from arena.domain.reasoning_tags import Tags
from arena.inference.backend import ChatBackend, ChatRequest, ModelState, ModelStatus, StreamEvent
from arena.inference.clock import Clock
from arena.inference.engine_questions import ENGINE_PROGRAM
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.command import EngineCommand, StartCommand
from arena.inference.engines.environment import environment_of
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.engines.vllm.command import VllmCommand
from arena.inference.errors import ModelUnavailable
from arena.inference.health import BreakerTimings, ModelHealth
from arena.inference.lifecycle import Lifecycle, LifecycleTimings
from arena.inference.placement import Footprint, Machine
from arena.inference.placement.machine import this_machine
from arena.inference.placement.measuring import footprint
from arena.inference.pool import ModelPool
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint, base_address
from arena.inference.remote.server_watch import ProbeTimings
from arena.inference.remote.waits import Timeouts
from arena.inference.scripted_backend import ScriptedBackend
from arena.inference.traffic import Traffic

logger = logging.getLogger(__name__)

_WITHOUT_PLAN = 2


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How to run engines and how long to wait. `cores` and `machine` None mean this machine's.

    A row's own timeouts win over `timeouts`.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    timings: SupervisorTimings = field(default_factory=SupervisorTimings)
    probe: ProbeTimings = field(default_factory=ProbeTimings)
    breaker: BreakerTimings = field(default_factory=BreakerTimings)
    cores: int | None = None
    machine: Machine | None = None
    lifecycle: LifecycleTimings = field(default_factory=LifecycleTimings)


class MissingApiKey(ValueError):
    """A row names an environment variable for its key, which does not hold one."""


class KeylessBackend:
    """Stands in for a remote model without its key: FAILED, while all others serve."""

    def __init__(self, missing: MissingApiKey) -> None:
        self._missing = str(missing)
        self.state = ModelState.FAILED

    @property
    def status(self) -> ModelStatus:
        """The state, and which key is missing."""
        return ModelStatus(self.state, last_error=self._missing)

    async def start(self) -> None:
        """Log why this model takes no part."""
        logger.error("%s", self._missing)

    async def close(self) -> None:
        """Stop; there is nothing to free."""
        self.state = ModelState.STOPPED

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Return False: nothing fits a model that is not there."""
        del messages
        return False

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Raise `ModelUnavailable`."""
        del request
        raise ModelUnavailable(self._missing, retryable=False)


def build_pool(
    catalog: ModelCatalog,
    *,
    clock: Clock,
    environment: Mapping[str, str] | None = None,
    options: PoolOptions | None = None,
    traffic: Traffic | None = None,
) -> ModelPool:
    """Build the backends of all enabled rows; starts nothing.

    `environment` (default: this process's) holds API keys and is passed on to engines. A model
    whose key is not in it is FAILED and does not affect others. `traffic` counts the requests.
    """
    environment = dict(os.environ if environment is None else environment)
    rows = catalog.enabled()
    options = options or PoolOptions()
    builder = _Builder(rows, clock, environment, options)
    backends = {row.key: builder.backend(row) for row in rows}
    sampling = {row.key: row.sampling for row in rows}
    return ModelPool(
        backends,
        lifecycle=builder.lifecycle(backends),
        traffic=traffic,
        health=ModelHealth(sampling, clock=clock, timings=options.breaker),
    )


class _Builder:
    """What all rows of one pool share."""

    def __init__(
        self,
        rows: tuple[ModelRow, ...],
        clock: Clock,
        environment: Mapping[str, str],
        options: PoolOptions,
    ) -> None:
        self._local = [row for row in rows if row.backend == "local"]
        self._in_vllm = frozenset(row.key for row in self._local if row.engine == "vllm")
        cores = options.cores or os.cpu_count() or 1
        self._threads = max(1, cores // max(len(self._local) - len(self._in_vllm), 1))
        self._clock = clock
        self._environment = environment
        self._options = options
        looks = options.machine is None and bool(self._local)
        self._machine = this_machine(environment) if looks else options.machine or Machine()
        for words in self._machine.unused:
            logger.warning("%s", words)

    def backend(self, row: ModelRow) -> ChatBackend:
        """Return the backend of one row."""
        if row.script is not None:
            return ScriptedBackend(row.script, clock=self._clock, max_context=row.max_context)
        if row.backend == "openai":
            return self._remote(row)
        return EngineBackend(
            self._command(row),
            clock=self._clock,
            timeouts=self._timeouts(row),
            timings=self._options.timings,
            note=self._device_note(row),
            reasoning=_tags(row),
        )

    def _command(self, row: ModelRow) -> StartCommand:
        environment = environment_of(row, self._environment)
        if row.engine == "vllm":
            totals = {gpu.index: gpu.total_bytes for gpu in self._machine.gpus}
            return VllmCommand(row, environment, totals)
        return engine_command(row, self._threads, environment)

    def _device_note(self, row: ModelRow) -> str:
        """Return a note on GPUs that a model could have used but cannot be planned."""
        lacks = row.devices != "cpu" and not self._machine.gpus
        return " · ".join(self._machine.unused) if lacks else ""

    def _remote(self, row: ModelRow) -> ChatBackend:
        try:
            endpoint = remote_endpoint(row, self._environment)
        except MissingApiKey as missing:
            return KeylessBackend(missing)
        return OpenAIBackend(
            endpoint,
            clock=self._clock,
            timeouts=self._timeouts(row),
            probe=self._options.probe,
        )

    def _timeouts(self, row: ModelRow) -> Timeouts:
        return replace(self._options.timeouts, **row.timeouts.given())

    def lifecycle(self, backends: Mapping[ModelKey, ChatBackend]) -> Lifecycle | None:
        """Return the owner of the local models; None where they may simply all be started."""
        engines = {key: one for key, one in backends.items() if isinstance(one, EngineBackend)}
        if not engines or self._without_plan():
            return None
        return Lifecycle(
            engines,
            machine=self._machine,
            look=self._look if self._options.machine is None else None,
            measure=self._measure,
            clock=self._clock,
            preferences={row.key: row.devices for row in self._local},
            tensor_parallel=self._in_vllm,
            timings=self._options.lifecycle,
        )

    def _without_plan(self) -> bool:
        """Return whether there is nothing to plan.

        That is so for one or two models on a machine without a GPU, such as the embedded ones.
        vLLM without a GPU is refused by a plan, unless there is one that cannot be planned.
        """
        few = len(self._local) <= _WITHOUT_PLAN
        lacks_gpu = bool(self._in_vllm) and not self._machine.unused
        return few and not self._machine.gpus and not lacks_gpu

    async def _look(self) -> Machine:
        return await asyncio.to_thread(this_machine, self._environment)

    async def _measure(self, key: ModelKey) -> Footprint | None:
        row = next(row for row in self._local if row.key == key)
        environment = environment_of(row, self._environment)
        return await asyncio.to_thread(footprint, row, environment, ENGINE_PROGRAM)


def engine_command(row: ModelRow, threads: int, environment: Mapping[str, str]) -> EngineCommand:
    """Return the command of a local row's engine; GPUs are chosen by what it can see."""
    arguments = {"--key": row.key, "--port": 0, "--threads": threads}
    options = (str(part) for pair in arguments.items() for part in pair)
    return EngineCommand(
        argv=(*ENGINE_PROGRAM, *options, "--row-on-stdin", "--exit-with-stdin"),
        environment={**environment, **_visible_gpus(row)},
        label=row.key,
        row=row,
    )


def _visible_gpus(row: ModelRow) -> dict[str, str]:
    if row.devices == "auto":
        return {}
    numbers = () if row.devices == "cpu" else row.devices
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, numbers))}


def remote_endpoint(row: ModelRow, environment: Mapping[str, str]) -> Endpoint:
    """Return where a remote row's model is, with its key from the environment.

    Raises `MissingApiKey`.
    """
    dialect, model = REMOTE_DIALECTS[row.server], row.model or row.key
    return Endpoint(
        base_url=base_address(row.base_url or "", dialect, model),
        model=model,
        api_key=_key(row, environment),
        dialect=dialect,
        system_prompt=row.system_prompt,
        max_context=row.max_context,
        api_version=row.api_version if dialect.needs_api_version else None,
        reasoning=_tags(row),
        folds_system_prompt=row.system_prompt_role == "user",
    )


def _tags(row: ModelRow) -> Tags | None:
    return None if row.reasoning is None else Tags(row.reasoning.open, row.reasoning.close)


def _key(row: ModelRow, environment: Mapping[str, str]) -> str | None:
    """Return a row's key without the blanks and line ends that files put around it."""
    if row.api_key_env is None:
        return None
    key = environment.get(row.api_key_env, "").strip()
    if not key:
        raise MissingApiKey(
            f"{row.api_key_env} (for {row.key}) is not set: set it and restart the arena"
        )
    if not key.isascii() or not key.isprintable():
        raise MissingApiKey(
            f"{row.api_key_env} (for {row.key}) holds characters that no HTTP header can carry"
        )
    return key
