"""How to start an engine, of our own or of another kind, and how to speak to it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from arena.catalog import ModelRow
from arena.catalog.dialects import ENGINE, Dialect
from arena.child_environment import ENGINE_TOKEN, visible_gpus
from arena.inference.engines.process import EngineProcess, new_token, spawn
from arena.inference.placement import Placement


class StartCommand(Protocol):
    """How to start an engine of some kind, and how to speak to it."""

    @property
    def label(self) -> str:
        """Name of the model at its engine, and in the log."""
        ...

    @property
    def row(self) -> ModelRow | None:
        """The catalog row, where there is one."""
        ...

    @property
    def dialect(self) -> Dialect:
        """What the engine understands."""
        ...

    def at_commit(self, commit: str | None) -> "StartCommand":
        """Return the command for just this commit of the hub, if one is given."""
        ...

    def placed(self, placement: Placement) -> "StartCommand":
        """Return the command of an engine that sees just the devices of its placement."""
        ...

    def running(self, *, grace_s: float) -> AbstractAsyncContextManager[EngineProcess]:
        """Start the engine, and end it on the way out, with `grace_s` seconds for its own end."""
        ...


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

    @property
    def dialect(self) -> Dialect:
        """That of `arena engine`."""
        return ENGINE

    def placed(self, placement: Placement) -> "EngineCommand":
        """Return the command of an engine that sees just the devices of its placement.

        It numbers them from 0.
        """
        gpus = placement.gpus
        arguments = ["--devices", ",".join(map(str, range(len(gpus)))) or "cpu"]
        if placement.cache_bytes is not None:
            arguments += ["--cache-bytes", str(placement.cache_bytes)]
        return replace(
            self,
            argv=(*self.argv, *arguments),
            environment={**self.environment, **visible_gpus(gpus)},
        )

    def running(self, *, grace_s: float) -> AbstractAsyncContextManager[EngineProcess]:
        """Start the engine, and end it on the way out, with `grace_s` seconds for its own end."""
        return running_engine(self, grace_s=grace_s)


@asynccontextmanager
async def running_engine(
    command: EngineCommand, *, grace_s: float
) -> AsyncGenerator[EngineProcess, None]:
    """Start an engine with a new random token and end it on the way out, whatever happens.

    Its standard input brings its row first.
    """
    token = new_token()
    process = await spawn(command.argv, {**command.environment, ENGINE_TOKEN: token})
    engine = EngineProcess(process, command.label, token)
    try:
        engine.send_row(command.row)
        yield engine
    finally:
        await engine.stop(grace_s)
