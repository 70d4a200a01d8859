"""What was measured once on a machine is not measured again: a model keeps its number format."""

import hashlib
import logging
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from arena.checkpoints.step_shape import StepShape

logger = logging.getLogger(__name__)

_KNOWN: Final = ("float32", "bfloat16")
_CPU_INFO: Final = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class RememberedFormats:
    """Formats in a folder, one file each. `machine` tells what they were measured on and with."""

    folder: Path
    machine: str

    @classmethod
    def of_user(cls, environment: Mapping[str, str]) -> "RememberedFormats":
        """Return those of whoever runs engines in this environment, in the folder of caches."""
        caches = Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        return cls(caches / "arena" / "number-formats", f"{_processor()}, torch {_torch()}")

    def known(self, shape: StepShape) -> str | None:
        """Return the format of a shape, if it has been measured."""
        try:
            name = self._file(shape).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if name in _KNOWN else None

    def recall(self, shape: StepShape, measure: Callable[[], str]) -> str:
        """Return the format of a shape; measured, and kept, where none is known."""
        known = self.known(shape)
        if known is not None:
            return known
        measured = measure()
        self._keep(self._file(shape), measured)
        return measured

    def _file(self, shape: StepShape) -> Path:
        text = f"{self.machine} {astuple(shape)}"
        return self.folder / hashlib.sha256(text.encode()).hexdigest()[:16]

    def _keep(self, file: Path, name: str) -> None:
        """Write a format whole or not at all: several engines may start at once."""
        half = file.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            half.write_text(f"{name}\n", encoding="utf-8")
            half.replace(file)
        except OSError as error:
            logger.warning("%s cannot be kept, and is measured at every start: %s", name, error)


def _processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return "none"
