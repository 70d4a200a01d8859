"""Campaigns in a line: numbers as on their pages, by as few queries for many as for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from arena.domain.assignment import CampaignState
from arena.domain.campaign import Campaign, ProtocolKind
from arena.domain.workload import workload_of
from arena.services.administration.campaign_summaries import CampaignSummaries
from arena.services.campaigns.progress import ProgressReports
from arena.services.campaigns.replies.plans import CampaignReplies
from arena.storage.campaigns import ensure_campaign
from arena.storage.campaigns.summaries import _WHITE_SPACE
from arena.storage.database import Database
from tests.fakes.campaigns import MORNING, NAME, CampaignDesk, planned, prefers, put_replies

ALL_AT_ONCE = ProtocolKind.ALL_AT_ONCE


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    return CampaignDesk(database)


@pytest.fixture
def summaries(desk: CampaignDesk) -> CampaignSummaries:
    return CampaignSummaries(desk.database, desk.clock)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect what is asked of the database."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def mostly_said(model: str, prompt: str, turn: int) -> str:
    """Return a text with letters, but for one reply."""
    return "\u3000\n" if (model, prompt) == ("m0", "p2") else f"{model} {prompt} {turn}"


def asked_for(database: Database, summaries: CampaignSummaries) -> int:
    with statements(database) as asked:
        summaries.all()
    return sum(not statement.startswith("BEGIN") for statement in asked)


def test_fifty_campaigns_take_as_many_queries_as_one(
    desk: CampaignDesk, summaries: CampaignSummaries
) -> None:
    desk.open(planned(models=3, check_items=1))
    one = asked_for(desk.database, summaries)
    for number in range(49):
        desk.campaigns.create(planned(name=f"more-{number}", judged=2))

    assert len(summaries.all()) == 50
    assert asked_for(desk.database, summaries) == one <= 6


@pytest.mark.parametrize(
    "campaign",
    [
        planned(models=3, repeats=0.3, check_items=2),
        planned(models=4, turns=2, kind=ALL_AT_ONCE, overlap=3),
        planned(models=4, pairs_per_prompt=2, overlap_on_disagreement=4),
        planned(pairs_per_prompt=9, overlap=1),
    ],
    ids=["checks", "all at once", "sample", "one pair"],
)
@pytest.mark.parametrize("opened", [False, True])
def test_a_summary_says_what_the_page_says(
    desk: CampaignDesk, summaries: CampaignSummaries, campaign: Campaign, *, opened: bool
) -> None:
    if opened:
        desk.open(campaign)
        ranked = campaign.protocol.kind is ALL_AT_ONCE
        for person in desk.people(3):
            for _ in range(5):
                desk.judge_next(person, prefers({}, Random(5), ranked=ranked))
    else:
        desk.campaigns.create(campaign)
        with desk.database.writing() as connection:
            put_replies(connection, without=[("p1", "m1")], text=mostly_said)

    told = summaries.of(NAME)

    progress = ProgressReports(desk.database, desk.clock).progress(NAME)
    _, places = CampaignReplies(desk.database).places(NAME)
    wanted = progress.total.wanted if opened else workload_of(campaign).ballots
    assert (told.replies, told.replies_wanted) == (
        sum(one.status.has_text for one in places),
        len(places),
    )
    assert (told.ballots, told.ballots_wanted) == (progress.total.judged, wanted)
    assert told.ends_at == progress.ends_at
    assert (told.prompts, told.models) == (len(campaign.prompts), len(campaign.models))
    assert told in summaries.all()


def test_the_newest_version_is_told_and_imported_votes_are_no_campaign(
    desk: CampaignDesk, summaries: CampaignSummaries
) -> None:
    assert summaries.all() == ()
    desk.campaigns.create(planned())
    desk.campaigns.create(planned(name="second"))
    desk.campaigns.create(replace(planned(), overlap=3))
    with desk.database.writing() as connection:
        ensure_campaign(connection, "imported", MORNING)

    second, first = summaries.all()

    assert (second.name, second.version, second.overlap) == ("second", 1, 2)
    assert (first.name, first.version, first.overlap) == (NAME, 2, 3)
    assert first.state is CampaignState.CREATED


def test_a_text_of_white_space_is_none_by_the_rule_of_python() -> None:
    every = (chr(code) for code in range(0x110000))

    assert {letter for letter in every if letter.isspace()} == set(_WHITE_SPACE)
