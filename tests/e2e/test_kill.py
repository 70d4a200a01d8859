"""`kill -9` of the whole server under a stream of votes: what was acknowledged is kept."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Condition

import httpx
import pytest

from tests.e2e.driver import HttpAnnotator
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena
from tests.endurance import FACTOR

PEOPLE = 4
ROUNDS = 1 if FACTOR == 1 else 3 * FACTOR
VOTES_A_ROUND = 12
VERDICTS = {
    "vote-a-better": "a_better",
    "vote-b-better": "b_better",
    "vote-tie": "tie",
    "vote-both-bad": "both_bad",
}


class Ledger:
    """What clients were told: the verdict of every revealed battle, by its prompt."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, str] = {}
        self._grown = Condition()
        self._numbers = count()

    def new_prompt(self) -> str:
        """Nobody else asks the same."""
        with self._grown:
            return f"Question number {next(self._numbers)}?"

    def note(self, prompt: str, verdict: str) -> None:
        """A vote was acknowledged."""
        with self._grown:
            self.acknowledged[prompt] = verdict
            self._grown.notify_all()

    def wait_for(self, number: int) -> None:
        """Until so many votes have been acknowledged in all."""
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.acknowledged) >= number, timeout=60)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[ServedArena]:
    script = {"tokens_per_second": 2000.0}
    models = catalog(
        mayfly=scripted_model("Mayfly", "a quick answer " * 3, script=script),
        moth=scripted_model("Moth", "another quick answer " * 3, script=script),
    )
    arena = ServedArena(tmp_path / "mortal", models)
    yield arena
    arena.kill()


@pytest.mark.timeout(240 * FACTOR)
def test_every_acknowledged_vote_survives_kills(mortal: ServedArena) -> None:
    ledger = Ledger()
    mortal.start()
    page = complete_battle(mortal)
    for number in range(1, ROUNDS + 1):
        with ThreadPoolExecutor(PEOPLE) as people:
            voting = [people.submit(vote_until_the_end, mortal, ledger) for _ in range(PEOPLE)]
            try:
                ledger.wait_for(number * VOTES_A_ROUND)
            finally:
                mortal.kill()
        assert all(one.exception() is None for one in voting)
        interrupted = states(mortal).get("generating", 0)

        mortal.start()

        with closing(page.http):
            page.fire("send", prompt="And after the restart?")
            assert page.fire("vote-tie").revealed, "a page that was open goes on"
        page = complete_battle(mortal)
        assert stored(mortal).items() >= ledger.acknowledged.items()
        assert states(mortal).get("generating", 0) == 0
        assert states(mortal).get("stopped", 0) >= min(interrupted, 1)
        assert mortal.value("PRAGMA integrity_check") == "ok"
        assert mortal.rows("PRAGMA foreign_key_check") == []
    page.http.close()
    assert mortal.value("SELECT count(*) FROM votes") == states(mortal)["voted"]


def complete_battle(arena: ServedArena) -> HttpAnnotator:
    """Somebody's page, with two answers to vote on."""
    annotator = HttpAnnotator(arena.address)
    annotator.load()
    assert annotator.fire("send", prompt="Before the kill?").refusal == ""
    return annotator


def vote_until_the_end(arena: ServedArena, ledger: Ledger) -> None:
    """One person plays and votes until the server is gone."""
    try:
        with HttpAnnotator(arena.address) as annotator:
            annotator.load()
            for target in cycle_of_targets():
                prompt = ledger.new_prompt()
                annotator.fire("send", prompt=prompt)
                if annotator.fire(target).revealed:
                    ledger.note(prompt, VERDICTS[target])
    except (httpx.TransportError, httpx.StreamError):
        return


def cycle_of_targets() -> Iterator[str]:
    while True:
        yield from VERDICTS


def stored(arena: ServedArena) -> dict[str, str]:
    """Verdicts in the database by prompt."""
    return dict(arena.rows("SELECT prompt, verdict FROM votes JOIN turns USING (battle_id)"))


def states(arena: ServedArena) -> dict[str, int]:
    """Number of battles by state."""
    with closing(sqlite3.connect(arena.database)) as connection:
        return dict(
            connection.execute("SELECT state, count(*) FROM battles GROUP BY state").fetchall()
        )
