"""People of a crowd who come at the same instant."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import Crowd
from arena.domain.evaluation import NothingToJudge
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.storage.database import Database
from tests.fakes.campaigns import CampaignDesk, planned
from tests.storage.old_ledgers import rows

CROWD = Crowd(people=4, parameters={"annotator": "PID"}, completion_code="C1")
AT_ONCE = 12


@pytest.fixture
def crowds(database: Database) -> Crowds:
    desk = CampaignDesk(database)
    desk.open(planned(crowd=CROWD))
    return Crowds(database, desk.clock)


def come(crowds: Crowds, *people: str) -> list[Caller | NothingToJudge]:
    def one(person: str) -> Caller | NothingToJudge:
        arrival = crowds.arrival({"PID": [person]})
        assert arrival is not None
        return crowds.admit(arrival)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, people))


def test_one_person_who_clicks_many_times_is_one_account(
    database: Database, crowds: Crowds
) -> None:
    callers = come(crowds, *["p-1"] * AT_ONCE)
    assert len(set(callers)) == 1
    assert len(rows(database)["campaign_members"]) == 1


def test_no_more_people_come_than_the_file_wants(database: Database, crowds: Crowds) -> None:
    found = come(crowds, *[f"p-{number}" for number in range(AT_ONCE)])
    assert sum(isinstance(one, Caller) for one in found) == CROWD.people
    assert found.count(NothingToJudge.FULL) == AT_ONCE - CROWD.people
    assert len(rows(database)["campaign_members"]) == CROWD.people
