"""What a draw costs on two million votes, by need and where a vote tells most."""

import os
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import closing
from itertools import permutations
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import insert

from arena.domain.conversation import ModelKey
from arena.domain.informed_pairing import draw_informed
from arena.domain.pairing import draw
from arena.services.battle.pair_information import PairInformation
from arena.storage.battles import drawn_pairs
from arena.storage.boards import model_keys
from arena.storage.database import Database
from arena.storage.schema import draws
from tests.benchmarks.ledger import Size, fill

_VOTES = int(os.environ.get("BENCH_VOTES", "2000000"))
_DRAWS = 300
_COUNTS = 3


def draws_table() -> str:
    """CPU of a draw with its reading of counts, and of counting what pairs tell."""
    with tempfile.TemporaryDirectory() as name:
        url = fill(Path(name) / "ledger.db", Size(votes=_VOTES), outcomes_only=True)
        with closing(Database(url)) as database:
            return "\n".join(_lines(database))


def _lines(database: Database) -> list[str]:
    with database.writing() as connection:
        keys = sorted(model_keys(connection).values())
        met = [{"ordering": " ".join(pair), "drawn": 800} for pair in permutations(keys, 2)]
        connection.execute(insert(draws), met)
    counted = [_counted(database, set(keys)) for _ in range(_COUNTS)]
    gains, weights, random = counted[0][1].gains, dict.fromkeys(keys, 1.0), Random(1)
    assert gains is not None
    with database.reading() as connection:
        ways: dict[str, Callable[[], object]] = {
            "reading how often pairs met": lambda: drawn_pairs(connection),
            "and drawing by need": lambda: draw(
                weights=weights, slots=2, met=drawn_pairs(connection), random=random
            ),
            "and drawing where a vote tells most": lambda: draw_informed(
                weights=weights, gains=gains, met=drawn_pairs(connection), random=random
            ),
        }
        rows = [f"| {way} | {_median_ms(do):.1f} ms |" for way, do in ways.items()]
    return [
        f"{_VOTES:,} votes on {len(keys)} models; CPU, of draws the median of {_DRAWS}.",
        "",
        "| what | CPU |",
        "|---|---|",
        *rows,
        f"| counting the votes anew, at most every 30 s | {min(cpu for cpu, _ in counted):.2f} s |",
    ]


def _counted(database: Database, models: Collection[ModelKey]) -> tuple[float, PairInformation]:
    information, began = PairInformation(database, models), time.thread_time()
    information.count()
    return time.thread_time() - began, information


def _median_ms(do: Callable[[], object]) -> float:
    took = []
    for _ in range(_DRAWS):
        began = time.thread_time()
        do()
        took.append(time.thread_time() - began)
    return 1e3 * median(took)
