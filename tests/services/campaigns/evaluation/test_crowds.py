"""People from a crowd platform: one account for each, an equal share, and work that goes on."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from arena.domain.accounts import Caller
from arena.domain.assignment import CampaignState
from arena.domain.campaign import Crowd
from arena.domain.errors import BadInput, NotAllowed, Refusal
from arena.domain.evaluation import NothingToJudge
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.services.campaigns.evaluation.standing import Standing, Standings
from arena.services.people import People, PersonRefused
from arena.storage.database import Database
from arena.storage.people import set_disabled
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers, put_replies
from tests.storage.old_ledgers import rows

CROWD = Crowd(
    people=4,
    parameters={"annotator": "PROLIFIC_PID", "study": "STUDY_ID", "session": "SESSION_ID"},
    completion_code="C1A2B3C4",
)
ANYHOW = prefers({}, Random(1))


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    desk = CampaignDesk(database)
    desk.open(planned(judged=6, overlap=2, crowd=CROWD, check_items=1))
    return desk


@pytest.fixture
def crowds(desk: CampaignDesk) -> Crowds:
    return Crowds(desk.database, desk.clock)


def sent(person: str = "p-1", **more: str) -> dict[str, Sequence[str]]:
    """The parameters of an address."""
    return {"PROLIFIC_PID": [person], **{name: [value] for name, value in more.items()}}


def comes(crowds: Crowds, person: str) -> Caller | NothingToJudge:
    arrival = crowds.arrival(sent(person))
    assert arrival is not None
    return crowds.admit(arrival)


def caller(crowds: Crowds, person: str) -> Caller:
    found = comes(crowds, person)
    assert isinstance(found, Caller), found
    return found


def store(desk: CampaignDesk, name: str, **terms: Any) -> None:
    """Store one more campaign with all replies."""
    desk.campaigns.create(planned(name=name, **terms))
    with desk.database.writing() as connection:
        put_replies(connection, name)


def judge_all(desk: CampaignDesk, who: Caller, most: int = 1000) -> int:
    """Judge until nothing is left, or so many; returns how many that were."""
    return next(n for n in range(most + 1) if n == most or not desk.judge_next(who, ANYHOW))


def standing(desk: CampaignDesk, who: Caller) -> Standing:
    return Standings(desk.database, desk.clock).standing(who, NAME)


class TestIdentity:
    def test_a_new_person_becomes_a_member_with_a_name_that_says_nothing(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        arrival = crowds.arrival(sent("5f3c", STUDY_ID="s-1", SESSION_ID="x-1"))
        assert arrival is not None
        person = crowds.admit(arrival)

        (member,) = rows(desk.database)["campaign_members"]
        who = (member["external_id"], member["study"], member["session"])
        assert who == ("5f3c", "s-1", "x-1")
        assert isinstance(person, Caller)
        assert person.name.startswith("crowd-")
        assert "5f3c" not in person.name

    def test_the_same_person_comes_back_to_the_same_account(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        assert comes(crowds, "p-1") == comes(crowds, "p-1")
        assert comes(crowds, "p-2") != comes(crowds, "p-1")
        assert len(rows(desk.database)["campaign_members"]) == 2

    @pytest.mark.parametrize(
        "parameters",
        [
            sent(""),
            sent("x" * 101),
            sent("{{%PROLIFIC_PID%}}"),
            sent("a b"),
            sent("ä"),
            sent("p\0"),
            sent("p\n"),
            sent(STUDY_ID="<b>"),
            sent(SESSION_ID=""),
            {"PROLIFIC_PID": ["p-1", "p-2"]},
        ],
    )
    def test_values_that_no_platform_sends_are_refused(
        self, desk: CampaignDesk, crowds: Crowds, parameters: dict[str, Sequence[str]]
    ) -> None:
        with pytest.raises(BadInput, match=Refusal.CROWD_ADDRESS.value):
            crowds.arrival(parameters)
        assert "campaign_members" not in rows(desk.database) or (
            rows(desk.database)["campaign_members"] == []
        )

    def test_a_closed_account_stays_out(self, desk: CampaignDesk, crowds: Crowds) -> None:
        person = caller(crowds, "p-1")
        with desk.database.writing() as connection:
            set_disabled(connection, person.id, desk.clock.now())
        with pytest.raises(NotAllowed):
            comes(crowds, "p-1")

    def test_nobody_is_invited_under_a_name_of_the_crowd(self, desk: CampaignDesk) -> None:
        with pytest.raises(PersonRefused, match="kept for the arena"):
            People(desk.database, desk.clock).add([("crowd-1", None)])

    def test_people_of_a_crowd_join_no_other_campaign(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        person = caller(crowds, "p-1")
        store(desk, "for everybody")
        desk.openings.open("for everybody")
        desk.membership.join_open(person)
        assert len(rows(desk.database)["campaign_members"]) == 1


class TestWhichCampaign:
    def test_parameters_of_no_crowd_are_nobodys(self, crowds: Crowds) -> None:
        assert crowds.arrival({"utm_source": ["mail"]}) is None
        assert crowds.arrival(sent(), "another") is None

    def test_of_two_open_campaigns_the_address_names_one(
        self, desk: CampaignDesk, crowds: Crowds, caplog: pytest.LogCaptureFixture
    ) -> None:
        store(desk, "autumn", crowd=CROWD)
        only = crowds.arrival(sent())
        assert only is not None
        assert only.campaign == NAME
        desk.openings.open("autumn")

        named = crowds.arrival(sent(), "autumn")
        assert named is not None
        assert named.campaign == "autumn"
        with pytest.raises(BadInput):
            crowds.arrival(sent())
        assert "add campaign=NAME" in caplog.text

    def test_the_same_id_in_two_campaigns_is_two_accounts(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        person = caller(crowds, "p-1")
        store(desk, "autumn", crowd=CROWD)
        desk.openings.open("autumn")
        arrival = crowds.arrival(sent("p-1"), "autumn")
        assert arrival is not None
        assert crowds.admit(arrival) != person

    @pytest.mark.parametrize(
        ("act", "reason"),
        [("pause", NothingToJudge.PAUSED), ("close", NothingToJudge.CLOSED)],
    )
    def test_a_campaign_that_takes_no_votes_takes_nobody_new(
        self, desk: CampaignDesk, crowds: Crowds, act: str, reason: NothingToJudge
    ) -> None:
        known = caller(crowds, "p-1")
        getattr(desk.openings, act)(NAME)
        assert comes(crowds, "p-2") is reason
        assert comes(crowds, "p-1") == known

    def test_nor_does_one_that_is_not_open_yet(self, database: Database) -> None:
        desk = CampaignDesk(database)
        desk.campaigns.create(planned(crowd=CROWD))
        assert comes(Crowds(database, desk.clock), "p-1") is NothingToJudge.NOT_OPEN
        assert rows(database)["campaigns"][0]["state"] == CampaignState.CREATED.value
        assert rows(database).get("annotators", []) == []


class TestShares:
    def test_everybody_judges_an_equal_share_and_each_check_item_and_gets_the_code(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        for number in range(CROWD.people):
            person = caller(crowds, f"p-{number}")
            assert standing(desk, person).finish is None
            assert standing(desk, person).progress.expected == 4
            assert judge_all(desk, person) == 3 + 1
            assert standing(desk, person).finish == "C1A2B3C4"
        taken = [row["taken"] for row in rows(desk.database)["items"] if row["models"]]
        assert taken == [2] * 6

    def test_whoever_has_the_code_keeps_it_when_the_campaign_is_closed(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        person = caller(crowds, "p-1")
        judge_all(desk, person)
        desk.openings.close(NAME)
        assert standing(desk, person).finish == "C1A2B3C4"

    def test_more_people_than_wanted_are_not_let_in(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        for number in range(CROWD.people):
            caller(crowds, f"p-{number}")
        assert comes(crowds, "p-9") is NothingToJudge.FULL
        assert isinstance(comes(crowds, "p-0"), Caller)

    def test_the_work_of_who_left_goes_to_the_next(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        for number in range(CROWD.people):
            person = caller(crowds, f"left-{number}")
            judge_all(desk, person, most=1)
            assert desk.next(person) is not None
        assert comes(crowds, "p-0") is NothingToJudge.FULL
        desk.clock.pass_by(hours=2)

        for number in range(CROWD.people):
            found = comes(crowds, f"p-{number}")
            if isinstance(found, Caller):
                judge_all(desk, found)

        taken = [row["taken"] for row in rows(desk.database)["items"] if row["models"]]
        assert taken == [2] * 6
        assert comes(crowds, "p-99") is NothingToJudge.FULL

    def test_nobody_gets_a_code_without_having_judged(
        self, desk: CampaignDesk, crowds: Crowds
    ) -> None:
        late = caller(crowds, "late")
        others = [caller(crowds, f"p-{number}") for number in range(3)]
        for person in others:
            judge_all(desk, person)
        for number in range(5):
            desk.clock.pass_by(hours=2)
            found = comes(crowds, f"q-{number}")
            if isinstance(found, Caller):
                judge_all(desk, found)

        assert desk.assigning.next(late, NAME) is NothingToJudge.FULL
        assert standing(desk, late).finish is None
