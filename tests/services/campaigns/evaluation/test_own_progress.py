"""What annotators read of their own progress: so many of a share that does not move."""

from dataclasses import replace
from random import Random

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import CampaignAnnotator, Crowd
from arena.domain.evaluation import EvaluationProgress
from arena.services.campaigns.evaluation.standing import Standings
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, CampaignDesk, models_shown, planned, prefers

ANYHOW = prefers({}, Random(1))
TWO = (CampaignAnnotator("ada"), CampaignAnnotator("bob"))
CROWD = Crowd(people=2, parameters={"annotator": "PID"}, completion_code="C1")
FOUR = (*TWO, CampaignAnnotator("cleo"), CampaignAnnotator("dan"))


def progress(desk: CampaignDesk, who: Caller) -> EvaluationProgress:
    return Standings(desk.database, desk.clock).standing(who, NAME).progress


@pytest.mark.parametrize(
    ("overlap", "people", "share"), [(2, TWO, 6), (1, TWO[:1], 6), (2, FOUR, 3)]
)
def test_the_item_in_front_of_an_annotator_is_one_of_their_share(
    desk: CampaignDesk, overlap: int, people: tuple[CampaignAnnotator, ...], share: int
) -> None:
    desk.open(planned(judged=6, overlap=overlap, annotators=people))
    ada = desk.person("ada")
    assert progress(desk, ada).expected == share
    desk.assigning.next(ada, NAME)
    assert progress(desk, ada).expected == share


def test_nobody_is_told_of_more_than_they_can_judge(desk: CampaignDesk) -> None:
    desk.open(planned(judged=6, overlap=2, annotators=TWO))
    ada = desk.person("ada")
    said = [progress(desk, ada)]
    while desk.judge_next(ada, ANYHOW):
        said.append(progress(desk, ada))
    assert [(one.judged, one.expected) for one in said] == [(done, 6) for done in range(7)]


@pytest.mark.parametrize(("items", "repeats"), [(5, 0), (28, 1), (30, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_whoever_judges_their_whole_share_sees_its_last_number(
    database: Database, items: int, repeats: int, seed: int
) -> None:
    desk = CampaignDesk(database, random=Random(seed))
    desk.open(planned(judged=items, overlap=2, repeats=0.05, annotators=TWO))
    ada = desk.person("ada")
    while desk.judge_next(ada, ANYHOW):
        pass
    done = progress(desk, ada)
    assert (done.judged, done.expected) == (items + repeats, items + repeats)


def test_the_share_stays_what_it_is_while_others_come_judge_skip_and_leave(
    desk: CampaignDesk,
) -> None:
    desk.open(planned(judged=6, overlap=2, annotators=FOUR))
    ada, bob = desk.person("ada"), desk.person("bob")
    said = [progress(desk, ada).expected]
    for _ in range(5):
        desk.judge_next(bob, ANYHOW)
        said.append(progress(desk, ada).expected)
    item = desk.next(ada)
    assert item is not None
    desk.assigning.skip(ada, item.assignment_id, "unclear")
    desk.person("cleo")
    said.append(progress(desk, ada).expected)
    while desk.judge_next(ada, ANYHOW):
        said.append(progress(desk, ada).expected)
    assert set(said) == {3}
    assert progress(desk, ada).judged > 3


def test_where_nobody_is_expected_in_particular_there_is_no_share(desk: CampaignDesk) -> None:
    desk.open(planned(judged=6, overlap=2))
    ada = desk.person("ada")
    desk.judge_next(ada, ANYHOW)
    assert progress(desk, ada) == EvaluationProgress(1, 1, None)


@pytest.mark.parametrize("crowd", [None, CROWD], ids=["named", "crowd"])
@pytest.mark.parametrize("seed", range(3))
def test_the_total_does_not_tell_repeats_and_check_items_apart(
    database: Database, crowd: Crowd | None, seed: int
) -> None:
    """A total that grew when one comes would say that this one is watched."""
    desk = CampaignDesk(database, random=Random(seed))
    plan = planned(judged=24, overlap=2, repeats=0.2, check_items=4, annotators=TWO)
    desk.open(plan)
    ada = desk.person("ada")
    desk.person("bob")
    if crowd is not None:
        desk.campaigns.create(replace(plan, crowd=crowd, annotators=()))
    said = [progress(desk, ada)]
    while (item := desk.next(ada)) is not None:
        said.append(progress(desk, ada))
        desk.judge(ada, item, ANYHOW(item, models_shown(item)))
        said.append(progress(desk, ada))
        desk.clock.pass_by(seconds=30)
    assert {one.expected for one in said} == {24 + 5 + 4}
    assert said[-1].judged == 24 + 5 + 4
