"""What annotators read of their own progress: so many of so many, never more than there are."""

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


def test_what_an_annotator_skipped_is_no_longer_theirs(desk: CampaignDesk) -> None:
    desk.open(planned(judged=6, overlap=2, annotators=TWO))
    ada = desk.person("ada")
    item = desk.assigning.next(ada, NAME)
    desk.assigning.skip(ada, item.assignment_id, "unclear")  # type: ignore[union-attr]
    assert progress(desk, ada).expected == 5


@pytest.mark.parametrize("crowd", [None, CROWD], ids=["named", "crowd"])
@pytest.mark.parametrize("seed", range(3))
def test_the_total_does_not_tell_repeats_and_check_items_apart(
    database: Database, crowd: Crowd | None, seed: int
) -> None:
    """A total that grew when one comes would say that this one is watched."""
    desk = CampaignDesk(database, random=Random(seed))
    plan = planned(judged=24, overlap=2, repeats=0.2, check_items=4)
    desk.open(plan)
    ada = desk.person("ada")
    desk.person("bob")
    if crowd is not None:
        desk.campaigns.create(replace(plan, crowd=crowd))
    said = [progress(desk, ada)]
    while (item := desk.next(ada)) is not None:
        said.append(progress(desk, ada))
        desk.judge(ada, item, ANYHOW(item, models_shown(item)))
        said.append(progress(desk, ada))
        desk.clock.pass_by(seconds=30)
    assert {one.expected for one in said} == {24 + 5 + 4}
    assert said[-1].judged == 24 + 5 + 4
