"""`kill -9` of `arena campaign generate`: no reply is lost, and none is made twice."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from arena.storage.database import Database
from tests.e2e.scripts import catalog, scripted_model
from tests.endurance import FACTOR
from tests.fakes.stored_campaigns import count, store_campaign
from tests.fakes.waiting import wait_until

MODELS = ("ant", "bee", "cat", "dog")
Prompts = Sequence[str | list[str]]
MIXED: Prompts = (
    *([f"Question {number}?", "And then?"] for number in range(3)),
    *(f"Question {number}?" for number in range(3, 12)),
)
LONG: Prompts = [f"Question {number}?" for number in range(60)]
RUNS = [(MIXED, 3)] if FACTOR == 1 else [(MIXED, 10), (LONG, 10)]
"""Prompts, and how often their generation is killed; 60 make 240 replies."""

SCRIPT = {"tokens_per_second": 60.0, "first_token_delay_s": 0.1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a catalog of scripted models."""
    rows = {
        key: scripted_model(key.title(), f"This is what the {key} says. " * 3, script=SCRIPT)
        for key in MODELS
    }
    (tmp_path / "models.yaml").write_text(catalog(**rows), encoding="utf-8")
    return tmp_path


def generating(folder: Path, url: str, name: str = "pilot") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "arena", "campaign", "generate", name, "--json"]
    return subprocess.Popen(
        [*command, "--models", str(folder / "models.yaml"), "--database-url", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(folder: Path, url: str, name: str = "pilot") -> list[dict[str, int]]:
    """Generate to the end; returns what was done for each model."""
    process = generating(folder, url, name)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return list(json.loads(out)["generated"])


def stored(database: Database) -> int:
    with closing(sqlite3.connect(database.path)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM replies").fetchone()
        return int(number)


def kill_at(moment: int, folder: Path, database: Database) -> None:
    """Generate until so many replies are stored, then kill the process at once."""
    with generating(folder, database.url) as process:
        wait_until(lambda: stored(database) >= moment)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def replies_to(prompts: Prompts) -> int:
    """Return how many replies all models give."""
    return sum(1 if isinstance(one, str) else len(one) for one in prompts) * len(MODELS)


@pytest.mark.parametrize(("prompts", "kills"), RUNS)
def test_no_reply_is_lost_or_made_twice(
    folder: Path, database: Database, prompts: Prompts, kills: int
) -> None:
    store_campaign(database, *prompts, models=MODELS)
    replies = replies_to(prompts)
    for moment in sorted(Random(12).sample(range(1, replies - 1), kills)):
        kill_at(moment, folder, database)
        assert count(database, "replies") == count(database, "campaign_replies")

    before = stored(database)
    done = finished(folder, database.url)

    assert before < replies
    assert sum(one["requests"] for one in done) == replies - before
    assert count(database, "replies") == count(database, "campaign_replies") == replies
    twice = "(SELECT 1 FROM replies GROUP BY model_id, conversation_hash HAVING count(*) > 1)"
    assert count(database, twice) == 0
    assert count(database, "replies WHERE finish_reason <> 'stop'") == 0
    assert count(database, "pragma_foreign_key_check") == 0

    store_campaign(database, *prompts, models=MODELS, name="second")
    second = finished(folder, database.url, "second")
    assert [(one["requests"], one["reused"]) for one in second] == [
        (0, replies // len(MODELS)) for _ in MODELS
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_cleanly_and_keeps_what_is_whole(
    folder: Path, database: Database, number: signal.Signals
) -> None:
    store_campaign(database, *MIXED, models=MODELS)
    process = generating(folder, database.url)
    wait_until(lambda: stored(database) > 0)
    process.send_signal(number)
    _, err = process.communicate()

    assert process.returncode == 130, err
    assert err.splitlines()[-1] == ("Stopped. Every whole reply is kept; the same command goes on.")
    assert "Traceback" not in err
    assert count(database, "replies") == count(database, "campaign_replies") < replies_to(MIXED)
