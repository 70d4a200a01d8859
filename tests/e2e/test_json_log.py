"""The log of a served arena as JSON: battles by id, and no prompt unless asked."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena, serving
from tests.fakes.openai_server import Answer, error, fake_openai_server

PROMPT = "My neighbour Ulla Quist is ill: what should I cook for her on Sunday?"


@contextmanager
def quoting_server() -> Iterator[str]:
    """A model's server that refuses every request and repeats what it was asked."""

    def refuse(body: dict[str, Any]) -> Answer:
        return error(400, f"I do not like «{body['messages'][-1]['content']}»")

    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    started = threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with fake_openai_server(refuse) as server:
            found.append(server.base_url)
            started.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    assert started.wait(30)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def lines(arena: ServedArena) -> list[dict[str, Any]]:
    """The objects of the log; what is printed for people begins otherwise."""
    return [json.loads(line) for line in arena.output.splitlines() if line.startswith("{")]


def pair() -> str:
    return catalog(
        ant=scripted_model("Ant", "A short answer."), bee=scripted_model("Bee", "Another one.")
    )


def test_battles_and_votes_are_logged_by_id_and_prompts_are_not(tmp_path: Path) -> None:
    with (
        serving(tmp_path, pair(), {"ARENA_LOG_FORMAT": "json"}) as arena,
        HttpAnnotator(arena.address) as ada,
    ):
        ada.load()
        ada.fire("send", prompt=PROMPT)
        assert ada.fire("vote-tie").revealed
    battle = arena.value("SELECT id FROM battles")
    events = [line for line in lines(arena) if line["logger"] == "arena.events"]
    assert [event["message"] for event in events] == [
        "a turn has begun",
        "a turn has ended",
        "a vote is stored",
    ]
    assert {event["battle"] for event in events} == {battle}
    assert (events[1]["turn"], events[1]["state"]) == (1, "complete")
    assert events[1]["seconds"] > 0
    assert PROMPT not in arena.output


def test_prompts_are_logged_where_the_operator_asks_for_them(tmp_path: Path) -> None:
    settings = {"ARENA_LOG_FORMAT": "json", "ARENA_LOG_PROMPTS": "true"}
    with serving(tmp_path, pair(), settings) as arena, HttpAnnotator(arena.address) as ada:
        ada.load()
        ada.fire("send", prompt=PROMPT)
    assert [line["prompt"] for line in lines(arena) if "prompt" in line] == [PROMPT]


def test_no_failure_brings_a_prompt_into_the_log(tmp_path: Path) -> None:
    with quoting_server() as address:
        remote = {"backend": "openai", "base_url": address, "max_context": 4096}
        models = catalog(
            cow=scripted_model("Cow", "A short answer."),
            dog={"name": "Dog", "model": "some-model", **remote},
        )
        with (
            serving(tmp_path, models, {"ARENA_LOG_FORMAT": "json"}) as arena,
            HttpAnnotator(arena.address) as ada,
        ):
            ada.load()
            ada.fire("send", prompt=PROMPT)
            forbid_new_battles(arena.database)
            assert ada.fire("send", prompt=PROMPT).refusal
    assert arena.rows("SELECT state FROM battles") == [("void",)]
    assert "dog failed" in arena.output
    assert "not now" in arena.output
    assert "Ulla" not in arena.output


def forbid_new_battles(database: Path) -> None:
    """Let the database refuse the next prompt, with a traceback in the log."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
