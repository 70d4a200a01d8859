"""The same two million votes in a file and on PostgreSQL: what boards of them cost the arena."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from tests.benchmarks.boards import VOTES, least, measured
from tests.benchmarks.ledger import Size, fill
from tests.fakes.postgres import migrated_template, running_server

_ROUNDS = 3
_WAYS = (
    "counts and rates",
    "worker, from its start to intervals",
    "worker, from its start to agreement",
)
_TABLES = ("annotators", "models", "outcomes")
"""What boards read, in the order in which one refers to the other."""


def server_boards_table() -> str:
    """CPU and memory of the arena's own processes; what the server takes is not among them."""
    with tempfile.TemporaryDirectory() as name, running_server() as server:
        file, keys = Path(name) / "ledger.db", Path(name)
        fill(file, Size(votes=VOTES), outcomes_only=True)
        url = server.url(migrated_template(server, keys), keys)
        _load(file, url)
        return "\n".join(_lines({"SQLite": str(file), "PostgreSQL": url}))


def _lines(sources: dict[str, str]) -> Iterator[str]:
    yield f"{VOTES:,} votes on 50 models, the least of {_ROUNDS} rounds, each in its own process."
    yield ""
    yield "| way | database | CPU | memory above the start |"
    yield "|---|---|---|---|"
    rounds = [
        {(way, kind): measured(way, source) for way in _WAYS for kind, source in sources.items()}
        for _ in range(_ROUNDS)
    ]
    for way, kind in rounds[0]:
        cost = least([one[way, kind] for one in rounds])
        yield f"| {way} | {kind} | {cost.cpu_s:.2f} s | {cost.peak_bytes / 1e6:,.0f} MB |"


def _load(file: Path, url: str) -> None:
    """Copy the tables past all rules, which would take minutes."""
    address, _, _ = url.partition("&keys=")
    with closing(sqlite3.connect(file)) as read, psycopg.connect(address) as write:
        write.execute("SET session_replication_role = replica")
        write.execute("SET TIME ZONE 'UTC'")
        for table in _TABLES:
            _copy(read, write, table)
        write.execute("UPDATE board_version SET number = 1")
        write.commit()
        write.autocommit = True
        write.execute("VACUUM ANALYZE")


def _copy(read: sqlite3.Connection, write: psycopg.Connection[Any], table: str) -> None:
    rows = read.execute(f'SELECT * FROM "{table}"')
    names = [name for name, *_ in rows.description]
    found = write.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
        (table,),
    )
    kinds = {str(name): kind for name, kind in found}
    truths = [number for number, name in enumerate(names) if kinds[name] == "boolean"]
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table), SQL(", ").join(map(Identifier, names))
    )
    with write.cursor() as cursor, cursor.copy(into) as copying:
        for row in rows:
            values = list(row)
            for number in truths:
                values[number] = bool(values[number])
            copying.write_row(values)
