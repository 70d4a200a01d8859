"""How the supervisor starts vLLM, and how it is spoken to."""

import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from arena.catalog import ModelRow
from arena.catalog.dialects import MANAGED_VLLM, Dialect
from arena.checkpoints.hub_cache import hub_cache, is_hub_model, repository_folder, snapshot
from arena.child_environment import of_other_python, visible_gpus
from arena.inference.engines.process import EngineProcess, new_token, spawn
from arena.inference.engines.vllm.arguments import gpus_of, serve_arguments
from arena.inference.engines.vllm.process import VllmProcess
from arena.inference.placement import Placement

_GUARD: Final = Path(__file__).parent / "guard.py"
_KEY: Final = "VLLM_API_KEY"
_QUIET: Final = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True, slots=True)
class VllmCommand:
    """How to start vLLM for a row. `environment` is all that it may know, besides its key.

    `gpu_totals` holds the bytes of each GPU: vLLM wants its share of the whole. Without a
    placement it takes what it finds.
    """

    row: ModelRow
    environment: Mapping[str, str] = field(repr=False)
    gpu_totals: Mapping[int, int] = field(default_factory=dict)
    placement: Placement | None = None

    @property
    def label(self) -> str:
        """Name of the model at its engine, and in the log."""
        return self.row.key

    @property
    def dialect(self) -> Dialect:
        """vLLM's."""
        return MANAGED_VLLM

    def argv(self, template: Path | None = None) -> tuple[str, ...]:
        """Return the whole command line: the guard, and what it starts.

        `template` is a file with the row's own chat template, if it has one.
        """
        arguments = serve_arguments(self.row, self.placement, self.gpu_totals, template)
        return (sys.executable, "-I", str(_GUARD), self.row.resolved_python(), *arguments)

    def at_commit(self, commit: str | None) -> "VllmCommand":
        """Return the command for just this commit of the hub, if one is given."""
        if commit is None:
            return self
        return replace(self, row=self.row.model_copy(update={"revision": commit}))

    def placed(self, placement: Placement) -> "VllmCommand":
        """Return the command of an engine that sees just the devices of its placement."""
        return replace(self, placement=placement)

    @asynccontextmanager
    async def _running(self, grace_s: float) -> AsyncGenerator[EngineProcess, None]:
        token = new_token()
        with _written(self.row.prompt_template) as template:
            process = await spawn(self.argv(template), {**self.known(), _KEY: token})
            engine = VllmProcess(process, self.label, token, self._commit)
            try:
                yield engine
            finally:
                await engine.stop(grace_s)

    def running(self, *, grace_s: float) -> AbstractAsyncContextManager[EngineProcess]:
        """Start vLLM with a new key, and end it on the way out, whatever happens."""
        return self._running(grace_s)

    def known(self) -> dict[str, str]:
        """Return the environment of the process, without its key."""
        gpus = gpus_of(self.row, self.placement)
        visible = {} if gpus is None else visible_gpus(gpus)
        own = of_other_python(self.environment, self.row.resolved_python())
        return {**own, **visible, **_QUIET}

    def _commit(self) -> str | None:
        """Return the commit that vLLM has put into the hub's cache."""
        if not is_hub_model(self.row):
            return None
        repository = repository_folder(hub_cache(self.environment), self.row.resolved_source())
        folder = snapshot(repository, self.row.revision)
        return None if folder is None else folder.name


@contextmanager
def _written(template: str | None) -> Iterator[Path | None]:
    """Put a template into a file for one run: that of the row may have changed since it was read.

    vLLM takes one on its command line too, and its versions decode that in different ways.
    """
    if template is None:
        yield None
        return
    with TemporaryDirectory(prefix="arena-") as folder:
        file = Path(folder) / "chat_template.jinja"
        file.write_text(template, encoding="utf-8")
        yield file
