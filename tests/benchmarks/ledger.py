"""A large ledger of votes, written past the triggers that would take minutes: no shop for tests."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arena.domain.verdict import Verdict
from arena.storage.battles import prompt_hash
from arena.storage.database import Database
from arena.storage.migrate import migrate

_NOON = "2026-03-01 12:00:00.{:06d}"
_CATEGORIES = ("writing", "coding", "math", "reasoning", "agent", "multilingual")
_VERDICTS = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    votes: int
    models: int = 50
    annotators: int = 2_000
    prompts: int = 5_000


def fill(path: Path, size: Size, *, outcomes_only: bool = False) -> str:
    """Make a database and return its URL; with `outcomes_only` just what boards read."""
    url = f"sqlite:///{path}"
    database = Database(url)
    migrate(database)
    database.close()
    connection = sqlite3.connect(path)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = triggers.fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    _people(connection, size)
    for table, rows in _tables(size).items():
        if table == "outcomes" or not outcomes_only:
            marks = ", ".join("?" * len(next(iter(rows(0, 1)))))
            for start in range(0, size.votes, 50_000):
                connection.executemany(
                    f"INSERT INTO {table} VALUES ({marks})",
                    rows(start, min(start + 50_000, size.votes)),
                )
    for _, statement in triggers:
        connection.execute(statement)
    connection.execute("UPDATE board_version SET number = 1")
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return url


def _people(connection: sqlite3.Connection, size: Size) -> None:
    noon = _NOON.format(0)
    connection.executemany(
        "INSERT INTO annotators VALUES (?, ?, 'annotator', NULL, NULL, ?, NULL)",
        ((number + 1, f"annotator-{number}", noon) for number in range(size.annotators)),
    )
    connection.executemany(
        "INSERT INTO models VALUES (?, ?, 'f', ?, 'catalogue', NULL, '{}', '{}', ?)",
        ((n + 1, f"model-{n:02d}-chat", f"Model {n}", noon) for n in range(size.models)),
    )


def _tables(size: Size) -> dict[str, Any]:
    random = np.random.default_rng(7)
    strength = np.linspace(-0.8, 0.8, size.models)
    a = random.integers(0, size.models, size.votes)
    b = (a + 1 + random.integers(0, size.models - 1, size.votes)) % size.models
    better = random.random(size.votes) < 1 / (1 + np.exp(strength[b] - strength[a]))
    draw = random.random(size.votes)
    verdict = np.where(draw < 0.14, 2, np.where(draw < 0.24, 3, np.where(better, 0, 1)))
    annotator = random.integers(1, size.annotators + 1, size.votes)
    prompt = random.integers(0, size.prompts, size.votes)
    flagged = random.random(size.votes) < 0.03
    hashes = [prompt_hash(_prompt(number)) for number in range(size.prompts)]

    def battles(start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        for n in range(start, stop):
            when = _NOON.format(n % 1_000_000)
            category = _CATEGORIES[prompt[n] % len(_CATEGORIES)]
            who = int(annotator[n])
            yield (_battle(n), who, "voted", category, "en", 0.01, when, when, when)

    def slots(start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        for n in range(start, stop):
            for position, model in enumerate((int(a[n]), int(b[n]))):
                yield (_battle(n), position, model + 1, f"model-{model:02d}-chat")

    def turns(start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        for n in range(start, stop):
            which = int(prompt[n])
            yield (_battle(n), 1, _prompt(which), _NOON.format(n % 1_000_000), hashes[which])

    def votes(start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        for n in range(start, stop):
            said = _VERDICTS[verdict[n]].value
            when = _NOON.format(n % 1_000_000)
            yield (n + 1, _battle(n), int(annotator[n]), said, "", 31.4, when)

    def outcomes(start: int, stop: int) -> Iterator[tuple[Any, ...]]:
        for n in range(start, stop):
            flag = int(flagged[n])
            yield (
                *(n + 1, 0, 1, int(a[n]) + 1, int(b[n]) + 1, _VERDICTS[verdict[n]].value, 2),
                *(flag, flag, 0, 0, _CATEGORIES[prompt[n] % len(_CATEGORIES)], "en"),
                *(int(annotator[n]), hashes[prompt[n]], _NOON.format(n % 1_000_000)),
            )

    return {
        "battles": battles,
        "slots": slots,
        "turns": turns,
        "votes": votes,
        "outcomes": outcomes,
    }


def _battle(number: int) -> str:
    return f"battle-{number:015d}"


def _prompt(number: int) -> str:
    return f"Prompt {number}: explain in two paragraphs why the sky is blue, and then in one line."
