"""What a burst of requests measured, and the medians of several bursts."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

import psutil

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
"""How often each burst is measured."""


@dataclass(frozen=True, slots=True)
class Burst:
    """How much to ask for: `replies` at the same moment, of `tokens` new tokens each."""

    replies: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Totals of one burst; `wall` and `cpu` in seconds, `first` per reply (seconds to its text)."""

    tokens: int
    wall: float
    cpu: float
    first: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of the same burst, measured several times; `first` are percentiles over all."""

    tokens_per_s: float
    first_p50: float
    first_p95: float
    cpu_ms_per_token: float


def row(bursts: Sequence[Measured]) -> Row:
    """Summarise equal bursts."""
    first = sorted(value for one in bursts for value in one.first)
    return Row(
        tokens_per_s=median(one.tokens / one.wall for one in bursts),
        first_p50=median(first),
        first_p95=quantiles(first, n=20)[-1] if len(first) > 1 else first[0],
        cpu_ms_per_token=median(1000 * one.cpu / one.tokens for one in bursts),
    )


def cpu_seconds(*processes: psutil.Process) -> float:
    """CPU time that these processes have taken until now, in user and in system mode."""
    times = [process.cpu_times() for process in processes]
    return float(sum(one.user + one.system for one in times))
