"""Environments with a vLLM that is none, for rows with `engine: vllm`."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from arena.catalog import ModelRow
from arena.domain.conversation import ModelKey
from tests.fakes.catalogs import EMBEDDED

_ROOT = Path(__file__).parents[2]
_PROGRAM = Path(__file__).parent / "vllm_program.py"


@dataclass(frozen=True, slots=True)
class Run:
    """One start of the fake: what it was given, what it knew, itself and its children."""

    arguments: list[str]
    environment: dict[str, str]
    pids: list[int]

    def option(self, name: str) -> str | None:
        """Return what was given with an option; None without it."""
        if name not in self.arguments:
            return None
        return self.arguments[self.arguments.index(name) + 1]


@dataclass(frozen=True, slots=True)
class VllmEnvironment:
    """A folder with a `bin/python` that plays a scenario of `vllm_program`."""

    folder: Path

    @property
    def python(self) -> str:
        """The path for a row's `python`."""
        return str(self.folder / "bin" / "python")

    def runs(self) -> list[Run]:
        """Return the starts so far."""
        file = self.folder / "runs"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [Run(*json.loads(line)) for line in lines]

    def set(self, name: str) -> None:
        """Make it misbehave: hold, dead or crash."""
        (self.folder / name).touch()

    def unset(self, name: str) -> None:
        """End that."""
        (self.folder / name).unlink()


def vllm_environment(folder: Path, scenario: str = "healthy") -> VllmEnvironment:
    """Write the environment into an empty folder."""
    made = VllmEnvironment(folder)
    python = Path(made.python)
    python.parent.mkdir(parents=True)
    command = shlex.join([sys.executable, str(_PROGRAM), scenario, str(folder)])
    script = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(_ROOT))} exec {command} "$@"\n'
    python.write_text(script, encoding="utf-8")
    python.chmod(0o755)
    return made


def vllm_row(made: VllmEnvironment, **fields: object) -> ModelRow:
    """Return the row `big` of a model in vLLM, by default the embedded one."""
    values = {"name": "Big", "backend": "local", "source": str(EMBEDDED), "engine": "vllm"}
    return ModelRow.model_validate(
        {"key": ModelKey("big"), "python": made.python, **values, **fields}
    )
