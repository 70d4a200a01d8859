"""Two servers of one PostgreSQL database behind a real nginx: each owns what it generates."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from arena.domain.battle import BattleState
from arena.storage.database import Database
from tests.e2e.bestiary import QUICK, bestiary
from tests.e2e.driver import HttpAnnotator
from tests.e2e.nginx import needs_nginx, nginx
from tests.e2e.scripts import catalog, scripted_model
from tests.e2e.serving import ServedArena, ServerDied, serving
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.postgres, needs_nginx()]

PEOPLE = 6
_SLOW = {"tokens_per_second": 8.0}
LONG = "A word and another one, and so on. " * 8


class Left(Exception):
    """The annotator has closed the tab while the answers stream."""


class Leaver(HttpAnnotator):
    """Sends a prompt, and leaves as soon as the answers begin to stream."""

    def leave(self, prompt: str) -> None:
        with suppress(Left):
            self.fire("send", prompt=prompt)

    def _messages(self) -> Iterator[dict[str, Any]]:
        for message in super()._messages():
            yield message
            if message["msg"] == "process_generating":
                raise Left


@dataclass
class Replicas:
    """Two servers, the address of the nginx before them, and the database of both."""

    servers: tuple[ServedArena, ServedArena]
    address: str
    database: Database

    def rows(self, query: str, **values: Any) -> list[Any]:
        """All that a query finds."""
        with self.database.reading() as connection:
            return [*connection.execute(text(query), values)]

    def state_of(self, battle_id: str) -> str:
        """As the ledger says."""
        ((state,),) = self.rows("SELECT state FROM battles WHERE id = :id", id=battle_id)
        return str(state)


def _models() -> str:
    return catalog(
        fig=scripted_model("Fig", LONG, script=_SLOW),
        oak=scripted_model("Oak", LONG, script=_SLOW),
    )


@pytest.fixture(params=[bestiary])
def replicas(
    tmp_path: Path,
    new_postgresql_url: Callable[[Path, int], str],
    request: pytest.FixtureRequest,
) -> Iterator[Replicas]:
    models: Callable[[], str] = request.param
    url = new_postgresql_url(tmp_path, 0)
    with ExitStack() as held:
        servers = tuple(
            held.enter_context(serving(tmp_path / name, models(), url=url)) for name in "ab"
        )
        first, second = servers
        address = held.enter_context(nginx(tmp_path / "nginx", first.port, second.port))
        database = Database(url)
        held.callback(database.close)
        yield Replicas((first, second), address, database)


def test_people_are_spread_and_every_vote_is_stored_once(replicas: Replicas) -> None:
    def votes(_: int) -> list[str]:
        voted = []
        with HttpAnnotator(replicas.address) as person:
            for _ in range(2):
                assert person.fire("send", prompt=QUICK).succeeded
                voted.append(person.hidden["battle-shown"].split(" ")[0])
                assert person.fire("vote-tie").revealed
        return voted

    with ThreadPoolExecutor(PEOPLE) as pool:
        acknowledged = [battle for found in pool.map(votes, range(PEOPLE)) for battle in found]

    stored = [str(battle) for (battle,) in replicas.rows("SELECT battle_id FROM votes")]
    assert sorted(stored) == sorted(acknowledged)
    owners = replicas.rows("SELECT DISTINCT owner FROM battles")
    assert set(owners) == set(replicas.rows("SELECT owner FROM leases"))
    assert len(owners) == 2


@pytest.mark.parametrize("replicas", [_models], indirect=True)
def test_a_server_that_is_killed_takes_its_own_battles_alone_and_people_go_on(
    replicas: Replicas,
) -> None:
    dying, living = replicas.servers
    with (
        Leaver(dying.address) as here,
        Leaver(living.address) as there,
        ThreadPoolExecutor(1) as pool,
    ):
        here.leave("Why?")
        there.leave("Why not?")
        lost, kept = (one.hidden["battle-shown"].split(" ")[0] for one in (here, there))
        generating = [BattleState.GENERATING.value] * 2
        assert [replicas.state_of(one) for one in (lost, kept)] == generating
        dying.kill()

        with HttpAnnotator(replicas.address, cookies=_cookies(here)) as again:
            waiting = pool.submit(again.load)
            wait_until(lambda: replicas.state_of(kept) == BattleState.COMPLETE.value)
            assert replicas.state_of(lost) == BattleState.GENERATING.value
            _expire_lease_of(replicas, lost)
            assert waiting.result(60).succeeded
            assert replicas.state_of(lost) == BattleState.STOPPED.value
            assert again.fire("retry").refusal == ""
            assert again.fire("vote-a-better").revealed
        with HttpAnnotator(replicas.address, cookies=_cookies(there)) as other:
            other.load()
            assert other.fire("vote-b-better").revealed

    assert {str(battle) for (battle,) in replicas.rows("SELECT battle_id FROM votes")} == {
        *(lost, kept)
    }


def test_a_server_with_other_keys_is_refused(replicas: Replicas, tmp_path: Path) -> None:
    address, _, _ = replicas.database.url.partition("&keys=")
    other = ServedArena(tmp_path / "c", bestiary(), url=f"{address}&keys={tmp_path / 'keys'}")
    with pytest.raises(ServerDied, match="give all servers of a database the same two files"):
        other.start()


def _cookies(person: HttpAnnotator) -> httpx.Cookies:
    """Return the session of a person for another address of the same arena."""
    return httpx.Cookies({cookie.name: cookie.value or "" for cookie in person.http.cookies.jar})


def _expire_lease_of(replicas: Replicas, battle_id: str) -> None:
    """Let the lease of a battle's server run out, which takes a minute."""
    expired = text(
        "UPDATE leases SET expires_at = now() - interval '1 second' "
        "WHERE owner = (SELECT owner FROM battles WHERE id = :id)"
    )
    with replicas.database.writing() as connection:
        connection.execute(expired, {"id": battle_id})
