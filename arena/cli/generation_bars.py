"""How far a generation is: a bar for each model on a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from arena.domain.clock import Clock
from arena.services.campaigns.replies.generation_progress import Progress as Generated
from arena.services.campaigns.replies.generation_progress import Report

LINE_EVERY_S: Final = 30.0

_MINUTE: Final = 60
_HOUR: Final = 3600


@contextmanager
def reporting(clock: Clock) -> Iterator[Report]:
    """Show on stderr what a generation reports while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainLines(clock, lambda line: typer.echo(line, err=True))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f}"),
        TextColumn("{task.fields[speed]}"),
    )
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)


class PlainLines:
    """Writes a line when a model begins and ends, and every half minute between."""

    def __init__(self, clock: Clock, write: Callable[[str], None]) -> None:
        self._clock = clock
        self._write = write
        self._last: Generated | None = None
        self._written_s = 0.0

    def __call__(self, progress: Generated) -> None:
        """Take the progress; write it if it is worth a line."""
        last, self._last = self._last, progress
        is_next = last is None or last.model != progress.model
        is_done = progress.done == progress.total
        now = self._clock.monotonic()
        if is_next or is_done or now - self._written_s >= LINE_EVERY_S:
            self._written_s = now
            self._write(line_of(progress))


class _Bars:
    """Draws a bar for each model."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, progress: Generated) -> None:
        """Take the progress."""
        if progress.model not in self._tasks:
            self._tasks[progress.model] = self._bars.add_task(progress.model, speed="")
        is_done = progress.done == progress.total
        self._bars.update(
            self._tasks[progress.model],
            completed=progress.done,
            total=progress.total,
            speed=speed_of(replace(progress, left_s=None) if is_done else progress),
        )


def line_of(progress: Generated) -> str:
    """Return the progress in a line: `one (1 of 2): 30 of 60, 4.2 replies/s, …`."""
    place = f"{progress.model} ({progress.number} of {progress.models})"
    facts = (f"{progress.done} of {progress.total}", speed_of(progress))
    return f"{place}: {', '.join(filter(None, facts))}"


def speed_of(progress: Generated) -> str:
    """Return what a model does, or how fast it is and how much time is left for all of them."""
    if progress.note:
        return progress.note
    facts = []
    if progress.replies_per_s is not None:
        facts.append(f"{progress.replies_per_s:.3g} replies/s")
    if progress.tokens_per_s is not None:
        facts.append(f"{progress.tokens_per_s:.0f} tokens/s")
    if progress.left_s:
        facts.append(f"{duration(progress.left_s)} left in all")
    return ", ".join(facts)


def duration(seconds: float) -> str:
    """Return a time as people say it: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE)
    if seconds < _HOUR:
        return f"{minutes} min"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE:02} min"
