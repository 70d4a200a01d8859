"""What can be wrong with a file of the operator, said so that its author can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to change. `line` counts from 1 (0: the whole file); `key` is dotted, or empty."""

    line: int
    key: str
    message: str


class CatalogError(Exception):
    """A file of the operator was refused. Carries every fault, in the file's order."""

    def __init__(self, path: Path, faults: tuple[Fault, ...]) -> None:
        self.path = path
        self.faults = faults
        super().__init__("\n".join(self._described(fault) for fault in faults))

    def _described(self, fault: Fault) -> str:
        place = f"{self.path}:{fault.line}" if fault.line else str(self.path)
        return ": ".join(part for part in (place, fault.key, fault.message) if part)


class FaultyFiles(Exception):
    """One or more files were refused, each with all of its faults."""

    def __init__(self, errors: tuple[CatalogError, ...]) -> None:
        self.errors = errors
        super().__init__("\n".join(map(str, errors)))


class UnknownModelError(LookupError):
    """A key that is not in the catalog."""

    def __init__(self, path: Path, unknown: Iterable[str], known: Iterable[str]) -> None:
        names = ", ".join(f"'{key}'" for key in unknown)
        super().__init__(f"{path} has no model {names}; it has: {', '.join(known)}")
