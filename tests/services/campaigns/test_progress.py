"""Progress as annotators and the people who run a campaign see it."""

from datetime import timedelta
from random import Random

import pytest

from arena.domain.campaign import CampaignAnnotator, Crowd, ProtocolKind
from arena.domain.evaluation import EvaluationProgress, NothingToJudge
from arena.domain.verdict import Verdict
from arena.services.campaigns.evaluation.evaluations import CampaignEvaluations
from arena.services.campaigns.progress import PartProgress, ProgressReports
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns.members import CrowdIdentity
from arena.storage.database import Database
from tests.fakes.campaigns import CATEGORIES, MORNING, NAME, CampaignDesk, planned, prefers
from tests.storage.old_ledgers import rows

EVEN = prefers({}, Random(1))


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


@pytest.fixture
def evaluations(desk: CampaignDesk) -> CampaignEvaluations:
    return CampaignEvaluations(desk.database, desk.clock, desk.assigning)


class TestOfACampaign:
    def test_it_counts_ballots_by_models_category_and_annotator(self, desk: CampaignDesk) -> None:
        desk.open(planned(models=3, judged=6, overlap=2, check_items=1, repeats=0.2))
        ada, bob = desk.people(2)
        for _ in range(12):
            assert desk.judge_next(ada, EVEN)
        item = desk.next(bob)
        assert item is not None
        desk.assigning.skip(bob, item.assignment_id, "unclear")
        desk.next(bob)
        found = ProgressReports(desk.database, desk.clock).progress(NAME)

        judged = found.members[0].judged
        assert found.total == PartProgress(36, judged, 1)
        assert list(map(len, found.by_models)) == [2, 2, 2]
        assert {part.wanted for part in found.by_models.values()} == {12}
        assert sum(part.judged for part in found.by_models.values()) == judged
        assert found.by_category.keys() == set(CATEGORIES)
        assert sum(part.judged for part in found.by_category.values()) == judged
        assert judged + found.members[0].repeats + found.members[0].checks == 12
        assert found.members[0].last_at == MORNING + timedelta(seconds=30 * 11)
        assert (found.members[1].skipped, found.members[1].reserved) == (1, 1)

    def test_it_tells_when_the_last_ballot_comes_by_the_present_rate(
        self, desk: CampaignDesk
    ) -> None:
        desk.open(planned(judged=30, overlap=1))
        reports = ProgressReports(desk.database, desk.clock)
        assert reports.progress(NAME).ends_at is None
        (ada,) = desk.people(1)
        for _ in range(10):
            desk.judge_next(ada, EVEN)
            desk.clock.pass_by(hours=24)
        expected = desk.clock.now() + timedelta(days=7) * 20 / 6
        assert abs(reports.progress(NAME).ends_at - expected) < timedelta(days=3)  # type: ignore[operator]
        while desk.judge_next(ada, EVEN):
            pass
        assert reports.progress(NAME).ends_at is None

    def test_a_campaign_without_items_wants_nothing(self, desk: CampaignDesk) -> None:
        desk.campaigns.create(planned())
        found = ProgressReports(desk.database, desk.clock).progress(NAME)
        assert found.total == PartProgress(0, 0, 0)

    def test_there_must_be_one(self, desk: CampaignDesk) -> None:
        with pytest.raises(CampaignRefused):
            ProgressReports(desk.database, desk.clock).progress(NAME)


class TestOfAnAnnotator:
    def test_all_that_the_page_asks_for_comes_from_one_object(
        self, desk: CampaignDesk, evaluations: CampaignEvaluations
    ) -> None:
        people = (CampaignAnnotator("ada"), CampaignAnnotator("bob"))
        desk.open(planned(judged=6, overlap=2, annotators=people))
        ada = desk.person("ada")
        assert evaluations.campaigns(ada) == (NAME,)
        standing = evaluations.standing(ada, NAME)
        assert standing.progress == EvaluationProgress(0, 0, 6)
        assert (standing.begun, standing.nothing, standing.finish) == (True, None, None)

        item = evaluations.next(ada, NAME)
        assert not isinstance(item, NothingToJudge)
        assert evaluations.campaign_of(ada, item.assignment_id) == NAME
        desk.judge(ada, item, EVEN(item, ("m0", "m1")))
        assert evaluations.item(ada, item.assignment_id).revisable
        assert evaluations.cards(ada, item.assignment_id) == ()
        assert evaluations.standing(ada, NAME).progress == EvaluationProgress(1, 1, 6)
        desk.clock.pass_by(days=1)
        assert evaluations.standing(ada, NAME).progress.today == 0

    def test_strangers_learn_that_they_are_no_members(
        self, desk: CampaignDesk, evaluations: CampaignEvaluations
    ) -> None:
        desk.open(planned())
        desk.campaigns.create(planned(name="autumn"))
        standing = evaluations.standing(desk.person("ada"), "autumn")
        assert standing.nothing is NothingToJudge.NOT_A_MEMBER
        assert standing.words.guidelines is None

    def test_whoever_has_finished_gets_the_completion_code(
        self, desk: CampaignDesk, evaluations: CampaignEvaluations
    ) -> None:
        crowd = Crowd(people=1, parameters={"annotator": "PID"}, completion_code="C1A2")
        desk.open(planned(judged=1, overlap=1, annotators=()))
        ada = desk.person("ada")
        desk.campaigns.create(planned(judged=1, overlap=1, crowd=crowd))
        desk.membership.join(ada, NAME, crowd=CrowdIdentity("p"))
        assert desk.judge_next(ada, EVEN)
        assert evaluations.standing(ada, NAME).finish is None
        assert evaluations.next(ada, NAME) is NothingToJudge.FINISHED
        assert evaluations.standing(ada, NAME).finish == "C1A2"


def test_a_planted_preference_comes_out(desk: CampaignDesk) -> None:
    """One campaign of 300 ballots where the first model wins 70 %: the share is within 3 sd."""
    desk.open(planned(models=2, judged=75, overlap=4))
    judge = prefers({"m0": 7, "m1": 3}, Random(5))
    people = desk.people(6)
    while people:
        people = [who for who in people if desk.judge_next(who, judge)]
    stored = rows(desk.database)
    numbers = {row["key"]: row["id"] for row in stored["models"]}
    wins = sum(
        (row["verdict"] == Verdict.A_BETTER) == (row["model_id_a"] == numbers["m0"])
        for row in stored["outcomes"]
    )
    assert len(stored["outcomes"]) == 300
    assert abs(wins / 300 - 0.7) < 3 * (0.7 * 0.3 / 300) ** 0.5


def test_rankings_of_a_planted_preference_order_the_models(desk: CampaignDesk) -> None:
    desk.open(planned(models=4, judged=30, overlap=2, kind=ProtocolKind.ALL_AT_ONCE))
    judge = prefers({"m0": 8, "m1": 4, "m2": 2, "m3": 1}, Random(5), ranked=True)
    people = desk.people(3)
    while people:
        people = [who for who in people if desk.judge_next(who, judge)]
    stored = rows(desk.database)
    names = {row["id"]: row["key"] for row in stored["models"]}
    points = dict.fromkeys(names.values(), 0)
    for row in stored["outcomes"]:
        won = "model_id_a" if row["verdict"] == Verdict.A_BETTER else "model_id_b"
        points[names[row[won]]] += 1
    assert sorted(points, key=lambda key: -points[key]) == ["m0", "m1", "m2", "m3"]
