"""What annotators read of their own progress: so many of so many, never more than there are."""

from random import Random

import pytest

from arena.domain.accounts import Caller
from arena.domain.campaign import CampaignAnnotator
from arena.domain.evaluation import EvaluationProgress
from arena.services.campaigns.evaluation.standing import Standings
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers

ANYHOW = prefers({}, Random(1))
TWO = (CampaignAnnotator("ada"), CampaignAnnotator("bob"))
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


def test_a_check_item_in_front_of_an_annotator_comes_on_top(desk: CampaignDesk) -> None:
    desk.open(planned(judged=1, overlap=2, check_items=1, annotators=TWO))
    ada = desk.person("ada")
    desk.judge_next(ada, ANYHOW)
    desk.assigning.next(ada, NAME)
    assert (progress(desk, ada).judged, progress(desk, ada).expected) == (1, 2)
