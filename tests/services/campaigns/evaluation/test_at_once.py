"""Many people at the same instant: no item above its overlap, and none lost."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import ProtocolKind
from arena.domain.evaluation import ItemView
from tests.fakes.campaigns import CampaignDesk, planned, prefers
from tests.storage.old_ledgers import rows

PEOPLE = 40
JUDGE = prefers({}, Random(1))
RANK = prefers({}, Random(1), ranked=True)


def taken(desk: CampaignDesk) -> list[int]:
    return sorted(int(str(row["taken"])) for row in rows(desk.database)["items"])


@pytest.mark.parametrize("kind", list(ProtocolKind))
def test_forty_threads_take_the_last_items(desk: CampaignDesk, kind: ProtocolKind) -> None:
    desk.open(planned(judged=9, overlap=3, kind=kind))
    people = desk.people(PEOPLE)
    together = Barrier(PEOPLE)

    def ask(who: Caller) -> ItemView | None:
        together.wait()
        return desk.next(who)

    with ThreadPoolExecutor(PEOPLE) as pool:
        found = list(pool.map(ask, people))

    assert taken(desk) == [3] * 9
    assert sum(item is not None for item in found) == 27
    for who, item in zip(people, found, strict=True):
        if item is not None:
            desk.judge(who, item, (JUDGE if kind == "pairwise" else RANK)(item, ("m0", "m1")))
    assert len(rows(desk.database)["votes"]) == 27
    assert desk.next(people[0]) is None


def test_an_annotator_on_many_machines_has_one_item(desk: CampaignDesk) -> None:
    desk.open(planned(judged=9, overlap=3))
    ada = desk.person("ada")
    together = Barrier(10)

    def ask(_: int) -> ItemView | None:
        together.wait()
        return desk.next(ada)

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(ask, range(10)))
    assert len({item.assignment_id for item in found if item is not None}) == 1
    assert sum(taken(desk)) == 1


def test_a_click_that_comes_many_times_is_one_vote(desk: CampaignDesk) -> None:
    desk.open(planned(judged=2))
    ada = desk.person("ada")
    item = desk.next(ada)
    assert item is not None
    ballot = JUDGE(item, ("m0", "m1"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: desk.judge(ada, item, ballot), range(8)))
    stored = rows(desk.database)
    assert len(stored["votes"]) == len(stored["outcomes"]) == 1
    assert stored["vote_revisions"] == []


def test_two_servers_take_the_last_items(desk: CampaignDesk) -> None:
    desk.open(planned(judged=10, overlap=3))
    people = desk.people(PEOPLE)
    servers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.fakes.campaign_server"),
                desk.database.url,
                *(f"{who.id}:{who.name}" for who in people[number::2]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for server in servers:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    found = [server.communicate(timeout=120)[0] for server in servers]

    assert [server.returncode for server in servers] == [0, 0]
    assert taken(desk) == [3] * 10
    answers = Counter(" ".join(found).split())
    assert answers == {"item": 30, "nothing": 10}
    assert len(rows(desk.database)["assignments"]) == 30
