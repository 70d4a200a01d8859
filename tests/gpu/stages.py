"""The stages, and what they tell: a finding is a line of the table, details are JSON alone."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

NO_CUDA: Final = "skipped: no CUDA device"

Told = dict[str, Any]
"""What a stage yields; with `what` and `found` it is a line of the table."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A module of this package with a function `stage`, and the most seconds that it may take."""

    name: str
    budget_s: float


STAGES: Final = (
    Stage("machine", 45),
    Stage("attention", 75),
    Stage("memory", 70),
    Stage("steps", 115),
    Stage("graphs", 60),
    Stage("long_prompt", 50),
    Stage("full_cache", 50),
    Stage("served", 90),
    Stage("faults", 60),
    Stage("neighbours", 40),
)


def finding(what: str, found: str, **numbers: Any) -> Told:
    """Return a line of the table, and its numbers for whoever reads the JSON."""
    return {"what": what, "found": found, **numbers}


def skipped(what: str, why: str = NO_CUDA) -> Told:
    """Return a line that says what was not run."""
    return finding(what, why)


def told_by(name: str) -> Iterator[Told]:
    """Run a stage in this process."""
    from tests.gpu.sizes import sizes_of_machine

    module = importlib.import_module(f"tests.gpu.{name}")
    told: Iterator[Told] = module.stage(sizes_of_machine())
    return told
