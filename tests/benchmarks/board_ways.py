"""One way to a board, measured in a process of its own: `python -m tests.benchmarks.board_ways`."""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

_ROWS = "SELECT model_id_a, model_id_b, verdict FROM outcomes WHERE NOT flagged"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of the first time, milliseconds of a repeat, and bytes above the start."""

    cpu_s: float
    peak_bytes: int
    repeat_ms: float | None = None


def url_of(source: str) -> str:
    """Return the address of a database, which may be a file's name."""
    return source if "://" in source else f"sqlite:///{source}"


def memory(field: str, pid: int | str = "self") -> int:
    """Bytes that Linux tells of a process: VmRSS is now, VmHWM the most ever."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def cpu_seconds(pid: int) -> float:
    """User and system time of another process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _once(work: Callable[[], Any], *, repeat: bool = False) -> Cost:
    start, began = memory("VmRSS"), time.process_time()
    work()
    cpu, peak = time.process_time() - began, memory("VmHWM") - start
    began = time.perf_counter()
    if repeat:
        work()
    return Cost(cpu, peak, (time.perf_counter() - began) * 1e3 if repeat else None)


def _counts(source: str) -> Cost:
    from arena.domain.visibility import Visibility
    from arena.services.board.leaderboard import Leaderboards
    from arena.storage.database import Database

    boards = Leaderboards(Database(url_of(source)), visibility=Visibility.PUBLIC)
    return _once(lambda: boards.board(None), repeat=True)


def _intervals(source: str) -> Cost:
    """Rates and ratings alone, without the board's counts, agreement and sides."""
    import numpy as np

    from arena.domain.board import BoardFilter
    from arena.services.board.reading import read_board
    from arena.statistics.clustered_rates import clustered_rates
    from arena.statistics.ratings import rate_models
    from arena.storage.database import Database

    def compute() -> None:
        with Database(url_of(source)).reading() as connection:
            comparisons = read_board(connection, BoardFilter()).comparisons
        clustered_rates(comparisons)
        rate_models(comparisons, random=np.random.default_rng(0))

    return _once(compute)


def _worker(method: str, number: int) -> Callable[[str], Cost]:
    """All of the worker process up to an answer, its start and its imports included.

    Answers count from 1. A repeat is what the server takes to have the last answer again.
    """

    def measured(source: str) -> Cost:
        import asyncio

        from arena.domain.board import BoardFilter
        from arena.domain.visibility import Visibility
        from arena.services.board.on_request import BoardStatistics
        from arena.services.board.worker import Answer, Question
        from arena.services.board.worker_process import Heard, StatisticsProcess
        from arena.storage.database import Database

        url = url_of(source)
        process = StatisticsProcess(url)
        costs: list[Cost] = []

        def ask(question: Question, heard: Heard) -> Answer:
            def measured(answer: Answer) -> None:
                assert process.pid is not None
                costs.append(Cost(cpu_seconds(process.pid), memory("VmHWM", process.pid)))
                heard(answer)

            return process.ask(question, measured)

        statistics = BoardStatistics(Database(url), visibility=Visibility.PUBLIC, ask=ask)

        async def answered() -> None:
            asked = getattr(statistics, method)(None, BoardFilter())
            if isinstance(asked, Awaitable):
                await asked
            else:
                [_ async for _ in asked]

        asyncio.run(answered())
        began = time.perf_counter()
        asyncio.run(answered())
        repeat = time.perf_counter() - began
        statistics.close()
        process.close()
        return replace(costs[number - 1], repeat_ms=repeat * 1e3)

    return measured


def _evalica(source: str) -> Cost:
    """Rows into a frame and point estimates: no interval, no tie counted as such."""
    import evalica
    import pandas as pd

    winners = {
        "a_better": evalica.Winner.X,
        "b_better": evalica.Winner.Y,
        "tie": evalica.Winner.Draw,
        "both_bad": evalica.Winner.Draw,
    }

    def compute() -> None:
        frame = pd.read_sql(_ROWS, sqlite3.connect(source))
        evalica.bradley_terry(
            frame["model_id_a"], frame["model_id_b"], frame["verdict"].map(winners)
        )

    return _once(compute)


def _pandas(source: str) -> Cost:
    """Rows into a frame and counts of every pair: no interval at all."""
    import pandas as pd

    def compute() -> None:
        frame = pd.read_sql(_ROWS, sqlite3.connect(source))
        frame.groupby(["model_id_a", "model_id_b", "verdict"]).size().unstack(fill_value=0)

    return _once(compute)


WAYS: Mapping[str, Callable[[str], Cost]] = {
    "counts and rates": _counts,
    "two-way intervals of rates and ratings": _intervals,
    "worker, from its start to intervals": _worker("boards", 1),
    "worker, from its start to agreement": _worker("boards", 2),
    "worker, from its start to data quality": _worker("quality", 1),
    "worker, from its start to categories": _worker("by_category", 1),
    "pandas: counts": _pandas,
    "evalica: ratings without intervals": _evalica,
}

if __name__ == "__main__":
    print(json.dumps(asdict(WAYS[sys.argv[1]](sys.argv[2]))))
