"""An arena that is asked to end lets the answers that are being written come whole."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from arena.web.common.texts import load_texts
from tests.e2e.driver import HttpAnnotator, Outcome
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena
from tests.fakes.waiting import wait_until

ANSWER = "one word after another " * 10
ENDING = load_texts().by_language["en"]["error.ending"]
TERMINATED = 128 + signal.SIGTERM


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[ServedArena]:
    """Two models that take ten seconds for an answer: more than a busy machine needs to look."""
    script = {"tokens_per_second": 8.0}
    models = catalog(
        ox=scripted_model("Ox", ANSWER, script=script),
        yak=scripted_model("Yak", ANSWER, script=script),
    )
    arena = ServedArena(tmp_path / "slow", models, {"ARENA_SHUTDOWN_SECONDS": "60"})
    arena.start()
    yield arena
    arena.kill()


def generating(arena: ServedArena) -> bool:
    states = arena.rows("SELECT state FROM battles")
    return ("generating",) in states


def asked(person: HttpAnnotator, pool: ThreadPoolExecutor) -> "Future[Outcome]":
    person.load()
    return pool.submit(person.fire, "send", prompt="What is left?")


def test_a_running_battle_is_seen_to_its_end_and_no_other_begins(slow: ServedArena) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        HttpAnnotator(slow.address) as ada,
        HttpAnnotator(slow.address) as bob,
    ):
        bob.load()
        answering = asked(ada, pool)
        wait_until(lambda: generating(slow))
        slow.signal()
        slow.await_answer("/readyz", httpx.codes.SERVICE_UNAVAILABLE)
        assert bob.fire("send", prompt="Me too?").refusal == ENDING
        outcome = answering.result()
    assert outcome.succeeded
    assert slow.await_end() == TERMINATED
    assert slow.rows("SELECT state FROM battles") == [("complete",)]
    assert {text.strip() for (text,) in slow.rows("SELECT text FROM replies")} == {ANSWER.strip()}
    assert "battles are still answering: 1" in slow.output


def test_a_second_signal_stops_the_answers(slow: ServedArena) -> None:
    with ThreadPoolExecutor(1) as pool, HttpAnnotator(slow.address) as ada:
        answering = asked(ada, pool)
        wait_until(lambda: generating(slow))
        slow.signal()
        slow.await_answer("/readyz", httpx.codes.SERVICE_UNAVAILABLE)
        slow.signal()
        assert slow.await_end() == TERMINATED
        answering.exception()
    assert slow.rows("SELECT state FROM battles") == [("stopped",)]
    assert "Traceback" not in slow.output


def test_the_last_line_of_a_start_says_where_the_arena_is(slow: ServedArena) -> None:
    wait_until(lambda: "Ready: " in slow.output)
    assert slow.output.splitlines()[-1] == (
        f"Ready: 2 models, {slow.address}/, admin {slow.address}/admin/"
    )
