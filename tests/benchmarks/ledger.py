"""A large ledger of votes, written past the triggers, which would take minutes."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
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
Row = dict[str, Any]
"""A row of a table by column; all rows of a table have the same columns in the same order."""


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
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = found.fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    _people(connection, size)
    drawn = _draw(size)
    for table, row in _ROWS.items():
        if table == "outcomes" or not outcomes_only:
            _insert(connection, table, (row(drawn, number) for number in range(size.votes)))
    if not outcomes_only:
        both = (_slot_row(drawn, number, side) for number in range(size.votes) for side in (0, 1))
        _insert(connection, "slots", both)
    for _, statement in triggers:
        connection.execute(statement)
    connection.execute("UPDATE board_version SET number = 1")
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return url


def _people(connection: sqlite3.Connection, size: Size) -> None:
    noon = _NOON.format(0)
    _insert(connection, "annotators", (_annotator_row(n, noon) for n in range(size.annotators)))
    _insert(connection, "models", (_model_row(n, noon) for n in range(size.models)))


def _annotator_row(n: int, when: str) -> Row:
    return {"id": n + 1, "name": f"annotator-{n}", "role": "annotator", "created_at": when}


def _model_row(n: int, when: str) -> Row:
    named = {"id": n + 1, "key": _key(n), "name": f"Model {n}", "fingerprint": "f"}
    return named | {"origin": "catalogue", "card": "{}", "configuration": "{}", "created_at": when}


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """One number for each vote, drawn from known strengths; `hashes` of all prompts."""

    models: tuple[Any, Any]
    verdict: Any
    annotator: Any
    prompt: Any
    flagged: Any
    hashes: list[int]


def _draw(size: Size) -> _Drawn:
    random = np.random.default_rng(7)
    strength = np.linspace(-0.8, 0.8, size.models)
    a = random.integers(0, size.models, size.votes)
    b = (a + 1 + random.integers(0, size.models - 1, size.votes)) % size.models
    better = random.random(size.votes) < 1 / (1 + np.exp(strength[b] - strength[a]))
    kind = random.random(size.votes)
    return _Drawn(
        models=(a, b),
        verdict=np.where(kind < 0.14, 2, np.where(kind < 0.24, 3, np.where(better, 0, 1))),
        annotator=random.integers(1, size.annotators + 1, size.votes),
        prompt=random.integers(0, size.prompts, size.votes),
        flagged=random.random(size.votes) < 0.03,
        hashes=[prompt_hash(_prompt(number)) for number in range(size.prompts)],
    )


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    rows = iter(rows)
    first = next(rows)
    marks = ", ".join("?" * len(first))
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(first)}) VALUES ({marks})",
        (tuple(row.values()) for row in chain([first], rows)),
    )


def _battle_row(drawn: _Drawn, n: int) -> Row:
    when = _time(n)
    return {
        "id": _battle(n),
        "annotator_id": int(drawn.annotator[n]),
        "state": "voted",
        "category": _category(drawn, n),
        "language": "en",
        "pair_probability": 0.01,
        "created_at": when,
        "completed_at": when,
        "revealed_at": when,
    }


def _slot_row(drawn: _Drawn, n: int, side: int) -> Row:
    model = int(drawn.models[side][n])
    return {
        "battle_id": _battle(n),
        "position": side,
        "model_id": model + 1,
        "model_key": _key(model),
    }


def _turn_row(drawn: _Drawn, n: int) -> Row:
    which = int(drawn.prompt[n])
    said = {"prompt": _prompt(which), "prompt_hash": drawn.hashes[which]}
    return {"battle_id": _battle(n), "number": 1, "created_at": _time(n), **said}


def _vote_row(drawn: _Drawn, n: int) -> Row:
    return {
        "id": n + 1,
        "battle_id": _battle(n),
        "annotator_id": int(drawn.annotator[n]),
        "verdict": _VERDICTS[drawn.verdict[n]].value,
        "comment": "",
        "reading_s": 31.4,
        "created_at": _time(n),
    }


def _outcome_row(drawn: _Drawn, n: int) -> Row:
    flag, prompt = int(drawn.flagged[n]), drawn.hashes[drawn.prompt[n]]
    a, b = (int(side[n]) + 1 for side in drawn.models)
    compared = {"vote_id": n + 1, "position_a": 0, "position_b": 1, "model_id_a": a}
    flags = {"flagged": flag, "recognised": flag, "identity_leak": 0, "truncated": 0}
    return {
        **compared,
        "model_id_b": b,
        "verdict": _VERDICTS[drawn.verdict[n]].value,
        "slots": 2,
        **flags,
        "category": _category(drawn, n),
        "language": "en",
        "annotator_id": int(drawn.annotator[n]),
        "prompt_hash": prompt,
        "created_at": _time(n),
        "item_hash": prompt >> 1,
    }


_ROWS = {
    "battles": _battle_row,
    "turns": _turn_row,
    "votes": _vote_row,
    "outcomes": _outcome_row,
}


def _time(number: int) -> str:
    return _NOON.format(number % 1_000_000)


def _category(drawn: _Drawn, number: int) -> str:
    return _CATEGORIES[drawn.prompt[number] % len(_CATEGORIES)]


def _key(model: int) -> str:
    return f"model-{model:02d}-chat"


def _battle(number: int) -> str:
    return f"battle-{number:015d}"


def _prompt(number: int) -> str:
    return f"Prompt {number}: explain in two paragraphs why the sky is blue, and then in one line."
