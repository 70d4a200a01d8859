"""From catalogue rows to backends: which class, which address, which engine command."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.conversation import ModelKey
from arena.inference.backend import ChatBackend
from arena.inference.clock import Clock
from arena.inference.engine_backend import EngineBackend
from arena.inference.engine_process import EngineCommand
from arena.inference.openai_backend import OpenAIBackend, Timeouts
from arena.inference.openai_request import Dialect, Endpoint
from arena.inference.pool import ModelPool
from arena.inference.scripted_backend import ScriptedBackend
from arena.inference.supervisor import SupervisorPace

_PROGRAM = (sys.executable, "-m", "arena")


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How to run engines and how long to wait. `cores` None means all of this machine's."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    pace: SupervisorPace = field(default_factory=SupervisorPace)
    cores: int | None = None


class MissingApiKey(ValueError):
    """A row names an environment variable for its key, and that variable is not set."""


def build_pool(
    catalog: ModelCatalog,
    *,
    clock: Clock,
    environment: Mapping[str, str] | None = None,
    options: PoolOptions | None = None,
) -> ModelPool:
    """Build the backends of all enabled rows; starts nothing.

    `environment` (default: this process's) holds API keys and is passed on to engines. Raises
    `MissingApiKey`, naming all variables that are not set.
    """
    environment = dict(os.environ if environment is None else environment)
    rows = catalog.enabled()
    _demand_keys(rows, environment)
    builder = _Builder(catalog.path, rows, clock, environment, options or PoolOptions())
    return ModelPool({row.key: builder.backend(row) for row in rows})


class _Builder:
    """What all rows of one pool share."""

    def __init__(
        self,
        models: Path,
        rows: tuple[ModelRow, ...],
        clock: Clock,
        environment: Mapping[str, str],
        options: PoolOptions,
    ) -> None:
        local = sum(row.backend == "local" for row in rows)
        cores = options.cores or os.cpu_count() or 1
        self._threads = max(1, cores // max(local, 1))
        self._models = models
        self._clock = clock
        self._environment = environment
        self._engine_environment = _without_secrets(environment, rows)
        self._options = options

    def backend(self, row: ModelRow) -> ChatBackend:
        """Return the backend of one row."""
        if row.script is not None:
            return ScriptedBackend(row.script, clock=self._clock, max_context=row.max_context)
        if row.backend == "openai":
            return OpenAIBackend(
                remote_endpoint(row, self._environment),
                clock=self._clock,
                timeouts=self._options.timeouts,
            )
        return EngineBackend(
            engine_command(row, self._models, self._threads, self._engine_environment),
            clock=self._clock,
            timeouts=self._options.timeouts,
            pace=self._options.pace,
        )


def engine_command(
    row: ModelRow, models: Path, threads: int, environment: Mapping[str, str]
) -> EngineCommand:
    """Return the command of a local row's engine; GPUs are chosen by what it can see."""
    arguments = {"--models": models.resolve(), "--key": row.key, "--port": 0, "--threads": threads}
    options = (str(part) for pair in arguments.items() for part in pair)
    return EngineCommand(
        argv=(*_PROGRAM, "engine", *options, "--exit-with-stdin"),
        environment={**environment, **_visible_gpus(row)},
        label=row.key,
    )


def _visible_gpus(row: ModelRow) -> dict[str, str]:
    if row.devices == "auto":
        return {}
    numbers = () if row.devices == "cpu" else row.devices
    return {"CUDA_VISIBLE_DEVICES": ",".join(map(str, numbers))}


def _without_secrets(environment: Mapping[str, str], rows: tuple[ModelRow, ...]) -> dict[str, str]:
    """Return what an engine may know: none of the arena's settings, no key to anything remote."""
    keys = {row.api_key_env for row in rows}
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("ARENA_") and name not in keys
    }


def remote_endpoint(row: ModelRow, environment: Mapping[str, str]) -> Endpoint:
    """Return where a remote row's model is, with its key from the environment."""
    return Endpoint(
        base_url=row.base_url or "",
        model=row.model or ModelKey(row.key),
        api_key=environment.get(row.api_key_env) if row.api_key_env else None,
        dialect=Dialect.OPENAI,
        system_prompt=row.system_prompt,
        max_context=row.max_context,
    )


def _demand_keys(rows: tuple[ModelRow, ...], environment: Mapping[str, str]) -> None:
    missing = [
        f"{row.api_key_env} (for {row.key})"
        for row in rows
        if row.api_key_env and not environment.get(row.api_key_env)
    ]
    if missing:
        raise MissingApiKey(f"set the API keys {', '.join(missing)}, or disable these models")
