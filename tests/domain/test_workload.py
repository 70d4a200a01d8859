"""The work in a campaign, counted by hand."""

from dataclasses import replace

import pytest

from arena.domain.campaign import (
    Campaign,
    CampaignAnnotator,
    CampaignModel,
    CampaignPrompt,
    CampaignReveal,
    CheckItem,
    Protocol,
    ProtocolKind,
    StopRules,
    TimeLimits,
)
from arena.domain.conversation import ModelKey
from arena.domain.workload import Workload, workload_of

PROMPTS = tuple(
    CampaignPrompt(id=str(number), turns=("Hello?",), language="en") for number in range(60)
)
CAMPAIGN = Campaign(
    name="pilot",
    prompts=PROMPTS,
    categories={},
    models=tuple(CampaignModel(ModelKey(key), key) for key in "abcd"),
    protocol=Protocol(kind=ProtocolKind.PAIRWISE),
    overlap=2,
    repeats=0.05,
    check_items=(CheckItem(PROMPTS[0], "yes", "no"),) * 3,
    questions=(),
    guidelines=None,
    consent=None,
    reveal=CampaignReveal.NEVER,
    stop=StopRules(),
    time_limits=TimeLimits(),
    annotators=tuple(CampaignAnnotator(name) for name in "ABCDEFGH"),
    crowd=None,
)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (
            Protocol(kind=ProtocolKind.PAIRWISE),
            Workload(
                items=360, ballots=720, comparisons=720, repeats=40, checks=24, per_annotator=98
            ),
        ),
        (
            Protocol(kind=ProtocolKind.PAIRWISE, pairs_per_prompt=2),
            Workload(
                items=120, ballots=240, comparisons=240, repeats=16, checks=24, per_annotator=35
            ),
        ),
        (
            Protocol(kind=ProtocolKind.ALL_AT_ONCE),
            Workload(
                items=60, ballots=120, comparisons=720, repeats=8, checks=24, per_annotator=19
            ),
        ),
    ],
    ids=["all pairs", "a sample of pairs", "all at once"],
)
def test_a_protocol_asks_for_so_many_ballots(protocol: Protocol, expected: Workload) -> None:
    assert workload_of(replace(CAMPAIGN, protocol=protocol)) == expected


def test_repeats_are_those_that_each_annotator_is_given() -> None:
    """Of ten ballots of each of two people one in twenty is half a repeat: each is given one."""
    two = replace(CAMPAIGN, prompts=PROMPTS[:10], models=CAMPAIGN.models[:2], check_items=())
    work = workload_of(replace(two, annotators=CAMPAIGN.annotators[:2]))

    assert (work.ballots, work.repeats, work.per_annotator) == (20, 2, 11)


def test_of_few_ballots_nobody_is_asked_for_a_repeat() -> None:
    few = replace(CAMPAIGN, prompts=PROMPTS[:5], models=CAMPAIGN.models[:2], check_items=())
    work = workload_of(replace(few, annotators=CAMPAIGN.annotators[:2]))

    assert (work.ballots, work.repeats, work.per_annotator) == (10, 0, 5)


def test_without_people_nobody_has_a_share() -> None:
    work = workload_of(replace(CAMPAIGN, annotators=()))

    assert (work.ballots, work.checks, work.per_annotator) == (720, 0, None)
