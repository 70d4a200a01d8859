"""Runs each stage in a process of its own: a device that fails takes no other stage with it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from tests.gpu.stages import Stage, Told

_LAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage told until it ended, was ended, or failed; `fault` is empty when all is well.

    `errors` is all that it and what it started wrote to standard error.
    """

    stage: str
    told: tuple[Told, ...]
    fault: str
    seconds: float
    errors: tuple[str, ...] = ()


def run_stages(
    stages: Sequence[Stage],
    *,
    within_s: float,
    tell: Callable[[Told], None],
    command: Sequence[str] = (sys.executable, "-m", "tests.gpu", "--stage"),
) -> Iterator[Outcome]:
    """Run stages one after another, `within_s` seconds together; `tell` gets all as it comes."""
    end = time.monotonic() + within_s
    for stage in stages:
        left = end - time.monotonic()
        outcome = (
            run_stage(stage, min(stage.budget_s, left), tell, command)
            if left > 0
            else Outcome(stage.name, (), "not begun: no time was left", 0.0)
        )
        tell({"stage": stage.name, "seconds": round(outcome.seconds, 1), "fault": outcome.fault})
        yield outcome


def run_stage(
    stage: Stage, budget_s: float, tell: Callable[[Told], None], command: Sequence[str]
) -> Outcome:
    """Run one stage; when its time is over, its process and all that it started are killed."""
    began = time.monotonic()
    process = subprocess.Popen(
        [*command, stage.name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false"},
    )
    said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    errors: list[str] = []
    threads = [
        threading.Thread(target=_pump, args=(process.stdout, said.put)),
        threading.Thread(target=_pump, args=(process.stderr, lambda line: _keep(errors, line))),
    ]
    for thread in threads:
        thread.start()
    told, in_time = _gathered(stage.name, said, began + budget_s, tell)
    if not in_time:
        os.killpg(process.pid, signal.SIGKILL)
    code = process.wait()
    for thread in threads:
        thread.join(timeout=5)
    fault = "" if code == 0 else " ".join(errors[-_LAST_LINES:]) or f"exit status {code}"
    if not in_time:
        fault = f"ended after its {budget_s:.0f} s"
    return Outcome(stage.name, tuple(told), fault, time.monotonic() - began, tuple(errors))


def _pump(stream: TextIO | None, take: Callable[[str | None], None]) -> None:
    if stream is not None:
        with stream:
            for line in stream:
                take(line)
    take(None)


def _keep(lines: list[str], line: str | None) -> None:
    if line is not None and line.strip():
        lines.append(line.strip())


def _gathered(
    stage: str,
    said: "queue.SimpleQueue[str | None]",
    until: float,
    tell: Callable[[Told], None],
) -> tuple[list[Told], bool]:
    """Return what a stage told, and whether it came to its end in time."""
    told: list[Told] = []
    while True:
        try:
            line = said.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            return told, False
        if line is None:
            return told, True
        if (one := _parsed(line)) is not None:
            told.append(one)
            tell({"stage": stage, **one})


def _parsed(line: str) -> Told | None:
    """Return a line of JSON; what libraries print beside it is left out."""
    try:
        found: Any = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
